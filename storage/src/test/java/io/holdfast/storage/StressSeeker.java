package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.OffsetDroppedException;
import io.holdfast.storage.history.Fault;
import io.holdfast.storage.history.History;
import io.holdfast.storage.history.Stream;
import java.util.Random;

/** The reader of a stress run that goes to random offsets and times that are kept. */
final class StressSeeker {
  private static final int MOST_AT_ONCE = 40;
  private static final long WAIT_NANOS = 1_000_000;

  private final History history;
  private final Stream stream;
  private final Random random;
  private long seenOffset = -1; // of some message, whose time is known
  private long seenTime;
  private long offsets;
  private long times;
  private long dropped;

  StressSeeker(History history, Random random) {
    this.history = history;
    this.stream = history.stream();
    this.random = random;
  }

  /** Reads until the store is closed. */
  void seek(TopicLog log) throws InterruptedException {
    try (LogReader reader = log.reader(log.firstOffset())) {
      while (true) {
        seekOnce(log, reader);
      }
    } catch (OffsetDroppedException e) {
      dropped++; // between the question for the first offset and the opening
    }
  }

  private void seekOnce(TopicLog log, LogReader reader) throws InterruptedException {
    long first = log.firstOffset();
    long end = log.visibleEnd();
    if (end <= first) {
      reader.await(WAIT_NANOS);
      return;
    }
    if (random.nextInt(4) == 0 && seenOffset >= first) {
      seekTime(log, reader);
    } else {
      long to = first + (long) (random.nextDouble() * (end - first));
      offsets++;
      orDropped(log, to, () -> seekOffset(reader, to));
    }
  }

  /** Reads at an offset; when the log says that it is not kept, that is so. */
  private void orDropped(TopicLog log, long offset, Runnable read) {
    try {
      read.run();
    } catch (OffsetDroppedException e) {
      dropped++;
      long kept = log.firstOffset();
      assertTrue(offset < kept, () -> offset + " is kept, from " + kept + " on: " + e);
    }
  }

  private void seekOffset(LogReader reader, long to) {
    reader.seek(to);
    stream.startsAt(to);
    int remembered = random.nextInt(MOST_AT_ONCE);
    try {
      reader.poll(record -> read(record, to + remembered), 1 + random.nextInt(MOST_AT_ONCE));
    } catch (OffsetDroppedException e) {
      dropped++; // what was read before it counts
    }
  }

  private void read(RecordView record, long remembered) {
    LogFixture.tell(stream, record);
    if (record.offset() <= remembered) {
      seenOffset = record.offset();
      seenTime = record.timestamp();
    }
  }

  /** The first message of that time or later is at or before the one that is remembered. */
  private void seekTime(TopicLog log, LogReader reader) {
    times++;
    long time = seenTime;
    long at = log.offsetAt(time);
    if (at > seenOffset && seenOffset >= log.firstOffset()) {
      String what = "offset %d has the time %d, and that was sought and found at %d";
      history.add(Fault.LOST, what, seenOffset, time, at);
    }
    orDropped(log, at, () -> check(reader, at, time, true));
    if (at > 0) {
      orDropped(log, at - 1, () -> check(reader, at - 1, time, false));
    }
  }

  private void check(LogReader reader, long at, long time, boolean reached) {
    reader.read(
        at,
        record -> {
          if (record.offset() != at || record.timestamp() >= time != reached) {
            String what = "sought the time %d at offset %d, found offset %d with the time %d";
            history.add(Fault.LOST, what, time, at, record.offset(), record.timestamp());
          }
        });
  }

  void settle() {
    stream.settle();
  }

  @Override
  public String toString() {
    return "sought %d offsets and %d times, %d of them dropped"
        .formatted(offsets, times, dropped);
  }
}
