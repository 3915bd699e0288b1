package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What a file or directory of a {@link CrashFileSystem} is. Its times are the epoch: nothing that
 * must survive a crash may depend on them.
 *
 * @param isDirectory or else a regular file
 * @param size bytes
 * @param fileKey the node
 */
record CrashAttributes(boolean isDirectory, long size, Object fileKey)
    implements BasicFileAttributes {
  private static final FileTime EPOCH = FileTime.fromMillis(0);

  static CrashAttributes of(Disk disk, DiskNode node) throws IOException {
    if (node instanceof DiskFile file) {
      return new CrashAttributes(false, disk.locked(file::size), node);
    }
    return new CrashAttributes(true, 0, node);
  }

  @Override
  public boolean isRegularFile() {
    return !isDirectory;
  }

  @Override
  public boolean isSymbolicLink() {
    return false;
  }

  @Override
  public boolean isOther() {
    return false;
  }

  @Override
  public FileTime lastModifiedTime() {
    return EPOCH;
  }

  @Override
  public FileTime lastAccessTime() {
    return EPOCH;
  }

  @Override
  public FileTime creationTime() {
    return EPOCH;
  }
}
