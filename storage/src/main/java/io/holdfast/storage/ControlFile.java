package io.holdfast.storage;

import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.ControlLayout;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The control file of a store: its identity, the writer epoch, the topic numbers given, and for
 * each topic the durable offset last stored. Two slots are written in turn, each forced, so one is
 * always whole.
 *
 * <p>Not thread-safe: used while the store opens and by its agent afterwards.
 */
final class ControlFile {
  /** Topic numbers have 16 bits, because message ids hold them. */
  static final int MAX_TOPICS = 0xFFFF;

  private static final int FIRST_LENGTH = FileHeader.BLOCK + ControlLayout.SLOTS * 4096;
  private static final int MAX_LENGTH = 16 << 20;

  /**
   * What the control file knows of a topic.
   *
   * @param durableOffset everything below it was forced
   * @param firstSegment lowest segment number that must be there
   */
  record Entry(long durableOffset, long firstSegment) {}

  private final Path file;
  private final UUID storeId;
  private int fileLength;
  private long sequence;
  private int writerEpoch;
  private int lastTopic;
  private final SortedMap<Integer, Entry> entries = new TreeMap<>();

  private ControlFile(Path file, UUID storeId, int fileLength) {
    this.file = file;
    this.storeId = storeId;
    this.fileLength = fileLength;
  }

  static ControlFile create(Path file) {
    ControlFile control = new ControlFile(file, UUID.randomUUID(), FIRST_LENGTH);
    control.replaceFile(FIRST_LENGTH);
    return control;
  }

  /**
   * Reads a control file.
   *
   * @param file exists
   * @return what its newest valid slot says
   * @throws DamagedStoreException when the header or both slots are not valid
   */
  static ControlFile read(Path file) {
    byte[] content = DurableFiles.read(file, MAX_LENGTH);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    if (content.length < FIRST_LENGTH) {
      throw new DamagedStoreException(
          "%s: expected at least %d bytes, found %d; restore it from a backup"
              .formatted(file, FIRST_LENGTH, content.length));
    }
    FileHeader header =
        FileHeader.readBlock(FileKind.CONTROL, buffer, 0, file)
            .orElseThrow(
                () ->
                    new DamagedStoreException(
                        file + ": expected a control file's header, found none of its two copies; "
                            + "restore it from a backup"));
    if (header.capacity() != content.length) {
      throw new DamagedStoreException(
          "%s: expected %d bytes, found %d; restore it from a backup"
              .formatted(file, header.capacity(), content.length));
    }
    ControlFile control = new ControlFile(file, header.storeId(), content.length);
    for (int slot = 0; slot < ControlLayout.SLOTS; slot++) {
      ControlSlot.read(buffer, slot, content.length).ifPresent(control::take);
    }
    if (control.sequence == 0) {
      throw new DamagedStoreException(
          file + ": expected a slot with a valid checksum, found none in two; "
              + "restore it from a backup");
    }
    return control;
  }

  private void take(ControlSlot slot) {
    if (slot.sequence() <= sequence) {
      return;
    }
    sequence = slot.sequence();
    writerEpoch = slot.writerEpoch();
    lastTopic = slot.lastTopic();
    entries.clear();
    slot.topics()
        .forEach((n, t) -> entries.put(n, new Entry(t.durableOffset(), t.firstSegment())));
  }

  UUID storeId() {
    return storeId;
  }

  int writerEpoch() {
    return writerEpoch;
  }

  void raiseEpochAbove(int epoch) {
    writerEpoch = Math.max(writerEpoch, epoch) + 1;
  }

  /**
   * Gives a topic number: writes and forces it before anybody uses it.
   *
   * @return the number; a failure gives none
   * @throws HoldfastException when all are given
   */
  int addTopic() {
    int number = lastTopic + 1;
    if (number > MAX_TOPICS || number < 1) {
      throw new HoldfastException(
          "a store gives at most %d topic numbers, ever, and this one has given them all"
              .formatted(MAX_TOPICS));
    }
    lastTopic = number;
    entries.put(number, new Entry(0, 1));
    try {
      write();
      return number;
    } catch (RuntimeException e) {
      lastTopic = number - 1;
      entries.remove(number);
      throw e;
    }
  }

  int lastTopic() {
    return lastTopic;
  }

  void lastTopic(int number) {
    lastTopic = number;
  }

  Entry entry(int topic) {
    return entries.getOrDefault(topic, new Entry(0, 1));
  }

  void put(int topic, Entry entry) {
    entries.put(topic, entry);
  }

  /** Forgets a topic that is no more; its number stays given. Returns whether it was known. */
  boolean remove(int topic) {
    return entries.remove(topic) != null;
  }

  Map<Integer, Entry> entries() {
    return entries;
  }

  /**
   * Writes the slot that is not the newest, and forces it; until then the other one counts.
   *
   * <p>Invariant: sequence and length change when the device has what they name, so a write that
   * failed is never followed by one to the only good slot, or past the end of the file.
   */
  void write() {
    if (entries.size() > ControlSlot.room(fileLength)) {
      replaceFile(FileHeader.BLOCK + 2 * (fileLength - FileHeader.BLOCK));
      return;
    }
    long next = sequence + 1;
    byte[] slot = slotBytes(next);
    int at = ControlLayout.slot((int) (next % ControlLayout.SLOTS), fileLength);
    try (FileChannel channel = DurableFiles.open(file, StandardOpenOption.WRITE)) {
      DurableFiles.writeFully(channel, ByteBuffer.wrap(slot), at);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be written", e);
    }
    DurableFiles.force(file);
    sequence = next;
  }

  private void replaceFile(int newLength) {
    long next = sequence + 1;
    UnsafeBuffer content = new UnsafeBuffer(new byte[newLength]);
    FileHeader.of(FileKind.CONTROL, storeId, 0, newLength, 0).writeBlock(content, 0);
    int at = ControlLayout.slot((int) (next % ControlLayout.SLOTS), newLength);
    content.putBytes(at, slotBytes(next));
    DurableFiles.replace(file, content.byteArray());
    fileLength = newLength;
    sequence = next;
  }

  private byte[] slotBytes(long next) {
    byte[] slot = new byte[ControlLayout.ENTRIES + entries.size() * ControlLayout.ENTRY];
    UnsafeBuffer buffer = new UnsafeBuffer(slot);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    buffer.putLong(ControlLayout.SEQUENCE, next, le);
    buffer.putInt(ControlLayout.WRITER_EPOCH, writerEpoch, le);
    buffer.putInt(ControlLayout.LAST_TOPIC, lastTopic, le);
    buffer.putInt(ControlLayout.TOPICS, entries.size(), le);
    int at = ControlLayout.ENTRIES;
    for (Map.Entry<Integer, Entry> entry : entries.entrySet()) {
      buffer.putInt(at + ControlLayout.ENTRY_TOPIC, entry.getKey(), le);
      buffer.putLong(at + ControlLayout.ENTRY_DURABLE_OFFSET, entry.getValue().durableOffset(), le);
      buffer.putLong(at + ControlLayout.ENTRY_FIRST_SEGMENT, entry.getValue().firstSegment(), le);
      at += ControlLayout.ENTRY;
    }
    buffer.putInt(ControlLayout.CRC, ControlSlot.checksum(slot), le);
    return slot;
  }
}
