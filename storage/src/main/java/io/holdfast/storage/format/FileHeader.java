package io.holdfast.storage.format;

import io.holdfast.storage.error.FormatVersionException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The header that every binary file of a store begins with, 64 bytes that stand twice in the first
 * 4 KiB block (and once more in a segment's footer); any copy with a valid checksum serves.
 *
 * <pre>
 *   0 u64 magic            the kind of file, eight ASCII letters
 *   8 u16 version          format version of the writer
 *  10 u16 minReader        lowest version that may read this file
 *  12 u16 minWriter        lowest version that may write to it
 *  14 u16 length           of this header: 64
 *  16 u64 features         required features; one that is not known refuses the file
 *  24 u64 storeIdHigh      the store's UUID, most significant half
 *  32 u64 storeIdLow       least significant half
 *  40 u64 salt             random, new in each life of the file
 *  48 u64 capacity         bytes of the whole file
 *  56 u32 topic            topic number; 0 where the file belongs to none (yet)
 *  60 u32 crc32c           of bytes 0..59
 * </pre>
 *
 * @param kind the kind of file
 * @param version format version of the writer
 * @param storeId identity of the store that the file belongs to
 * @param salt random number of this life of the file
 * @param capacity bytes of the whole file
 * @param topic topic number, or 0
 */
public record FileHeader(
    FileKind kind, int version, UUID storeId, long salt, long capacity, int topic) {

  /** The format version that this code writes, and the newest that it reads. */
  public static final int VERSION = 4;

  /** Bytes of the block that begins every file. */
  public static final int BLOCK = 4096;

  /** Bytes of one copy of the header. */
  public static final int LENGTH = 64;

  /** Where the second copy stands in the block. */
  public static final int SECOND_COPY = 2048;

  /**
   * A header of this code's format version.
   *
   * @param kind the kind of file
   * @param storeId identity of the store
   * @param salt random number of this life of the file
   * @param capacity bytes of the whole file
   * @param topic topic number, or 0
   * @return the header
   */
  public static FileHeader of(FileKind kind, UUID storeId, long salt, long capacity, int topic) {
    return new FileHeader(kind, VERSION, storeId, salt, capacity, topic);
  }

  /**
   * Writes both copies into the block that begins at {@code block}.
   *
   * @param buffer what to write into
   * @param block index of the block's first byte
   */
  public void writeBlock(MutableDirectBuffer buffer, int block) {
    writeCopy(buffer, block);
    writeCopy(buffer, block + SECOND_COPY);
  }

  /**
   * Writes one copy.
   *
   * @param buffer what to write into
   * @param at index of the copy's first byte
   */
  public void writeCopy(MutableDirectBuffer buffer, int at) {
    byte[] copy = new byte[LENGTH];
    UnsafeBuffer header = new UnsafeBuffer(copy);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    header.putLong(0, kind.magic(), le);
    header.putShort(8, (short) version, le);
    header.putShort(10, (short) kind.leastVersion(), le); // may read it
    header.putShort(12, (short) kind.leastVersion(), le); // may write to it
    header.putShort(14, (short) LENGTH, le);
    header.putLong(16, 0, le);
    header.putLong(24, storeId.getMostSignificantBits(), le);
    header.putLong(32, storeId.getLeastSignificantBits(), le);
    header.putLong(40, salt, le);
    header.putLong(48, capacity, le);
    header.putInt(56, topic, le);
    header.putInt(60, checksum(copy), le);
    buffer.putBytes(at, copy);
  }

  /**
   * Reads the first valid copy of a block.
   *
   * @param kind the kind of file that is expected
   * @param buffer holds the block
   * @param block index of the block's first byte
   * @param file for messages
   * @return the header, or empty when no copy is valid
   * @throws FormatVersionException when a valid copy asks for a newer reader or an unknown feature
   */
  public static Optional<FileHeader> readBlock(
      FileKind kind, DirectBuffer buffer, int block, Path file) {
    Optional<FileHeader> first = readCopy(kind, buffer, block, file);
    return first.isPresent() ? first : readCopy(kind, buffer, block + SECOND_COPY, file);
  }

  /**
   * Reads one copy.
   *
   * @param kind the kind of file that is expected
   * @param buffer holds the copy
   * @param at index of the copy's first byte
   * @param file for messages
   * @return the header, or empty when this copy is not valid
   * @throws FormatVersionException when the copy asks for a newer reader or an unknown feature
   */
  public static Optional<FileHeader> readCopy(
      FileKind kind, DirectBuffer buffer, int at, Path file) {
    byte[] copy = new byte[LENGTH];
    buffer.getBytes(at, copy);
    UnsafeBuffer header = new UnsafeBuffer(copy);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    if (header.getLong(0, le) != kind.magic() || header.getInt(60, le) != checksum(copy)) {
      return Optional.empty();
    }
    int version = header.getShort(8, le) & 0xFFFF;
    int minReader = header.getShort(10, le) & 0xFFFF;
    int minWriter = header.getShort(12, le) & 0xFFFF;
    long features = header.getLong(16, le);
    if (minReader > VERSION || minWriter > VERSION || features != 0) {
      throw new FormatVersionException(
          "%s was written in format version %d (readers from %d, writers from %d, features %x); "
              .formatted(file, version, minReader, minWriter, features)
              + "this Holdfast knows version %d and no features: use a newer one"
                  .formatted(VERSION));
    }
    UUID storeId = new UUID(header.getLong(24, le), header.getLong(32, le));
    return Optional.of(
        new FileHeader(
            kind,
            version,
            storeId,
            header.getLong(40, le),
            header.getLong(48, le),
            header.getInt(56, le)));
  }

  private static int checksum(byte[] copy) {
    CRC32C crc = new CRC32C();
    crc.update(copy, 0, LENGTH - 4);
    return (int) crc.getValue();
  }
}
