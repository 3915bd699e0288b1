package io.holdfast.bench.quick;

import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The files of the floor: mapped, prepared, used one after the other and round again. The writer
 * must not come round to a file that is still read; nothing guards that but the salt.
 *
 * <pre>
 *   record  0 i64 word: length, then crc32c    8 24 bytes of header    32 payload, to 8 bytes
 *   word    0 = nothing here yet    -1 = goes on in the next file
 * </pre>
 */
final class FloorRing {
  static final int FILE_BYTES = 64 << 20;
  static final int HEADER = 32;

  /** Bytes behind the payload in the sum: salt, position, length, header bytes 8 to 31. */
  static final int PLACE = 40;

  static final int HEADER_REST = 24;
  static final long EMPTY = 0;
  static final long GOES_ON = -1;

  private static final long ODD = 0x9E37_79B9_7F4A_7C15L;

  private final UnsafeBuffer[] files;

  FloorRing(Path directory, long bytes) {
    files = new UnsafeBuffer[(int) Math.max(2, bytes / FILE_BYTES)];
    for (int i = 0; i < files.length; i++) {
      files[i] = new UnsafeBuffer(ZeroedFile.map(directory.resolve("floor-" + i), FILE_BYTES));
    }
  }

  /** The file that is the n-th to be written. */
  UnsafeBuffer file(long n) {
    return files[(int) (n % files.length)];
  }

  /** Tells this life of a file from those before. */
  static long salt(long n) {
    return (n + 1) * ODD;
  }

  static int aligned(int length) {
    return length + 7 & -8;
  }
}
