package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes segments: zero-written in {@code pool/}, or taken from what was recycled there,
 * then moved to the topic that needs one. A full disk shows itself here and nowhere else. Its
 * methods do channel I/O and may be called from the store's own threads only.
 */
final class SegmentAllocator {
  private final Path pool;
  private final UUID storeId;
  private final IdleSegments idle;
  private final SegmentPool recycled;
  private final SegmentReserve reserve;
  private final SecureRandom salts = new SecureRandom();
  private final AtomicLong made = new AtomicLong(); // numbers the files in the pool

  SegmentAllocator(Path pool, UUID storeId, IdleSegments idle, StoreConfig config) {
    this.pool = pool;
    this.storeId = storeId;
    this.idle = idle;
    this.recycled = new SegmentPool(config.recycleFrom(), config.poolBytes());
    this.reserve = new SegmentReserve(this);
  }

  /**
   * A segment that is allocated and mapped, and belongs to no topic yet.
   *
   * @param log its file
   * @param region the file mapped
   * @param salt of its header
   */
  record Prepared(Path log, MappedRegion region, long salt) {

    int capacity() {
      return (int) region.capacity();
    }

    /** Unmaps and deletes it. */
    void discard() {
      region.close();
      DurableFiles.delete(log);
    }
  }

  SegmentPool recycled() {
    return recycled;
  }

  SegmentReserve reserve() {
    return reserve;
  }

  IdleSegments idle() {
    return idle;
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
   * @param forced whether its zeros are forced, so that a later force finds its blocks in place
   * @return the segment, zeros but for its header, which is forced
   * @throws DiskFullException when there is no room; nothing is left behind
   */
  Prepared prepare(int capacity, boolean forced) {
    Path log = pool.resolve("prepared-" + made.incrementAndGet() + ".log");
    DurableFiles.allocate(log, capacity, forced);
    MappedRegion region = null;
    try {
      region = MappedRegion.map(log);
      return withHeader(log, region);
    } catch (RuntimeException | Error e) {
      if (region != null) {
        region.close();
      }
      DurableFiles.delete(log);
      throw e;
    }
  }

  /**
   * Gives a segment a new life: a new salt in every copy of its header, no begin record, no footer.
   *
   * <p>Invariant: the file is in the pool by then, under a name that is forced, so that a crash in
   * here leaves one that the next opening deletes.
   */
  private Prepared withHeader(Path log, MappedRegion region) {
    long salt = salts.nextLong();
    int footer = SegmentLayout.footer((int) region.capacity());
    FileHeader header = FileHeader.of(FileKind.SEGMENT, storeId, salt, region.capacity(), 0);
    header.writeBlock(region.buffer(), 0);
    region.buffer().putLong(SegmentLayout.DATA, 0L);
    region.buffer().setMemory(footer, SegmentLayout.FOOTER_BLOCK, (byte) 0);
    header.writeCopy(region.buffer(), footer + SegmentLayout.FOOTER_HEADER);
    region.force(0, SegmentLayout.DATA + FileHeader.BLOCK);
    region.force(footer, SegmentLayout.FOOTER_BLOCK);
    return new Prepared(log, region, salt);
  }

  /**
   * Frees a segment that was dropped: its file is recycled where that pays and nobody uses it, else
   * deleted. Whoever still has a pin keeps the memory until it gives the pin back.
   *
   * @param segment no longer in its topic's list, nor in what the control file calls the topic's
   */
  void free(Segment segment) {
    boolean wanted = recycled.wants(segment.capacity());
    MappedRegion region = segment.drop(wanted);
    DurableFiles.delete(segment.indexFile());
    if (region == null) {
      DurableFiles.delete(segment.file());
      return;
    }
    Path log = pool.resolve("recycled-" + made.incrementAndGet() + ".log");
    try {
      DurableFiles.rename(segment.file(), log); // forces both directories
      region.moved(log);
      recycled.add(withHeader(log, region));
    } catch (DiskFullException e) { // not even for a name: its own room is needed more
      region.close();
      DurableFiles.delete(segment.file());
      DurableFiles.delete(log);
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  /**
   * Makes a topic's next segment ready under its name. The topic does not use it yet: where its
   * first record will stand, there is a zero length.
   *
   * @param capacity bytes that it should have
   * @param least bytes that also do where there is no room for more
   * @param directory of the topic
   * @param number of the segment
   * @param forced whether its blocks are to be on the device already, for a topic that forces
   * @param reserved whether it may come from the reserve where the disk is full
   * @return the segment under its name, which is forced
   * @throws DiskFullException when there is no room; nothing is left behind
   */
  Prepared next(
      int capacity, int least, Path directory, long number, boolean forced, boolean reserved) {
    Prepared ready = recycled(capacity, capacity, forced);
    if (ready == null) {
      ready = prepareUpTo(capacity, least, forced, reserved);
    }
    return name(ready, directory, number);
  }

  /** One of an earlier life, whose topic may not have forced it; null when there is none. */
  private Prepared recycled(int least, int most, boolean forced) {
    Prepared ready = recycled.take(least, most);
    if (ready != null && forced) {
      try {
        DurableFiles.force(ready.log());
      } catch (RuntimeException | Error e) {
        ready.discard();
        throw e;
      }
    }
    return ready;
  }

  /**
   * Makes a segment ready; where there is no room, one of another size that waits to be recycled,
   * or a smaller one.
   *
   * @param capacity bytes that it should have
   * @param least bytes that also do
   * @param forced see {@link #prepare}
   * @param reserved whether it may come from the reserve
   * @return the segment
   * @throws DiskFullException when there is no room; nothing is left behind
   */
  Prepared prepareUpTo(int capacity, int least, boolean forced, boolean reserved) {
    try {
      return prepare(capacity, forced);
    } catch (DiskFullException e) {
      Prepared other = recycled(least, Integer.MAX_VALUE, forced);
      if (other != null) {
        return other;
      }
      if (capacity > least) {
        int smaller = Math.max(least, capacity / 4 & -4096);
        return prepareUpTo(smaller, least, forced, reserved);
      }
      Prepared last = reserved ? reserve.take(least) : null;
      if (last == null) {
        throw e;
      }
      return last;
    }
  }

  /**
   * Moves a prepared segment under the name of a topic's next one.
   *
   * <p>Invariant: a crash before the move leaves a file in the pool, which the next opening
   * deletes; after it, and before a begin record, one that recovery deletes as unused.
   */
  private Prepared name(Prepared ready, Path directory, long number) {
    Path log = SegmentFiles.log(directory, number);
    if (DurableFiles.exists(log)) { // a move would replace it
      ready.discard();
      throw new IllegalStateException(log + ": expected no such segment yet");
    }
    try {
      Files.move(ready.log(), log, StandardCopyOption.ATOMIC_MOVE);
      ready.region().moved(log);
      DurableFiles.forceDirectory(directory);
      DurableFiles.forceDirectory(pool);
      return new Prepared(log, ready.region(), ready.salt());
    } catch (IOException e) {
      ready.discard();
      DurableFiles.delete(log);
      throw DurableFiles.failure(log, "cannot be made the topic's next segment", e);
    }
  }

  /**
   * Puts the begin record into a segment that has its name: memory only, so a roll needs no more.
   *
   * @param named what {@link #next} gave
   * @param directory of the topic
   * @param begin whose it is and where it counts from
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @return the segment to append to
   */
  SegmentWriter begin(
      Prepared named, Path directory, SegmentBegin begin, int writerEpoch, long durableOffset) {
    Segment.Place place =
        new Segment.Place(begin.segment(), begin.firstOffset(), begin.baseTime(), named.salt());
    Segment segment = new Segment(directory, place, named.capacity(), idle);
    segment.adopt(named.region(), SegmentIndex.onHeap(named.capacity()));
    SegmentWriter writer = new SegmentWriter(segment, SegmentLayout.DATA, 0);
    writer.begin(begin, writerEpoch, durableOffset);
    return writer;
  }

  /**
   * Names a prepared segment, begins it and forces that, where nobody waits: for a topic's first
   * segment, and in recovery. It is not mapped afterwards.
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
    Prepared named = name(ready, directory, begin.segment());
    try (SegmentWriter writer = begin(named, directory, begin, writerEpoch, durableOffset)) {
      writer.force();
      writer.segment().growsFrom(writer.position());
      return writer.segment();
    }
  }

  /** Unmaps and deletes what is in the pool. */
  void close() {
    recycled.close();
    reserve.close();
  }
}
