package io.holdfast.engine.dedup;

import io.holdfast.engine.error.DamagedDedupException;
import io.holdfast.storage.check.CarriedTable;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the file {@code sequences} of a topic says; see {@link SequenceFileLayout}.
 *
 * @param storeId of its header
 * @param topic of its header
 * @param offset the table is of all messages below
 * @param table what producers had sent
 */
public record SequenceFile(UUID storeId, int topic, long offset, CarriedTable table) {
  /** Header, and the largest table that there is. */
  private static final int MOST_BYTES = SequenceFileLayout.TABLE + (1 << 20);

  /** Replaces the file; on the agent. */
  static void write(Path file, UUID storeId, int topic, long offset, CarriedTable table) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    byte[] bytes = new byte[SequenceFileLayout.TABLE + table.bytes().length];
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    long salt = ThreadLocalRandom.current().nextLong();
    FileHeader.of(FileKind.DEDUP_SEQUENCES, storeId, salt, bytes.length, topic)
        .writeBlock(buffer, 0);
    buffer.putLong(SequenceFileLayout.OFFSET, offset, le);
    buffer.putInt(SequenceFileLayout.PRODUCERS, table.entries(), le);
    buffer.putInt(SequenceFileLayout.LENGTH, table.bytes().length, le);
    buffer.putBytes(SequenceFileLayout.TABLE, table.bytes());
    buffer.putInt(SequenceFileLayout.CRC, crc(bytes), le);
    DurableFiles.replace(file, bytes);
  }

  /**
   * Reads the file.
   *
   * @param file where
   * @return what it says
   * @throws DamagedDedupException when it is not whole
   * @throws io.holdfast.storage.error.FormatVersionException when it asks for a newer version
   */
  public static SequenceFile read(Path file) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    long size = DurableFiles.size(file);
    if (size > MOST_BYTES) {
      throw damaged(file, "it has " + size + " bytes");
    }
    byte[] bytes = DurableFiles.read(file, MOST_BYTES);
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    if (bytes.length < SequenceFileLayout.TABLE) {
      throw damaged(file, "it has " + bytes.length + " bytes only");
    }
    Optional<FileHeader> header =
        FileHeader.readBlock(FileKind.DEDUP_SEQUENCES, buffer, 0, file);
    if (header.isEmpty()) {
      throw damaged(file, "neither copy of its header is valid");
    }
    int length = buffer.getInt(SequenceFileLayout.LENGTH, le);
    int entries = buffer.getInt(SequenceFileLayout.PRODUCERS, le);
    long offset = buffer.getLong(SequenceFileLayout.OFFSET, le);
    if (length != bytes.length - SequenceFileLayout.TABLE
        || crc(bytes) != buffer.getInt(SequenceFileLayout.CRC, le)
        || entries < 0
        || offset < 0) {
      throw damaged(file, "its checksum does not match");
    }
    byte[] table = Arrays.copyOfRange(bytes, SequenceFileLayout.TABLE, bytes.length);
    return new SequenceFile(
        header.get().storeId(),
        header.get().topic(),
        offset,
        new CarriedTable(entries, table));
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(
        bytes, SequenceFileLayout.OFFSET, SequenceFileLayout.CRC - SequenceFileLayout.OFFSET);
    crc.update(bytes, SequenceFileLayout.TABLE, bytes.length - SequenceFileLayout.TABLE);
    return (int) crc.getValue();
  }

  private static DamagedDedupException damaged(Path file, String problem) {
    return new DamagedDedupException(
        file + ": " + problem + "; what it held is taken from the topic, as far as that has it");
  }
}
