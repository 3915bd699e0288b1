package io.holdfast.engine.group;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.collections.IntArrayList;

/**
 * How much of its topics a group reads before anybody asks for it: in each topic so many messages
 * as the largest buffer of the open subscriptions has room for, and {@link #MAX_BYTES} in all of
 * them together. Thread-safe.
 */
public final class ReadAhead {
  /**
   * Bytes at which nothing more is read ahead. Each topic may hold one message above it, for it is
   * looked at before a message is read.
   */
  public static final int MAX_BYTES = 1 << 20;

  /** What a message takes beside its payload and attributes, about. */
  static final int OBJECTS = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final IntArrayList buffers = new IntArrayList(); // guarded by lock
  private volatile int messages; // written under lock, read by all
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Prefetch> topics = ConcurrentHashMap.newKeySet();

  /** Makes one of a group that has no subscription. */
  public ReadAhead() {
    // The fields are set where they are declared.
  }

  /**
   * A subscription is opened.
   *
   * @param buffer messages that it allows to be read ahead in each topic, 0 or more
   */
  public void opened(int buffer) {
    lock.lock();
    try {
      buffers.addInt(buffer);
      messages = Math.max(messages, buffer);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A subscription is over. With the last one all that was read ahead is let go.
   *
   * @param buffer that it was opened with
   */
  public void closed(int buffer) {
    lock.lock();
    try {
      buffers.removeInt(buffer);
      messages = buffers.intStream().max().orElse(0);
    } finally {
      lock.unlock();
    }
    if (messages == 0) {
      topics.forEach(Prefetch::letGo);
    }
  }

  /**
   * Bytes of messages that are read and not handed out.
   *
   * @return of all topics; those of a batch count until the last one is handed out
   */
  public long bytes() {
    return bytes.get();
  }

  void add(Prefetch topic) {
    topics.add(topic);
  }

  void remove(Prefetch topic) {
    topics.remove(topic);
  }

  /** Messages that may be read ahead in each topic; 0 where no subscription is open. */
  int messages() {
    return messages;
  }

  boolean hasRoom() {
    return bytes.get() < MAX_BYTES;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }
}
