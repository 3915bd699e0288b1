package io.holdfast.storage.crash;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystem;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;

/** The calls that all file systems of the tests answer alike. */
abstract class SpelledProvider extends FileSystemProvider {

  @Override
  public final FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException("made by its class");
  }

  @Override
  public final FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException("known to whoever made it");
  }

  @Override
  public final Path getPath(URI uri) {
    throw new UnsupportedOperationException("given by the file system");
  }

  @Override
  public final SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public final void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException("copy through channels");
  }
}
