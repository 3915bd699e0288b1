package io.holdfast.engine.group;

import static io.holdfast.engine.group.SlotLayout.BLOCK;
import static io.holdfast.engine.group.SlotLayout.BLOCK_SHIFT;
import static io.holdfast.engine.group.SlotLayout.BLOCK_SLOTS;
import static io.holdfast.engine.group.SlotLayout.FIRST_BLOCK;
import static io.holdfast.engine.group.SlotLayout.detailInBlock;
import static io.holdfast.engine.group.SlotLayout.slotInBlock;

import io.holdfast.storage.file.MappedRegion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The mapped slots of a group and topic. See {@link SlotLayout}.
 *
 * <p>Whoever changes a slot stores the fields first and the word last: the word makes them count.
 * The lock of the group and topic is held for every call but {@link #force(int)}.
 */
final class SlotFile implements AutoCloseable {
  private final List<MappedRegion> regions = new ArrayList<>();
  private volatile Block[] blocks = new Block[0]; // written under the lock, read by force

  private record Block(UnsafeBuffer memory, MappedRegion region, int positionInRegion) {}

  /** Adds the blocks of a region, the first of which begins at {@code position} of it. */
  void add(MappedRegion region, int position) {
    int count = (int) ((region.capacity() - position) / BLOCK);
    int known = blocks.length;
    blocks = Arrays.copyOf(blocks, known + count);
    for (int i = 0; i < count; i++) {
      int at = position + i * BLOCK;
      blocks[known + i] = new Block(new UnsafeBuffer(region.buffer(), at, BLOCK), region, at);
    }
    regions.add(region);
  }

  /** Returns how many slots there are. */
  int size() {
    return blocks.length * BLOCK_SLOTS;
  }

  /** Returns the bytes of a file of so many blocks. */
  static long fileLength(int blocks) {
    return FIRST_BLOCK + (long) blocks * BLOCK;
  }

  long word(int slot) {
    return memory(slot).getLongVolatile(slotInBlock(slot) + SlotLayout.WORD);
  }

  /** Decides a race: whoever finds the word as expected has won. */
  boolean compareAndSetWord(int slot, long expected, long word) {
    return memory(slot).compareAndSetLong(slotInBlock(slot) + SlotLayout.WORD, expected, word);
  }

  /** Stores the word where no race is possible, behind the fields. */
  void word(int slot, long word) {
    memory(slot).putLongRelease(slotInBlock(slot) + SlotLayout.WORD, word);
  }

  long offset(int slot) {
    return memory(slot).getLong(slotInBlock(slot) + SlotLayout.OFFSET);
  }

  void offset(int slot, long offset) {
    memory(slot).putLong(slotInBlock(slot) + SlotLayout.OFFSET, offset);
  }

  long deadline(int slot) {
    return memory(slot).getLong(slotInBlock(slot) + SlotLayout.DEADLINE);
  }

  void deadline(int slot, long epochMillis) {
    memory(slot).putLong(slotInBlock(slot) + SlotLayout.DEADLINE, epochMillis);
  }

  long deadLetterEnd(int slot) {
    return memory(slot).getLong(slotInBlock(slot) + SlotLayout.DEAD_LETTER_END);
  }

  void deadLetterEnd(int slot, long offset) {
    memory(slot).putLong(slotInBlock(slot) + SlotLayout.DEAD_LETTER_END, offset);
  }

  /** Begins the details of a message that is handed out for the first time. */
  void firstDelivery(int slot, long epochMillis) {
    UnsafeBuffer memory = memory(slot);
    int at = detailInBlock(slot);
    memory.putLong(at + SlotLayout.FIRST_DELIVERY, epochMillis);
    memory.putLong(at + SlotLayout.CONSUMER_LENGTH, 0); // all lengths, and the reason
  }

  void consumer(int slot, byte[] ascii) {
    UnsafeBuffer memory = memory(slot);
    int at = detailInBlock(slot);
    int length = Math.min(ascii.length, SlotLayout.CONSUMER_MAX);
    memory.putBytes(at + SlotLayout.CONSUMER, ascii, 0, length);
    memory.putByte(at + SlotLayout.CONSUMER_LENGTH, (byte) length);
  }

  void error(int slot, String errorClass, String message, int reason) {
    byte[] type = Utf8.tail(errorClass, SlotLayout.CLASS_MAX);
    byte[] text = Utf8.head(message, SlotLayout.ERROR_MAX - type.length);
    UnsafeBuffer memory = memory(slot);
    int at = detailInBlock(slot);
    memory.putBytes(at + SlotLayout.ERROR, type);
    memory.putBytes(at + SlotLayout.ERROR + type.length, text);
    memory.putByte(at + SlotLayout.CLASS_LENGTH, (byte) type.length);
    memory.putByte(at + SlotLayout.MESSAGE_LENGTH, (byte) text.length);
    memory.putByte(at + SlotLayout.REASON, (byte) reason);
    memory.putInt(at + SlotLayout.CHECKSUM, checksum(slot));
  }

  /**
   * Whether the details are those that were stored with the error of the slot's last delivery:
   * after a power cut they may be older than the word, or torn.
   */
  boolean isErrorWhole(int slot) {
    return memory(slot).getInt(detailInBlock(slot) + SlotLayout.CHECKSUM) == checksum(slot);
  }

  private int checksum(int slot) {
    byte[] details = new byte[SlotLayout.DETAIL];
    memory(slot).getBytes(detailInBlock(slot), details);
    UnsafeBuffer copy = new UnsafeBuffer(details);
    copy.putInt(SlotLayout.CHECKSUM, SlotWord.generation(word(slot)));
    CRC32C crc = new CRC32C();
    crc.update(details, 0, details.length);
    return (int) crc.getValue();
  }

  SlotDetails details(int slot) {
    UnsafeBuffer memory = memory(slot);
    int at = detailInBlock(slot);
    int consumer = length(memory, at + SlotLayout.CONSUMER_LENGTH, SlotLayout.CONSUMER_MAX);
    int type = length(memory, at + SlotLayout.CLASS_LENGTH, SlotLayout.CLASS_MAX);
    int text = length(memory, at + SlotLayout.MESSAGE_LENGTH, SlotLayout.ERROR_MAX - type);
    return new SlotDetails(
        memory.getLong(at + SlotLayout.FIRST_DELIVERY),
        text(memory, at + SlotLayout.CONSUMER, consumer),
        text(memory, at + SlotLayout.ERROR, type),
        text(memory, at + SlotLayout.ERROR + type, text),
        memory.getByte(at + SlotLayout.REASON));
  }

  /** Changes the state of a slot, and nothing else; returns false where its word has changed. */
  boolean changeState(int slot, SlotState next) {
    long word = word(slot);
    return compareAndSetWord(slot, word, SlotWord.withState(word, next));
  }

  /** Frees all slots; their generations stay. */
  void freeAll() {
    for (int slot = 0; slot < size(); slot++) {
      long word = word(slot);
      if (word != SlotWord.free(word)) {
        word(slot, SlotWord.free(word));
      }
    }
  }

  /** Forces the page of a slot, and its details; any thread while the file is not closed. */
  void force(int slot) {
    Block block = blocks[slot >>> BLOCK_SHIFT];
    block.region().force(block.positionInRegion(), BLOCK);
  }

  /** Forces everything. */
  void force() {
    regions.forEach(MappedRegion::force);
  }

  @Override
  public void close() {
    blocks = new Block[0];
    regions.forEach(MappedRegion::close);
    regions.clear();
  }

  private UnsafeBuffer memory(int slot) {
    return blocks[slot >>> BLOCK_SHIFT].memory();
  }

  /** What a power cut has torn must not lead out of the details. */
  private static int length(UnsafeBuffer memory, int at, int most) {
    return Math.min(memory.getByte(at) & 0xFF, most);
  }

  private static String text(UnsafeBuffer memory, int at, int length) {
    byte[] bytes = new byte[length];
    memory.getBytes(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
