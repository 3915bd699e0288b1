package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.concurrent.CachedEpochClock;

/**
 * A closed store in memory with a topic {@code t} whose first segment, of 64 KiB, is to be changed.
 * Message n of it has the time 1,000 n.
 */
final class FlipStore {
  /** What the segment is when it is changed. */
  enum Kind {
    /** It is full, sealed and forced; a second segment follows. */
    SEALED,
    /** It is written to; behind its end stand records of an earlier life of its file. */
    ACTIVE
  }

  private static final int LENGTH = 900;

  private final Kind kind;
  private final int messages;
  private final CrashPoint point;
  private final byte[] segment;
  private final UUID id;
  private final List<Piece> pieces = new ArrayList<>();

  /** A whole record: where it stands, how many bytes it has, and its offset. */
  record Piece(int position, int length, long offset) {}

  FlipStore(Kind kind) {
    this.kind = kind;
    CrashFileSystem disk = CrashFileSystem.create();
    messages = kind == Kind.SEALED ? 75 : 40;
    CachedEpochClock clock = LogFixture.clockAt(0);
    TopicSettings settings = LogFixture.small(Durability.powerLoss());
    try (Store open = Store.open(directory(disk), new StoreConfig(clock))) {
      id = open.id();
      TopicLog log = open.createTopic("t", settings);
      for (int i = 0; i < messages; i++) {
        clock.update(1_000L * i);
        LogFixture.append(log, 1, i % 7 == 0 ? LENGTH / 3 : LENGTH);
      }
      LogFixture.append(open.createTopic("other", settings), 75, LENGTH);
    }
    if (kind == Kind.ACTIVE) {
      RecycledFixture.fillBehind(file(disk, "t", 1), file(disk, "other", 1));
    }
    segment = RecycledFixture.content(file(disk, "t", 1));
    assertEquals(64 * 1024, segment.length);
    readPieces(file(disk, "t", 1));
    point = disk.point();
  }

  private void readPieces(Path file) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      while (scanner.next()) {
        pieces.add(new Piece(scanner.position(), scanner.length(), scanner.offset()));
      }
    }
  }

  static Path directory(CrashFileSystem disk) {
    return disk.getPath("/data/store");
  }

  static Path file(CrashFileSystem disk, String topic, long number) {
    return DiskFixture.segment(directory(disk), topic, number);
  }

  /** A copy of the store, without an owner. */
  CrashFileSystem copy() {
    CrashFileSystem copy = point.killed();
    try {
      Files.deleteIfExists(directory(copy).resolve("store.owner"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }

  /** A copy that is open. */
  static Store open(CrashFileSystem copy) {
    return Store.open(directory(copy), new StoreConfig(LogFixture.clockAt(1_000_000)));
  }

  boolean sealed() {
    return kind == Kind.SEALED;
  }

  int messages() {
    return messages;
  }

  /** The segment as it was written. */
  byte[] segment() {
    return segment.clone();
  }

  UUID id() {
    return id;
  }

  /** Its records in their order: begin, messages, maybe a seal. */
  List<Piece> pieces() {
    return pieces;
  }

  /** All messages, each as it was appended, in their order. */
  void readAll(TopicLog log) {
    int[] next = {0};
    try (LogReader reader = log.reader(0)) {
      while (reader.poll(record -> check(record, next[0]++), messages + 1) > 0) {
        // until nothing more is visible
      }
    }
    assertEquals(messages, next[0]);
  }

  /** Looks some up by offset and by time, as the index says where they stand. */
  void lookUp(TopicLog log) {
    try (LogReader reader = log.reader(0)) {
      for (int n = 0; n < messages; n += 9) {
        int number = n;
        reader.read(n, record -> check(record, number));
        assertEquals(n, log.offsetAt(1_000L * n));
        assertEquals(n, log.offsetAt(1_000L * n - 999 * Math.min(1, n)));
      }
    }
  }

  private static void check(RecordView record, int number) {
    assertEquals(number, record.offset());
    assertEquals(1_000L * number, record.timestamp());
    int length = number % 7 == 0 ? LENGTH / 3 : LENGTH;
    assertArrayEquals(LogFixture.message(number, length), record.copyPayload());
  }
}
