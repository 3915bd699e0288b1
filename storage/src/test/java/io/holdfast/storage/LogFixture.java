package io.holdfast.storage;

import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Stream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.agrona.concurrent.CachedEpochClock;

/** What storage tests share: a settable clock, small segments, messages that tell their number. */
final class LogFixture {
  private static final byte[] NO_ATTRIBUTES = new byte[0];

  private LogFixture() {}

  static CachedEpochClock clockAt(long epochMillis) {
    CachedEpochClock clock = new CachedEpochClock();
    clock.update(epochMillis);
    return clock;
  }

  /** Segments of 1 MiB that stay small, so that a few thousand messages roll often. */
  static TopicSettings small(Durability durability) {
    return new TopicSettings(durability, 1 << 20, 100_000, new TreeMap<>());
  }

  static Store open(Path directory) {
    return Store.open(directory, config());
  }

  /** A clock that stands still, and segments that do not grow. */
  static StoreConfig config() {
    return new StoreConfig(clockAt(1_000_000)).withFirstSegment(1 << 20);
  }

  static byte[] message(long number, int length) {
    byte[] bytes = new byte[Math.max(length, 20)];
    byte[] text = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, bytes, 0, text.length);
    for (int i = text.length; i < bytes.length; i++) {
      bytes[i] = (byte) (' ' + (number + i) % 64);
    }
    return bytes;
  }

  /** Appends messages numbered by their offset. */
  static void append(TopicLog log, int count, int length) {
    RecordBatch batch = log.newBatch();
    long number = log.endOffset();
    for (int i = 0; i < count; i++) {
      byte[] payload = message(number + i, length);
      if (!batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length)) {
        log.append(batch);
        batch.clear();
        batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length);
      }
    }
    log.append(batch);
    log.force(log.endOffset());
  }

  static List<Long> offsets(TopicLog log, long from) {
    List<Long> offsets = new ArrayList<>();
    try (LogReader reader = log.reader(from)) {
      while (reader.poll(record -> offsets.add(record.offset()), 100) > 0) {
        // until nothing more is visible
      }
    }
    return offsets;
  }

  /** Tells the history checker of a record whose payload is stamped. */
  static void tell(Stream stream, RecordView record) {
    Stamp stamp = Stamp.of(record.array(), record.payloadOffset(), record.payloadLength());
    stream.read(record.offset(), stamp);
  }
}
