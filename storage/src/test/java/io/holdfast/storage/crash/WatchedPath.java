package io.holdfast.storage.crash;

import java.io.IOException;
import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A path of a {@link WatchedFileSystem}: that of the file system below it. */
final class WatchedPath extends SpelledPath {
  private final WatchedFileSystem fileSystem;

  WatchedPath(WatchedFileSystem fileSystem, Path real) {
    super(fileSystem, real);
    this.fileSystem = fileSystem;
  }

  @Override
  WatchedPath with(Path otherSpelling) {
    return new WatchedPath(fileSystem, otherSpelling);
  }

  @Override
  public URI toUri() {
    return URI.create("watched://" + spelling().toAbsolutePath());
  }

  @Override
  public Path toAbsolutePath() {
    return with(spelling().toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return with(spelling().toRealPath(options));
  }
}
