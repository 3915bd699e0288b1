package io.holdfast.storage.crash;

import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of a file system of the tests, which has that of another one for its spelling. */
abstract class SpelledPath implements Path {
  private final FileSystem fileSystem;
  private final Path spelling;

  SpelledPath(FileSystem fileSystem, Path spelling) {
    this.fileSystem = fileSystem;
    this.spelling = spelling;
  }

  /** A path of the same file system. */
  abstract SpelledPath with(Path otherSpelling);

  private Path of(Path other) {
    return other == null ? null : with(other);
  }

  final Path spelling() {
    return spelling;
  }

  private static Path spelling(Path other) {
    if (other instanceof SpelledPath path) {
      return path.spelling;
    }
    throw new ProviderMismatchException(other + ": expected a path of a file system of the tests");
  }

  @Override
  public FileSystem getFileSystem() {
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
    return other instanceof SpelledPath path
        && path.fileSystem == fileSystem
        && spelling.startsWith(path.spelling);
  }

  @Override
  public boolean endsWith(Path other) {
    return other instanceof SpelledPath path
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
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("a file system of the tests watches nothing");
  }

  @Override
  public int compareTo(Path other) {
    return spelling.compareTo(spelling(other));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SpelledPath path
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
