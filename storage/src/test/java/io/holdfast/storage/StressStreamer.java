package io.holdfast.storage;

import io.holdfast.storage.error.OffsetDroppedException;
import io.holdfast.storage.history.History;
import io.holdfast.storage.history.Stream;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** The reader of a stress run that reads everything in order, whatever is dropped before it. */
final class StressStreamer {
  private static final int MOST_AT_ONCE = 300;
  private static final int POLLS_TO_LAG = 300;
  private static final long LAG = 2_500; // messages: several segments, fewer than writers allow
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Stream stream;
  private final Signal progress = new Signal();
  private final IdleStrategy idle = new BackoffIdleStrategy();
  private volatile long offset; // this reader writes; writers and the dropper read
  private long dropped; // times that it was told so
  private long waits;

  StressStreamer(History history) {
    this.stream = history.stream();
  }

  /** The offset that is read next. */
  long offset() {
    return offset;
  }

  /** Waits until an offset is passed, or for some time. */
  void awaitOffset(long atLeast, long nanos) throws InterruptedException {
    long version = progress.version();
    if (offset < atLeast) {
      progress.await(version, nanos);
    }
  }

  /** Reads until the store is closed. */
  void stream(TopicLog log) throws InterruptedException {
    try (LogReader reader = open(log)) {
      while (true) {
        for (int i = 0; i < POLLS_TO_LAG; i++) {
          if (poll(log, reader) == 0) {
            await(reader);
          }
        }
        lag(log);
      }
    }
  }

  /** Falls behind with the reader where it stands, so that it may be dropped there. */
  private void lag(TopicLog log) throws InterruptedException {
    Signal more = new Signal();
    log.addSignal(more);
    try {
      long version = more.version();
      while (log.visibleEnd() < offset + LAG) {
        log.checkOpen();
        more.await(version, WAIT_NANOS);
        version = more.version();
      }
    } finally {
      log.removeSignal(more);
    }
  }

  private void await(LogReader reader) throws InterruptedException {
    waits++;
    if (waits % 2 == 0) {
      reader.await(WAIT_NANOS);
    } else {
      reader.await(idle, WAIT_NANOS);
    }
  }

  private LogReader open(TopicLog log) {
    while (true) {
      try {
        return log.reader(offset);
      } catch (OffsetDroppedException e) {
        goOnAt(log.firstOffset());
      }
    }
  }

  private int poll(TopicLog log, LogReader reader) {
    try {
      return reader.poll(
          record -> LogFixture.tell(stream, record), MOST_AT_ONCE);
    } catch (OffsetDroppedException e) {
      goOn(log, reader);
      return 1;
    } finally {
      offset = reader.offset();
      progress.raise();
    }
  }

  private void goOn(TopicLog log, LogReader reader) {
    while (true) {
      long first = log.firstOffset();
      try {
        reader.seek(first);
        goOnAt(first);
        return;
      } catch (OffsetDroppedException e) {
        log.checkOpen(); // and once more, because it was dropped meanwhile
      }
    }
  }

  private void goOnAt(long first) {
    dropped++;
    stream.droppedTo(first);
    offset = first;
  }

  /** Reads what is left, when all writers have ended. */
  void readToEnd(TopicLog log) {
    try (LogReader reader = open(log)) {
      while (poll(log, reader) > 0) {
        // until nothing more is visible
      }
    }
    stream.ends(log.endOffset());
  }

  @Override
  public String toString() {
    return "streamed with %d waits, told %d times of a drop".formatted(waits, dropped);
  }
}
