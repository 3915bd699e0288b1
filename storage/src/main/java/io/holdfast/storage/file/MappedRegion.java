package io.holdfast.storage.file;

import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.io.ReferenceOwner;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file, or a part of one, as memory: the one type behind which anything is mapped.
 *
 * <p>chronicle-bytes maps the file once for the region's life; an agrona buffer is laid over the
 * address. {@link #force} goes through a second, never touched view, because chronicle's own sync
 * only logs a failed call, and a {@link FileChannel} would be closed by an interrupt.
 *
 * <p>Not thread-safe: the owner sees to it that nobody uses the buffer during or after {@link
 * #close}. A closed region's buffer has no bytes, so that a late access fails its bounds check.
 */
public final class MappedRegion implements AutoCloseable {
  private static final byte[] NOTHING = new byte[0];

  private volatile Path file; // for messages: whoever renames the file writes, all read
  private final long capacity;
  private final UnsafeBuffer buffer;
  private final ReferenceOwner owner;
  private MappedFile mappedFile;
  private MappedBytesStore store;
  private MappedByteBuffer forceView;

  private MappedRegion(Path file, long position, long length, boolean readOnly)
      throws IOException {
    this.file = file;
    this.capacity = length;
    this.owner = ReferenceOwner.temporary("region");
    long mapped = position + length;
    mappedFile = MappedFile.of(file.toFile(), mapped, 0, readOnly);
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
      release();
      throw e;
    }
  }

  private MappedRegion(int bytes) {
    this.file = Path.of("heap");
    this.capacity = bytes;
    this.owner = null;
    this.buffer = new UnsafeBuffer(ByteBuffer.allocate(bytes));
  }

  /**
   * Maps a whole file for reading and writing.
   *
   * @param file a regular file whose blocks are all allocated; not a symbolic link
   * @return the region
   * @throws StorageIoException when the file cannot be mapped
   */
  public static MappedRegion map(Path file) {
    return map(file, 0, size(file), false);
  }

  /**
   * Maps a part of a file for reading and writing.
   *
   * @param file a regular file whose blocks are all allocated; not a symbolic link
   * @param position first byte, a multiple of 4096
   * @param length bytes, below 2 GiB
   * @return the region
   * @throws StorageIoException when the file cannot be mapped
   */
  public static MappedRegion map(Path file, long position, long length) {
    return map(file, position, length, false);
  }

  /**
   * Maps a whole file for reading. A store to its buffer is a fault.
   *
   * @param file a regular file; not a symbolic link
   * @return the region
   * @throws StorageIoException when the file cannot be mapped
   */
  public static MappedRegion mapReadOnly(Path file) {
    return map(file, 0, size(file), true);
  }

  /**
   * Memory on the heap that behaves like a region, for tests.
   *
   * @param bytes how large
   * @return a region whose force does nothing
   */
  public static MappedRegion onHeap(int bytes) {
    return new MappedRegion(bytes);
  }

  private static MappedRegion map(Path file, long position, long length, boolean readOnly) {
    long size = size(file);
    if (length <= 0 || position < 0 || position + length > size) {
      throw new StorageIoException(
          "%s: cannot map bytes %d to %d of a file of %d bytes: it was cut; run verify"
              .formatted(file, position, position + length, size));
    }
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          return new MappedRegion(file, position, length, readOnly);
        } catch (IOException | RuntimeException e) {
          if (!Thread.interrupted()) {
            throw e;
          }
          interrupted = true; // the channel that it closed was this call's own: map once more
        }
      }
    } catch (IOException e) {
      throw new StorageIoException(file + ": cannot be mapped: " + e.getMessage(), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static long size(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new StorageIoException(
          file + ": expected a regular file, found none (symbolic links are not followed)");
    }
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new StorageIoException(file + ": its size cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The memory.
   *
   * @return valid until {@link #close}
   */
  public UnsafeBuffer buffer() {
    return buffer;
  }

  /**
   * Bytes of the region.
   *
   * @return as mapped, also after close
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Forces a part of the region to the device with a checked msync, which no interrupt breaks. A
   * failure is final: the kernel may report success the next time although pages are lost. Never
   * call it again.
   *
   * @param from first byte
   * @param length bytes; 0 does nothing
   * @throws StorageIoException when the device did not take the bytes
   */
  public void force(long from, long length) {
    if (owner == null || length == 0) {
      return;
    }
    if (forceView == null) {
      throw new StorageIoException(file + ": mapped for reading or closed; cannot be forced");
    }
    try {
      forceView.force(Math.toIntExact(from), Math.toIntExact(length));
    } catch (UncheckedIOException e) {
      throw new StorageIoException(
          "%s: forcing bytes %d to %d failed: %s"
              .formatted(file, from, from + length, e.getCause().getMessage()),
          e);
    }
  }

  /** Forces the whole region; see {@link #force(long, long)}. */
  public void force() {
    force(0, capacity);
  }

  /**
   * Says that the file was renamed, so that messages name the place where it is.
   *
   * @param now its name
   */
  public void moved(Path now) {
    file = now;
  }

  /** Unmaps. A second call does nothing. */
  @Override
  public void close() {
    buffer.wrap(NOTHING);
    release();
  }

  private void release() {
    if (store != null) {
      store.release(owner);
      store = null;
    }
    if (mappedFile != null) {
      mappedFile.releaseLast();
      mappedFile = null;
    }
    if (forceView != null) {
      BufferUtil.free(forceView);
      forceView = null;
    }
  }
}
