package io.holdfast.engine.group;

import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes of a slot of a head, as they are in every format version: {@link HeadLayout}. Which
 * version a slot has stands in the header of its file.
 */
public final class HeadSlot {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private HeadSlot() {}

  /**
   * Reads the slot that counts: the valid one with the highest sequence.
   *
   * @param head holds the file
   * @param file its path, for messages
   * @return its {@link HeadLayout#SLOT} bytes, a copy; empty when none is valid
   */
  public static Optional<UnsafeBuffer> newest(DirectBuffer head, Path file) {
    Optional<UnsafeBuffer> newest = Optional.empty();
    long sequence = 0; // of one that was never written
    for (int number = 0; number < HeadLayout.SLOTS; number++) {
      Optional<UnsafeBuffer> slot = valid(head, number, file);
      if (slot.isPresent() && slot.get().getLong(HeadLayout.SEQUENCE, LE) > sequence) {
        sequence = slot.get().getLong(HeadLayout.SEQUENCE, LE);
        newest = slot;
      }
    }
    return newest;
  }

  /**
   * Reads one slot.
   *
   * @param head holds the file
   * @param number 0 or 1
   * @param file its path, for messages
   * @return its {@link HeadLayout#SLOT} bytes, a copy; empty when its checksums are wrong
   */
  public static Optional<UnsafeBuffer> valid(DirectBuffer head, int number, Path file) {
    int at = HeadLayout.slot(number);
    if (at + HeadLayout.OLD_SLOT > head.capacity()) {
      return Optional.empty(); // there may not even be a header
    }
    boolean isOld = isOld(head, file);
    int length = isOld ? HeadLayout.OLD_SLOT : HeadLayout.SLOT;
    if (at + length > head.capacity()) {
      return Optional.empty();
    }
    byte[] copy = new byte[HeadLayout.SLOT];
    head.getBytes(at, copy, 0, length);
    UnsafeBuffer slot = new UnsafeBuffer(copy);
    boolean isValid =
        slot.getInt(HeadLayout.CRC, LE) == checksum(copy)
            && (isOld || slot.getInt(HeadLayout.MORE_CRC32C, LE) == checksumOfMore(copy));
    return isValid ? Optional.of(slot) : Optional.empty();
  }

  /** Whether the slots of a file have half of the fields only. */
  static boolean isOld(DirectBuffer head, Path file) {
    return FileHeader.readBlock(FileKind.GROUP_HEAD, head, 0, file)
        .filter(header -> header.version() < HeadLayout.VERSION)
        .isPresent();
  }

  /** Puts the checksums into a slot that is whole but for them. */
  static void seal(byte[] slot) {
    UnsafeBuffer buffer = new UnsafeBuffer(slot);
    buffer.putInt(HeadLayout.CRC, checksum(slot), LE);
    buffer.putInt(HeadLayout.MORE_CRC32C, checksumOfMore(slot), LE);
  }

  private static int checksum(byte[] slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot, 0, HeadLayout.CRC);
    return (int) crc.getValue();
  }

  private static int checksumOfMore(byte[] slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot, HeadLayout.OLD_SLOT, HeadLayout.MORE_CRC32C - HeadLayout.OLD_SLOT);
    crc.update(slot, HeadLayout.SEQUENCE, Long.BYTES); // of the same write as the first half
    return (int) crc.getValue();
  }
}
