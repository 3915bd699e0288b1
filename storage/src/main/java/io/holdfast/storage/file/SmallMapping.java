package io.holdfast.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One map of a small file, for reading, writing and forcing. A process may have some 65,000 maps,
 * and there is one of these or more for each topic of each group: a second one to force through, as
 * {@link FileMapping} has it, would halve how many there can be, and spares a small file nothing.
 */
final class SmallMapping {
  /** Bytes from which on a file is not small: no segment is. */
  static final int LIMIT = 64 << 10;

  private SmallMapping() {}

  /**
   * Maps a part of a file; see {@link FileMapping#region}.
   *
   * @throws IOException when the file cannot be mapped, or the thread was interrupted
   */
  static MappedRegion region(Path file, long position, long length, boolean readOnly)
      throws IOException {
    Set<OpenOption> options =
        readOnly
            ? Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)
            : Set.of(
                StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    MappedByteBuffer view;
    try (FileChannel channel = FileChannel.open(file, options)) {
      view =
          channel.map(
              readOnly ? FileChannel.MapMode.READ_ONLY : FileChannel.MapMode.READ_WRITE,
              position,
              length);
    }
    UnsafeBuffer memory = new UnsafeBuffer(BufferUtil.address(view), Math.toIntExact(length));
    return new MappedRegion(
        file,
        memory,
        (from, bytes) -> force(view, readOnly, from, bytes),
        () -> {}, // there is nothing left to force through without it
        () -> BufferUtil.free(view));
  }

  private static void force(MappedByteBuffer view, boolean readOnly, long from, long length)
      throws IOException {
    if (readOnly) {
      throw new IOException("mapped for reading");
    }
    try {
      view.force(Math.toIntExact(from), Math.toIntExact(length));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
