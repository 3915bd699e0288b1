package io.holdfast.storage.crash;

import io.holdfast.storage.file.MappedRegion;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/**
 * A file system in memory that keeps apart what processes see and what the device has. Content
 * reaches the device with a force of the file (the whole of it through a channel, the pages of a
 * range through a region), names with a force of their directory. Thread-safe.
 *
 * <p>{@link #point} takes hold of a moment, from which every state can be made that a crash then
 * could have left; each is a file system of its own.
 */
public final class CrashFileSystem extends SpelledFileSystem {
  private final Disk disk;
  private final String type;
  private final CrashProvider provider = new CrashProvider(this);

  CrashFileSystem(Disk disk) {
    this(disk, "crash");
  }

  private CrashFileSystem(Disk disk, String type) {
    this.disk = disk;
    this.type = type;
  }

  /**
   * An empty file system.
   *
   * @return with a root directory
   */
  public static CrashFileSystem create() {
    return new CrashFileSystem(new Disk(new DiskDirectory(), List.of()));
  }

  /**
   * An empty file system that gives itself out for another.
   *
   * @param type the name of a kind of file systems, such as "nfs4"
   * @return with a root directory
   */
  public static CrashFileSystem create(String type) {
    return new CrashFileSystem(new Disk(new DiskDirectory(), List.of()), type);
  }

  /**
   * The file system as it is now. May be called by a {@link Call.Watcher}.
   *
   * @return from which what a crash leaves is made
   */
  public CrashPoint point() {
    return disk.image();
  }

  /**
   * Has every call that changes something told to a watcher, in the place of the one before.
   *
   * @param watcher may make calls fail
   */
  public void watch(Call.Watcher watcher) {
    disk.watch(watcher);
  }

  /**
   * Says that nobody uses a region any more, as when a process has ended: files that have grown
   * under their regions can be mapped whole again.
   */
  public void unmapAll() {
    disk.unmapAll();
  }

  /**
   * A number of all that processes see and all that the device has: file systems with different
   * ones differ. Times and locks do not count.
   *
   * @return 64 bits
   */
  public long fingerprint() {
    return disk.image().fingerprint();
  }

  /**
   * Does something while no call changes the file system, as a watcher does.
   *
   * @param work must not wait for a thread that uses the file system
   */
  public void still(Runnable work) {
    disk.still(work);
  }

  /**
   * Has every call from now on that only looks told to a watcher, in the place of the one before.
   * They are counted apart, from 1.
   *
   * @param watcher may make calls fail
   */
  public void watchReads(Call.Watcher watcher) {
    disk.watchReads(watcher);
  }

  /**
   * The calls so far that changed something.
   *
   * @return the number of the last one
   */
  public long calls() {
    return disk.calls();
  }

  Disk disk() {
    return disk;
  }

  FileStore fileStore() {
    return new CrashFileStore(type);
  }

  @Override
  public MappedRegion mapRegion(Path file, long position, long length, boolean readOnly)
      throws IOException {
    CrashPath path = (CrashPath) file;
    disk.announceRead(Call.Kind.MAP, path);
    if (!(disk.find(path) instanceof DiskFile content)) {
      throw new IOException(file + ": Is a directory");
    }
    return MappedRegion.of(
        file,
        disk.locked(() -> content.map(position, Math.toIntExact(length), readOnly)),
        (from, bytes) -> {
          if (readOnly) {
            throw new IOException("mapped for reading");
          }
          long first = position + from;
          CrashChannel.force(disk, content, path, first, first + bytes);
        });
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of(fileStore());
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public Path getPath(String first, String... more) {
    return new CrashPath(this, Path.of(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(Path.of(path.toString()));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException("nobody owns a file here");
  }
}
