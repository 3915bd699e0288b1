package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls of {@link java.nio.file.Files} on a {@link CrashFileSystem}. */
final class CrashProvider extends SpelledProvider {
  private final CrashFileSystem fileSystem;

  CrashProvider(CrashFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  private Disk disk() {
    return fileSystem.disk();
  }

  private CrashPath ours(Path path) {
    if (path.getFileSystem() == fileSystem) {
      return (CrashPath) path;
    }
    throw new IllegalArgumentException(path + ": expected a path of this file system");
  }

  @Override
  public String getScheme() {
    return "crash";
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean writes =
        options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
    DiskNode node =
        disk()
            .open(
                ours(path),
                writes && options.contains(StandardOpenOption.CREATE),
                writes && options.contains(StandardOpenOption.CREATE_NEW));
    if (writes && node instanceof DiskDirectory) {
      throw new IOException(path + ": Is a directory");
    }
    boolean reads = !writes || options.contains(StandardOpenOption.READ);
    FileChannel channel = new CrashChannel(disk(), node, ours(path), reads, writes);
    if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING) && channel.size() > 0) {
      channel.truncate(0);
    }
    return options.contains(StandardOpenOption.APPEND)
        ? channel.position(channel.size())
        : channel;
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> entries = new ArrayList<>();
    for (String name : disk().list(ours(directory))) {
      Path entry = directory.resolve(name);
      if (filter.accept(entry)) {
        entries.add(entry);
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return entries.iterator();
      }

      @Override
      public void close() {
        // the list was read at once
      }
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    disk().makeDirectory(ours(directory));
  }

  @Override
  public void delete(Path path) throws IOException {
    disk().delete(ours(path));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    List<CopyOption> asked = List.of(options);
    boolean replace =
        asked.contains(StandardCopyOption.REPLACE_EXISTING)
            || asked.contains(StandardCopyOption.ATOMIC_MOVE);
    disk().move(ours(source), ours(target), replace);
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return one.equals(other)
        || one.getFileSystem() == other.getFileSystem()
            && disk().find(ours(one)) == disk().find(ours(other));
  }

  @Override
  public boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) {
    return fileSystem.fileStore();
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    disk().announceRead(Call.Kind.LOOK, path);
    disk().find(ours(path));
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null; // none but the attributes below
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    disk().announceRead(Call.Kind.LOOK, path);
    return type.cast(CrashAttributes.of(disk(), disk().find(ours(path))));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException(names);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException(name);
  }
}
