package io.holdfast.storage.crash;

import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;

/** The device of a {@link CrashFileSystem}; it has room for everything. */
final class CrashFileStore extends FileStore {
  private static final long ROOM = 1L << 40;

  private final String type;

  CrashFileStore(String type) {
    this.type = type;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public long getTotalSpace() {
    return ROOM;
  }

  @Override
  public long getUsableSpace() {
    return ROOM;
  }

  @Override
  public long getUnallocatedSpace() {
    return ROOM;
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    return false;
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return name.equals("basic");
  }

  @Override
  public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
    return null;
  }

  @Override
  public Object getAttribute(String attribute) {
    throw new UnsupportedOperationException(attribute);
  }
}
