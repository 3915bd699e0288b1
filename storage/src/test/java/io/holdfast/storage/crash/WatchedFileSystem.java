package io.holdfast.storage.crash;

import io.holdfast.storage.file.MappedRegion;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;

/**
 * The machine's own file system, with every call that changes something told to a watcher before it
 * is done. The watcher may end the process there, or have the call fail. Unlike that of a {@link
 * CrashFileSystem} it does not stand still meanwhile: other threads go on, and may be told of their
 * own calls at the same time. Thread-safe.
 *
 * <p>Regions are mapped by the kernel. A force of one is told, with the name that the file had when
 * it was mapped; a store to one is not.
 */
public final class WatchedFileSystem extends SpelledFileSystem {
  private final FileSystem real = FileSystems.getDefault();
  private final WatchedProvider provider = new WatchedProvider(this);
  private final Call.Watcher watcher;
  private final AtomicLong calls = new AtomicLong();

  /**
   * The machine's files, watched.
   *
   * @param watcher is told of the calls, on the threads that make them
   */
  public WatchedFileSystem(Call.Watcher watcher) {
    this.watcher = watcher;
  }

  /**
   * The same path here.
   *
   * @param path of the default file system
   * @return whose calls are watched
   */
  public Path path(Path path) {
    return new WatchedPath(this, path);
  }

  /** The path below one of ours. */
  Path real(Path path) {
    if (path instanceof WatchedPath ours && ours.getFileSystem() == this) {
      return ours.spelling();
    }
    throw new IllegalArgumentException(path + ": expected a path of this file system");
  }

  void announce(Call.Kind kind, Path path) throws IOException {
    watcher.before(new Call(calls.incrementAndGet(), kind, path));
  }

  @Override
  public MappedRegion mapRegion(Path file, long position, long length, boolean readOnly)
      throws IOException {
    Path below = real(file);
    if (readOnly) {
      return MappedRegion.mapReadOnly(below); // always the whole file
    }
    MappedRegion region = MappedRegion.map(below, position, length);
    return MappedRegion.over(
        region,
        file,
        (from, bytes) -> {
          announce(Call.Kind.FORCE, file);
          region.force(from, bytes);
        });
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return StreamSupport.stream(real.getRootDirectories().spliterator(), false)
        .map(this::path)
        .toList();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return real.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return path(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = real.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(real(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return real.getUserPrincipalLookupService();
  }
}
