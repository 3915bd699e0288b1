package io.holdfast.storage.crash;

import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of a {@link CrashFileSystem}: a path of the default one for its spelling, and no more. */
final class CrashPath implements Path {
  private final CrashFileSystem fileSystem;
  private final Path spelling;

  CrashPath(CrashFileSystem fileSystem, Path spelling) {
    this.fileSystem = fileSystem;
    this.spelling = spelling;
  }

  private CrashPath of(Path other) {
    return other == null ? null : new CrashPath(fileSystem, other);
  }

  private static Path spelling(Path other) {
    if (other instanceof CrashPath path) {
      return path.spelling;
    }
    throw new ProviderMismatchException(other + ": expected a path of a CrashFileSystem");
  }

  /** The names from the root to the file. */
  Path names() {
    return spelling.isAbsolute() ? spelling.normalize() : Path.of("/").resolve(spelling);
  }

  @Override
  public CrashFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return spelling.isAbsolute();
  }

  @Override
  public Path getRoot() {
    return of(spelling.getRoot());
  }

  @Override
  public Path getFileName() {
    return of(spelling.getFileName());
  }

  @Override
  public Path getParent() {
    return of(spelling.getParent());
  }

  @Override
  public int getNameCount() {
    return spelling.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return of(spelling.getName(index));
  }

  @Override
  public Path subpath(int from, int to) {
    return of(spelling.subpath(from, to));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof CrashPath path
        && path.fileSystem == fileSystem
        && spelling.startsWith(path.spelling);
  }

  @Override
  public boolean endsWith(Path other) {
    return other instanceof CrashPath path
        && path.fileSystem == fileSystem
        && spelling.endsWith(path.spelling);
  }

  @Override
  public Path normalize() {
    return of(spelling.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return of(spelling.resolve(spelling(other)));
  }

  @Override
  public Path relativize(Path other) {
    return of(spelling.relativize(spelling(other)));
  }

  @Override
  public URI toUri() {
    return URI.create("crash://" + names());
  }

  @Override
  public Path toAbsolutePath() {
    return of(names());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws NoSuchFileException {
    fileSystem.disk().find(this); // there are no links
    return of(names());
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("a CrashFileSystem watches nothing");
  }

  @Override
  public int compareTo(Path other) {
    return spelling.compareTo(spelling(other));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CrashPath path
        && path.fileSystem == fileSystem
        && path.spelling.equals(spelling);
  }

  @Override
  public int hashCode() {
    return spelling.hashCode();
  }

  @Override
  public String toString() {
    return spelling.toString();
  }
}
