package io.holdfast.storage.crash;

import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A path of a {@link CrashFileSystem}: a path of the default one for its spelling, and no more. */
final class CrashPath extends SpelledPath {
  private final CrashFileSystem fileSystem;
  private volatile String[] names; // whoever asks first writes, all read

  CrashPath(CrashFileSystem fileSystem, Path spelling) {
    super(fileSystem, spelling);
    this.fileSystem = fileSystem;
  }

  @Override
  CrashPath with(Path otherSpelling) {
    return new CrashPath(fileSystem, otherSpelling);
  }

  /** The names from the root to the file. */
  String[] names() {
    if (names == null) {
      List<String> found = new ArrayList<>();
      whole().forEach(name -> found.add(name.toString()));
      names = found.toArray(String[]::new);
    }
    return names;
  }

  private Path whole() {
    return isAbsolute() ? spelling().normalize() : Path.of("/").resolve(spelling());
  }

  @Override
  public URI toUri() {
    return URI.create("crash://" + whole());
  }

  @Override
  public Path toAbsolutePath() {
    return with(whole());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws NoSuchFileException {
    fileSystem.disk().find(this); // there are no links
    return with(whole());
  }
}
