package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** An open file or directory of a {@link WatchedFileSystem}. */
final class WatchedChannel extends FileChannel {
  private final WatchedFileSystem fileSystem;
  private final Path path;
  private final FileChannel below;
  private final boolean directory;

  WatchedChannel(WatchedFileSystem fileSystem, Path path, FileChannel below, boolean directory) {
    this.fileSystem = fileSystem;
    this.path = path;
    this.below = below;
    this.directory = directory;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return below.read(into);
  }

  @Override
  public int read(ByteBuffer into, long from) throws IOException {
    return below.read(into, from);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    return below.read(into, offset, length);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    fileSystem.announce(Call.Kind.WRITE, path);
    return below.write(from);
  }

  @Override
  public int write(ByteBuffer from, long to) throws IOException {
    fileSystem.announce(Call.Kind.WRITE, path);
    return below.write(from, to);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    fileSystem.announce(Call.Kind.WRITE, path);
    return below.write(from, offset, length);
  }

  @Override
  public long position() throws IOException {
    return below.position();
  }

  @Override
  public FileChannel position(long next) throws IOException {
    below.position(next);
    return this;
  }

  @Override
  public long size() throws IOException {
    return below.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    fileSystem.announce(Call.Kind.TRUNCATE, path);
    below.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    fileSystem.announce(directory ? Call.Kind.FORCE_DIRECTORY : Call.Kind.FORCE, path);
    below.force(metaData);
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    return below.transferTo(from, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long to, long count) throws IOException {
    fileSystem.announce(Call.Kind.WRITE, path);
    return below.transferFrom(source, to, count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long from, long size) {
    throw new UnsupportedOperationException(path + ": is mapped by the file system only");
  }

  @Override
  public FileLock lock(long from, long size, boolean shared) throws IOException {
    return below.lock(from, size, shared);
  }

  @Override
  public FileLock tryLock(long from, long size, boolean shared) throws IOException {
    return below.tryLock(from, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    below.close();
  }
}
