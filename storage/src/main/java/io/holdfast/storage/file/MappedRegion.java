package io.holdfast.storage.file;

import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file, or a part of one, as memory: the one type behind which anything is mapped. Files of the
 * default file system are mapped by the kernel; a file system that is a {@link RegionSource} gives
 * memory of its own.
 *
 * <p>Not thread-safe: the owner sees to it that nobody uses the buffer during or after {@link
 * #close}. A closed region's buffer has no bytes, so that a late access fails its bounds check.
 */
public final class MappedRegion implements AutoCloseable {
  private static final byte[] NOTHING = new byte[0];

  private volatile Path file; // for messages: whoever renames the file writes, all read
  private final long capacity;
  private final UnsafeBuffer buffer;
  private final Runnable unmapMemory;
  private final Runnable unmap;
  private ForceAction force; // null once closed

  MappedRegion(
      Path file, UnsafeBuffer buffer, ForceAction force, Runnable unmapMemory, Runnable unmap) {
    this.file = file;
    this.capacity = buffer.capacity();
    this.buffer = buffer;
    this.force = force;
    this.unmapMemory = unmapMemory;
    this.unmap = unmap;
  }

  /** Brings bytes of a region to the device. */
  @FunctionalInterface
  public interface ForceAction {
    /**
     * Returns once the bytes are on the device.
     *
     * @param from first byte, counted from the beginning of the region
     * @param length bytes, 1 or more
     * @throws IOException when the device did not take them
     */
    void force(long from, long length) throws IOException;
  }

  /**
   * A region over memory that is there already.
   *
   * @param file for messages
   * @param memory becomes the region's buffer, which has no bytes once the region is closed
   * @param force what {@link #force} does
   * @return the region
   */
  public static MappedRegion of(Path file, UnsafeBuffer memory, ForceAction force) {
    return new MappedRegion(file, memory, force, () -> {}, () -> {});
  }

  /**
   * Another region with another way to force it, for a file system that sees to forces.
   *
   * @param region closed with the new one, and not used by itself any more
   * @param file for messages
   * @param force what {@link #force} does
   * @return a region over the same memory
   */
  public static MappedRegion over(MappedRegion region, Path file, ForceAction force) {
    return new MappedRegion(
        file, region.buffer, force, region::unmapMemory, region::close);
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
    return of(Path.of("heap"), new UnsafeBuffer(new byte[bytes]), (from, length) -> {});
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
          return file.getFileSystem() instanceof RegionSource source
              ? source.mapRegion(file, position, length, readOnly)
              : FileMapping.region(file, position, length, readOnly);
        } catch (IOException | RuntimeException e) {
          if (!Thread.interrupted()) {
            throw e;
          }
          interrupted = true; // the channel that it closed was this call's own: map once more
        }
      }
    } catch (IOException e) {
      throw new StorageIoException(
          file + ": cannot be mapped: " + e.getMessage() + MapLimit.advice(e), e);
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
    return DurableFiles.size(file);
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
    if (length == 0) {
      return;
    }
    if (force == null) {
      throw new StorageIoException(file + ": the region is closed; cannot be forced");
    }
    try {
      force.force(from, length);
    } catch (IOException e) {
      throw new StorageIoException(
          "%s: forcing bytes %d to %d failed: %s"
              .formatted(file, from, from + length, e.getMessage()),
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

  /**
   * Unmaps the memory, at once or a moment later, and keeps what {@link #force} needs: pages that
   * nobody has mapped are written without an interrupt of other cores for each.
   */
  public void unmapMemory() {
    buffer.wrap(NOTHING);
    unmapMemory.run();
  }

  /** Waits, about a second at most, until the regions that were closed are unmapped. */
  public static void awaitUnmapped() {
    FileMapping.awaitUnmapped();
  }

  /** Unmaps, at once or a moment later. A second call does nothing. */
  @Override
  public void close() {
    if (force != null) {
      force = null;
      buffer.wrap(NOTHING);
      unmap.run();
    }
  }
}
