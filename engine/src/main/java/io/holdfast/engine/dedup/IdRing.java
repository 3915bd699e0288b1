package io.holdfast.engine.dedup;

import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The ids of a topic's last messages on disk; see {@link IdRingLayout}.
 *
 * <p>Entries are stored when their messages are appended, and forced later, up to a checkpoint:
 * what came after that is read from the topic. Invariant: the head names a checkpoint only when all
 * entries below it are on the device, and all numbers below {@code next} belong to them. So an
 * entry of a message that a power cut took with it never counts, and what has its number next
 * replaces it.
 *
 * <p>The owner's lock is held for every call but {@link #forceEntries} and {@link #force}.
 */
final class IdRing implements AutoCloseable {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int PAGE = 4096;

  private final MappedRegion region;
  private final UnsafeBuffer buffer;
  private final int entries;
  private final byte[] scratch = new byte[IdRingLayout.ENTRY];
  private final UnsafeBuffer entry = new UnsafeBuffer(scratch);
  private final CRC32C crc = new CRC32C();
  private long sequence; // of the newest head
  private long checkpoint;
  private long checkpointNext;
  private long next; // number of the next entry

  /** Takes the region over; its header block has been checked or written. */
  IdRing(MappedRegion region) {
    this.region = region;
    this.buffer = region.buffer();
    this.entries = IdRingLayout.entries(region.capacity());
  }

  /** Told of an entry. */
  interface Visitor {
    void entry(IdHash id, IdWindow.Place place);
  }

  /** How many entries there is room for. */
  int entries() {
    return entries;
  }

  /** Reads the newer valid head; returns false where there is none. */
  boolean open() {
    boolean found = false;
    for (int which = 0; which < 2; which++) {
      int at = IdRingLayout.head(which);
      long written = buffer.getLong(at + IdRingLayout.HEAD_SEQUENCE, LE);
      long from = buffer.getLong(at + IdRingLayout.HEAD_CHECKPOINT, LE);
      long number = buffer.getLong(at + IdRingLayout.HEAD_NEXT, LE);
      boolean valid =
          written > 0
              && from >= 0
              && number >= 0
              && crcOf(at, IdRingLayout.HEAD_CRC) == buffer.getInt(at + IdRingLayout.HEAD_CRC, LE);
      if (valid && written > sequence) {
        found = true;
        sequence = written;
        checkpoint = from;
        checkpointNext = number;
        next = number;
      }
    }
    return found;
  }

  /** Everything below this offset need not be read from the topic. */
  long checkpoint() {
    return checkpoint;
  }

  /** Number of the entry that comes next. */
  long next() {
    return next;
  }

  /** Visits the entries below the checkpoint, the oldest first. */
  void each(Visitor visitor) {
    for (long number = Math.max(0, next - entries); number < next; number++) {
      int at = position(number);
      if (buffer.getLong(at + IdRingLayout.NUMBER, LE) == number
          && crcOf(at, IdRingLayout.CRC) == buffer.getInt(at + IdRingLayout.CRC, LE)) {
        visitor.entry(
            new IdHash(
                buffer.getLong(at + IdRingLayout.LOW, LE),
                buffer.getLong(at + IdRingLayout.HIGH, LE)),
            new IdWindow.Place(offset(number), buffer.getLong(at + IdRingLayout.TIME, LE)));
      }
    }
  }

  /** Stores the entry of the newest message. A crash in here leaves one that is not whole. */
  void add(IdHash id, IdWindow.Place place) {
    entry.putLong(IdRingLayout.NUMBER, next, LE);
    entry.putLong(IdRingLayout.LOW, id.low(), LE);
    entry.putLong(IdRingLayout.HIGH, id.high(), LE);
    entry.putLong(IdRingLayout.OFFSET, place.offset(), LE);
    entry.putLong(IdRingLayout.TIME, place.time(), LE);
    crc.reset();
    crc.update(scratch, 0, IdRingLayout.CRC);
    entry.putInt(IdRingLayout.CRC, (int) crc.getValue(), LE);
    buffer.putBytes(position(next), scratch);
    next++;
  }

  /**
   * A checkpoint that is to come.
   *
   * @param offset everything below it is in the ring
   * @param next number of the first entry that is not
   */
  record Checkpoint(long offset, long next) {}

  /**
   * Plans a checkpoint.
   *
   * @param durable no message below this offset can be lost
   * @return null where there is nothing to do
   */
  Checkpoint plan(long durable) {
    long number = Math.max(checkpointNext, next - entries);
    while (number < next && offset(number) < durable) {
      number++;
    }
    return durable > checkpoint ? new Checkpoint(durable, number) : null;
  }

  /** Forces the entries from the last checkpoint up to this one; only the agent does. */
  void forceEntries(Checkpoint to) {
    long from = Math.max(checkpointNext, to.next() - entries);
    if (from >= to.next()) {
      return;
    }
    int first = position(from);
    int last = position(to.next() - 1) + IdRingLayout.ENTRY;
    if (first < last) {
      force(first, last);
    } else {
      force(first, (int) region.capacity());
      force(IdRingLayout.RING, last);
    }
  }

  private void force(int from, int to) {
    int first = from & -PAGE;
    region.force(first, Math.min((int) region.capacity(), to + PAGE - 1 & -PAGE) - first);
  }

  /** Writes the older head. A crash in here leaves the newer one, which is as true as before. */
  void write(Checkpoint to) {
    byte[] bytes = new byte[IdRingLayout.HEAD];
    UnsafeBuffer head = new UnsafeBuffer(bytes);
    sequence++;
    checkpoint = to.offset();
    checkpointNext = to.next();
    head.putLong(IdRingLayout.HEAD_SEQUENCE, sequence, LE);
    head.putLong(IdRingLayout.HEAD_CHECKPOINT, checkpoint, LE);
    head.putLong(IdRingLayout.HEAD_NEXT, checkpointNext, LE);
    crc.reset();
    crc.update(bytes, 0, IdRingLayout.HEAD_CRC);
    head.putInt(IdRingLayout.HEAD_CRC, (int) crc.getValue(), LE);
    buffer.putBytes(IdRingLayout.head((int) (sequence & 1)), bytes);
  }

  /** Forces both heads; only the agent does. */
  void forceHeads() {
    region.force(FileHeader.BLOCK, 2 * FileHeader.BLOCK);
  }

  /** Writes and forces every page that an earlier process may have left in the page cache only. */
  void settle() {
    for (int page = 0; page < region.capacity(); page += PAGE) {
      buffer.getAndAddLong(page, 0);
    }
    region.force();
  }

  private long offset(long number) {
    return buffer.getLong(position(number) + IdRingLayout.OFFSET, LE);
  }

  private int position(long number) {
    return IdRingLayout.RING + (int) (number % entries) * IdRingLayout.ENTRY;
  }

  private int crcOf(int at, int length) {
    byte[] bytes = new byte[length];
    buffer.getBytes(at, bytes);
    crc.reset();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    region.close();
  }
}
