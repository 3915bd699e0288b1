package io.holdfast.bench.quick;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes files of zeros as a log wants them: written in small pieces, because large ones leave large
 * folios behind that a force then writes whole, and forced. Stands apart from the product's code,
 * so that the floor does not move with it.
 */
final class ZeroedFile {
  private static final int PIECE = 16 * 1024;
  private static final int PAGE = 4096;

  private ZeroedFile() {}

  /** Makes one; the caller closes the channel. */
  static FileChannel create(Path file, long bytes) {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
      for (long at = 0; at < bytes; at += PIECE) {
        zeros.clear().limit((int) Math.min(PIECE, bytes - at));
        while (zeros.hasRemaining()) {
          channel.write(zeros, at + zeros.position());
        }
      }
      channel.force(true);
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be prepared: " + e, e);
    }
  }

  /** Makes one and maps it, with every page resident and writable. */
  static MappedByteBuffer map(Path file, int bytes) {
    try (FileChannel channel = create(file, bytes)) {
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      for (int page = 0; page < bytes; page += PAGE) {
        map.put(page, (byte) 0);
      }
      return map;
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be mapped: " + e, e);
    }
  }
}
