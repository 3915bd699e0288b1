package io.holdfast.storage.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file system that gives the memory of its files itself. A {@link java.nio.file.FileSystem} that
 * implements this is asked by {@link MappedRegion} in place of the kernel, so that a test can hold
 * files and memory in process and see what a crash would leave of both.
 */
public interface RegionSource {
  /**
   * Lays a region over a part of a file. Whatever is stored there is read through the file's
   * channels at once, and through every other region over the same bytes.
   *
   * @param file of this file system; a regular file
   * @param position first byte, a multiple of 4096
   * @param length bytes, 1 or more; the file has them
   * @param readOnly whether the region is never stored to; forcing it then fails
   * @return the region, made by {@link MappedRegion#of}
   * @throws IOException when the part cannot be mapped
   */
  MappedRegion mapRegion(Path file, long position, long length, boolean readOnly)
      throws IOException;
}
