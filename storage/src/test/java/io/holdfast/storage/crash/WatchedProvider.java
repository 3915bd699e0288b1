package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The calls of {@link Files} on a {@link WatchedFileSystem}, which the one below it does. */
final class WatchedProvider extends SpelledProvider {
  private final WatchedFileSystem fileSystem;

  WatchedProvider(WatchedFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  private Path real(Path path) {
    return fileSystem.real(path);
  }

  private FileSystemProvider below(Path path) {
    return real(path).getFileSystem().provider();
  }

  @Override
  public String getScheme() {
    return "watched";
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean creates =
        options.contains(StandardOpenOption.CREATE)
            || options.contains(StandardOpenOption.CREATE_NEW);
    boolean exists = Files.exists(real(path), LinkOption.NOFOLLOW_LINKS);
    if (creates && !exists) {
      fileSystem.announce(Call.Kind.CREATE, path);
    } else if (exists && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
      fileSystem.announce(Call.Kind.TRUNCATE, path);
    }
    FileChannel channel = below(path).newFileChannel(real(path), options, attributes);
    return new WatchedChannel(fileSystem, path, channel, Files.isDirectory(real(path)));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> below =
        below(directory)
            .newDirectoryStream(
                real(directory), entry -> filter.accept(fileSystem.path(entry)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> entries = below.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return entries.hasNext();
          }

          @Override
          public Path next() {
            return fileSystem.path(entries.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        below.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    fileSystem.announce(Call.Kind.MAKE_DIRECTORY, directory);
    below(directory).createDirectory(real(directory), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    fileSystem.announce(Call.Kind.DELETE, path);
    below(path).delete(real(path));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    fileSystem.announce(Call.Kind.RENAME, source);
    below(source).move(real(source), real(target), options);
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return below(one).isSameFile(real(one), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return below(path).isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return below(path).getFileStore(real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    below(path).checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return below(path).getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return below(path).readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return below(path).readAttributes(real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    below(path).setAttribute(real(path), name, value, options);
  }
}
