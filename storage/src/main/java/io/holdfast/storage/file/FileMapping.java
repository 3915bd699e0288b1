package io.holdfast.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;
import net.openhft.chronicle.core.io.ReferenceOwner;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The kernel's map of a file of the default file system, from its beginning to the end of a region.
 *
 * <p>chronicle-bytes maps the file once for the region's life; an agrona buffer is laid over the
 * address. {@link #force} goes through a second, never touched view, because chronicle's own sync
 * only logs a failed call, and a {@link FileChannel} would be closed by an interrupt.
 */
final class FileMapping {
  private final ReferenceOwner owner = ReferenceOwner.temporary("region");
  private final UnsafeBuffer buffer;
  private MappedFile mappedFile;
  private MappedBytesStore store;
  private MappedByteBuffer forceView;

  private FileMapping(Path file, long position, long length, boolean readOnly)
      throws IOException {
    mappedFile = MappedFile.of(file.toFile(), position + length, 0, readOnly);
    try {
      store = mappedFile.acquireByteStore(owner, 0);
      buffer = new UnsafeBuffer(store.addressForRead(0) + position, Math.toIntExact(length));
      if (!readOnly) {
        try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
          forceView = channel.map(FileChannel.MapMode.READ_WRITE, position, length);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      unmap();
      throw e;
    }
  }

  /**
   * Maps a part of a file.
   *
   * @param file of the default file system
   * @param position first byte, a multiple of 4096
   * @param length bytes
   * @param readOnly a store is a fault then
   * @return the region, which owns the map
   * @throws IOException when the file cannot be mapped, or the thread was interrupted
   */
  static MappedRegion region(Path file, long position, long length, boolean readOnly)
      throws IOException {
    if (length < SmallMapping.LIMIT) {
      return SmallMapping.region(file, position, length, readOnly);
    }
    FileMapping mapping = new FileMapping(file, position, length, readOnly);
    return new MappedRegion(
        file, mapping.buffer, mapping::force, mapping::unmapMemory, mapping::unmap);
  }

  private void force(long from, long length) throws IOException {
    if (forceView == null) {
      throw new IOException("mapped for reading");
    }
    try {
      forceView.force(Math.toIntExact(from), Math.toIntExact(length));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Returns once chronicle's own thread, which unmaps, has nothing left to do. */
  static void awaitUnmapped() {
    BackgroundResourceReleaser.releasePendingResources();
  }

  private void unmap() {
    unmapMemory();
    if (forceView != null) {
      BufferUtil.free(forceView);
      forceView = null;
    }
  }

  /** Chronicle lets the memory go a moment later, on a thread of its own. */
  private void unmapMemory() {
    if (store != null) {
      store.release(owner);
      store = null;
    }
    if (mappedFile != null) {
      mappedFile.releaseLast();
      mappedFile = null;
    }
  }
}
