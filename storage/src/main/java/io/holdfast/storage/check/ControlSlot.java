package io.holdfast.storage.check;

import io.holdfast.storage.format.ControlLayout;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * One slot of a control file: what the store knew of itself when the slot was written. Immutable.
 *
 * @param sequence the valid slot with the highest one counts; from 1
 * @param writerEpoch of the store
 * @param lastTopic highest topic number ever given
 * @param topics by number
 */
public record ControlSlot(
    long sequence, int writerEpoch, int lastTopic, SortedMap<Integer, Topic> topics) {

  /**
   * What the control file knows of a topic.
   *
   * @param durableOffset everything below it was forced
   * @param firstSegment lowest segment number that must be there
   */
  public record Topic(long durableOffset, long firstSegment) {}

  /**
   * Checks the parts.
   *
   * @param sequence see above
   * @param writerEpoch see above
   * @param lastTopic see above
   * @param topics copied
   */
  public ControlSlot {
    topics = Collections.unmodifiableSortedMap(new TreeMap<>(topics));
  }

  /**
   * Reads a slot.
   *
   * @param content the whole control file
   * @param slot 0 or 1
   * @param fileLength its bytes
   * @return empty when the slot was never written or its checksum is wrong
   */
  public static Optional<ControlSlot> read(DirectBuffer content, int slot, int fileLength) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    int at = ControlLayout.slot(slot, fileLength);
    long sequence = content.getLong(at + ControlLayout.SEQUENCE, le);
    int count = content.getInt(at + ControlLayout.TOPICS, le);
    if (sequence <= 0 || count < 0 || count > room(fileLength)) {
      return Optional.empty();
    }
    byte[] bytes = new byte[ControlLayout.ENTRIES + count * ControlLayout.ENTRY];
    content.getBytes(at, bytes);
    if (content.getInt(at + ControlLayout.CRC, le) != checksum(bytes)) {
      return Optional.empty();
    }
    SortedMap<Integer, Topic> topics = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      int entry = at + ControlLayout.ENTRIES + i * ControlLayout.ENTRY;
      topics.put(
          content.getInt(entry + ControlLayout.ENTRY_TOPIC, le),
          new Topic(
              content.getLong(entry + ControlLayout.ENTRY_DURABLE_OFFSET, le),
              content.getLong(entry + ControlLayout.ENTRY_FIRST_SEGMENT, le)));
    }
    return Optional.of(
        new ControlSlot(
            sequence,
            content.getInt(at + ControlLayout.WRITER_EPOCH, le),
            content.getInt(at + ControlLayout.LAST_TOPIC, le),
            topics));
  }

  /**
   * How many topics a slot has room for.
   *
   * @param fileLength bytes of the control file
   * @return entries
   */
  public static int room(int fileLength) {
    return (ControlLayout.slotLength(fileLength) - ControlLayout.ENTRIES) / ControlLayout.ENTRY;
  }

  /**
   * The checksum of a slot.
   *
   * @param slot its bytes up to the last entry; those of the checksum itself are left out
   * @return CRC-32C
   */
  public static int checksum(byte[] slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot, 0, ControlLayout.CRC);
    crc.update(slot, ControlLayout.CRC + 4, slot.length - ControlLayout.CRC - 4);
    return (int) crc.getValue();
  }
}
