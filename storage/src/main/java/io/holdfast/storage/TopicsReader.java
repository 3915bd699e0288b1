package io.holdfast.storage;

import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/**
 * Reads several topics, each in its own order, and fairly: each poll begins with the topic behind
 * the one that was served last. For one thread at a time.
 */
public final class TopicsReader implements AutoCloseable {
  /** Most records of one topic that are handled before it is the next one's turn. */
  private static final int TURN = 64;

  private final Place[] places;
  private final Signal signal = new Signal();
  private int next; // whose turn it is
  private boolean closed;

  /**
   * Stands before the oldest message of each topic; {@link #reader} moves it.
   *
   * @param topics of one store, at least one
   * @throws IllegalArgumentException when there is no topic
   */
  public TopicsReader(List<TopicLog> topics) {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("expected at least one topic, found none");
    }
    places = new Place[topics.size()];
    try {
      for (int i = 0; i < places.length; i++) {
        TopicLog topic = topics.get(i);
        places[i] = new Place(topic, topic.reader(topic.firstOffset()));
        topic.addSignal(signal);
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Receives records of several topics. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Called for one record.
     *
     * @param topic whose it is
     * @param record valid during the call only
     */
    void onRecord(TopicLog topic, RecordView record);

    /**
     * Called where messages of a topic are missing; see {@link RecordHandler#onGap}.
     *
     * @param topic that misses them
     * @param from first offset that is missing
     * @param to one past the last that is missing
     */
    default void onGap(TopicLog topic, long from, long to) {
      // Who only wants what is there sees the jump in the offsets.
    }
  }

  /** A topic, where the reader stands in it, and the way from there to the handler. */
  private static final class Place implements RecordHandler {
    private final TopicLog topic;
    private final LogReader reader;
    private Handler handler; // of the poll that is under way

    Place(TopicLog topic, LogReader reader) {
      this.topic = topic;
      this.reader = reader;
    }

    @Override
    public void onRecord(RecordView record) {
      handler.onRecord(topic, record);
    }

    @Override
    public void onGap(long from, long to) {
      handler.onGap(topic, from, to);
    }
  }

  /**
   * The reader of one of the topics, to ask or to move its place.
   *
   * @param topic one of those that were given
   * @return belongs to this reader and is closed with it
   * @throws IllegalArgumentException when the topic is none of them
   */
  public LogReader reader(TopicLog topic) {
    for (Place place : places) {
      if (place.topic == topic) {
        return place.reader;
      }
    }
    throw new IllegalArgumentException(
        "expected one of this reader's topics, found '" + topic.name() + "'");
  }

  /**
   * Handles what is visible in the topics. A record counts as handled when its handler was called,
   * also when that threw.
   *
   * @param handler called for each record
   * @param limit most records to handle
   * @return how many were handled; 0 when nothing is visible in any topic
   * @throws io.holdfast.storage.error.DamagedRecordException when a record is not whole; the next
   *     poll begins with another topic
   * @throws io.holdfast.storage.error.OffsetDroppedException when a place is not kept any more; the
   *     next poll begins with another topic
   */
  public int poll(Handler handler, int limit) {
    checkOpen();
    int handled = 0;
    int idle = 0;
    while (handled < limit && idle < places.length) {
      Place place = places[next];
      next = next + 1 < places.length ? next + 1 : 0;
      place.handler = handler;
      int some = place.reader.poll(place, Math.min(TURN, limit - handled));
      handled += some;
      idle = some == 0 ? idle + 1 : 0;
    }
    return handled;
  }

  /**
   * Waits until something is visible in one of the topics, parked.
   *
   * @param nanos longest wait, nanoseconds
   * @return whether there is something
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  public boolean await(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (true) {
      long version = signal.version(); // before the look, so that no wake-up is lost
      if (isAnyVisible()) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      signal.await(version, left);
    }
  }

  /**
   * Waits until something is visible in one of the topics, in the way of an idle strategy: one that
   * spins gives the lowest latency and takes a core.
   *
   * @param idle how to wait
   * @param nanos longest wait, nanoseconds
   * @return whether there is something
   */
  public boolean await(IdleStrategy idle, long nanos) {
    long deadline = System.nanoTime() + nanos;
    idle.reset();
    while (!isAnyVisible()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      idle.idle();
    }
    return true;
  }

  private boolean isAnyVisible() {
    checkOpen();
    for (Place place : places) {
      place.topic.checkOpen();
      if (place.topic.visibleEnd() > place.reader.offset()) {
        return true;
      }
    }
    return false;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this reader of several topics has been closed");
    }
  }

  /** Closes the reader of each topic. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (Place place : places) {
        if (place != null) {
          place.topic.removeSignal(signal);
          place.reader.close();
        }
      }
    }
  }
}
