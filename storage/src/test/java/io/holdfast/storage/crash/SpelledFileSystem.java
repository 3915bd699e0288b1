package io.holdfast.storage.crash;

import io.holdfast.storage.file.RegionSource;
import java.nio.file.FileSystem;
import java.nio.file.WatchService;

/** A file system of the tests, whose paths are {@linkplain SpelledPath spelled} as another's. */
abstract class SpelledFileSystem extends FileSystem implements RegionSource {

  @Override
  public final void close() {
    throw new UnsupportedOperationException("is forgotten, never closed");
  }

  @Override
  public final boolean isOpen() {
    return true;
  }

  @Override
  public final boolean isReadOnly() {
    return false;
  }

  @Override
  public final WatchService newWatchService() {
    throw new UnsupportedOperationException("its changes are told to nobody");
  }
}
