package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * Makes segments: zero-written and forced in {@code pool/}, then moved to the topic that needs one.
 * A full disk shows itself here and nowhere else. Everything runs on the store's agent, or while it
 * opens.
 */
final class SegmentAllocator {
  private final Path pool;
  private final UUID storeId;
  private final SecureRandom salts = new SecureRandom();
  private long prepared; // agent: numbers the files in the pool

  SegmentAllocator(Path pool, UUID storeId) {
    this.pool = pool;
    this.storeId = storeId;
  }

  /**
   * A segment that is allocated, forced and mapped, and belongs to no topic yet.
   *
   * @param log its file in the pool
   * @param index its index file in the pool
   * @param logRegion the file mapped
   * @param indexRegion the index mapped
   * @param salt of its header
   */
  record Prepared(
      Path log, Path index, MappedRegion logRegion, MappedRegion indexRegion, long salt) {

    void discard() {
      logRegion.close();
      indexRegion.close();
      DurableFiles.delete(log);
      DurableFiles.delete(index);
    }
  }

  /** Deletes what an earlier process prepared and did not use. */
  void clearPool() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(pool)) {
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw DurableFiles.failure(pool, "cannot be cleared", e);
    }
  }

  /**
   * Makes a segment ready.
   *
   * @param capacity bytes of the file
   * @return the segment
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing is left
   *     behind
   */
  Prepared prepare(int capacity) {
    prepared++;
    Path log = pool.resolve("prepared-" + prepared + ".log");
    Path index = pool.resolve("prepared-" + prepared + ".idx");
    DurableFiles.allocate(log, capacity);
    MappedRegion logRegion = null;
    MappedRegion indexRegion = null;
    try {
      DurableFiles.allocate(index, IndexLayout.capacity(capacity));
      logRegion = MappedRegion.map(log);
      indexRegion = MappedRegion.map(index);
      long salt = salts.nextLong();
      FileHeader header = FileHeader.of(FileKind.SEGMENT, storeId, salt, capacity, 0);
      header.writeBlock(logRegion.buffer(), 0);
      header.writeCopy(
          logRegion.buffer(), SegmentLayout.footer(capacity) + SegmentLayout.FOOTER_HEADER);
      logRegion.force(0, FileHeader.BLOCK);
      logRegion.force(SegmentLayout.footer(capacity), SegmentLayout.FOOTER_BLOCK);
      writeIndexHeader(indexRegion, salt);
      return new Prepared(log, index, logRegion, indexRegion, salt);
    } catch (RuntimeException | Error e) {
      if (logRegion != null) {
        logRegion.close();
      }
      if (indexRegion != null) {
        indexRegion.close();
      }
      deleteBoth(log, index);
      throw e;
    }
  }

  static void writeIndexHeader(MappedRegion index, long salt) {
    index.buffer().putLong(IndexLayout.OFFSET, IndexLayout.MAGIC, ByteOrder.LITTLE_ENDIAN);
    index.buffer().putLong(IndexLayout.SALT, salt, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Moves a prepared segment under the name of a topic's next one. The topic does not use it yet:
   * where its first record will stand, there is a zero length.
   *
   * <p>Invariant: a crash before the move leaves a file in the pool, which the next opening
   * deletes; after it, and before a begin record, one that recovery deletes as unused.
   *
   * @param ready what {@link #prepare} made
   * @param directory of the topic
   * @param number of the segment
   * @return the same segment under its new name, which is forced
   */
  Prepared name(Prepared ready, Path directory, long number) {
    Path log = SegmentFiles.log(directory, number);
    Path index = SegmentFiles.index(directory, number);
    try {
      Files.move(ready.index(), index, StandardCopyOption.ATOMIC_MOVE);
      Files.move(ready.log(), log, StandardCopyOption.ATOMIC_MOVE);
      ready.indexRegion().moved(index);
      ready.logRegion().moved(log);
      DurableFiles.forceDirectory(directory);
      DurableFiles.forceDirectory(pool);
      return new Prepared(log, index, ready.logRegion(), ready.indexRegion(), ready.salt());
    } catch (IOException e) {
      ready.discard();
      deleteBoth(log, index);
      throw DurableFiles.failure(log, "cannot be made the topic's next segment", e);
    }
  }

  /**
   * Puts the begin record into a segment that has its name: memory only, so a roll needs no more.
   * It is forced with the first records behind it, or with the segment before.
   *
   * @param named what {@link #name} gave
   * @param begin whose it is and where it counts from
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @return the segment to append to
   */
  static Segment begin(Prepared named, SegmentBegin begin, int writerEpoch, long durableOffset) {
    Segment.Place place =
        new Segment.Place(
            begin.segment(), begin.firstOffset(), begin.baseTime(), named.salt());
    Segment segment =
        new Segment(place, named.logRegion(), named.indexRegion(), SegmentLayout.DATA, 0);
    byte[] payload = begin.payload();
    segment.put(
        RecordType.BEGIN,
        payload,
        0,
        0,
        payload.length,
        new RecordChecksum().ofBody(payload, 0, payload.length),
        begin.firstOffset(),
        writerEpoch,
        durableOffset,
        begin.baseTime());
    segment.publish();
    return segment;
  }

  /**
   * Names a prepared segment, begins it and forces that, where nobody waits: for a topic's first
   * segment, and in recovery.
   *
   * @param ready what {@link #prepare} made
   * @param directory of the topic
   * @param begin whose it is and where it counts from
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @return the segment to append to
   */
  Segment use(
      Prepared ready, Path directory, SegmentBegin begin, int writerEpoch, long durableOffset) {
    Segment segment =
        begin(name(ready, directory, begin.segment()), begin, writerEpoch, durableOffset);
    try {
      segment.force();
      return segment;
    } catch (RuntimeException | Error e) {
      segment.close();
      throw e;
    }
  }

  private static void deleteBoth(Path log, Path index) {
    DurableFiles.delete(log);
    DurableFiles.delete(index);
  }
}
