package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file or directory of a {@link CrashFileSystem}. An interrupt does not close it. */
final class CrashChannel extends FileChannel {
  private static final int COPY = 64 * 1024;

  private final Disk disk;
  private final DiskNode node;
  private final CrashPath path;
  private final boolean reads;
  private final boolean writes;
  private long position;
  private boolean locks; // holds the lock of its file

  CrashChannel(Disk disk, DiskNode node, CrashPath path, boolean reads, boolean writes) {
    this.disk = disk;
    this.node = node;
    this.path = path;
    this.reads = reads;
    this.writes = writes;
  }

  private DiskFile file() throws IOException {
    if (!isOpen()) {
      throw new java.nio.channels.ClosedChannelException();
    }
    if (node instanceof DiskFile file) {
      return file;
    }
    throw new IOException(path + ": Is a directory");
  }

  @Override
  public int read(ByteBuffer into, long from) throws IOException {
    if (!reads) {
      throw new NonReadableChannelException();
    }
    return disk.locked(
        () -> {
          DiskFile file = file();
          disk.announceRead(Call.Kind.READ, path);
          return file.read(into, from);
        });
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int done = read(into, position);
    position += Math.max(done, 0);
    return done;
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    long done = 0;
    for (int i = offset; i < offset + length; i++) {
      int step = read(into[i]);
      if (step < 0) {
        return done == 0 ? -1 : done;
      }
      done += step;
    }
    return done;
  }

  @Override
  public int write(ByteBuffer from, long to) throws IOException {
    if (!writes) {
      throw new NonWritableChannelException();
    }
    return disk.locked(
        () -> {
          DiskFile file = file();
          disk.announce(Call.Kind.WRITE, path);
          return file.write(from, to);
        });
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int done = write(from, position);
    position += done;
    return done;
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    long done = 0;
    for (int i = offset; i < offset + length; i++) {
      done += write(from[i]);
    }
    return done;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public FileChannel position(long next) {
    position = next;
    return this;
  }

  @Override
  public long size() throws IOException {
    return disk.locked(() -> file().size());
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (!writes) {
      throw new NonWritableChannelException();
    }
    disk.locked(
        () -> {
          DiskFile file = file();
          disk.announce(Call.Kind.TRUNCATE, path);
          file.truncate(size);
          return null;
        });
    position = Math.min(position, size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    if (node instanceof DiskDirectory directory) {
      disk.forceNames(directory, path);
    } else {
      force(disk, file(), path, 0, Long.MAX_VALUE);
    }
  }

  /** Has the device take a part of a file. */
  static void force(Disk disk, DiskFile file, CrashPath path, long from, long to)
      throws IOException {
    disk.locked(
        () -> {
          try {
            disk.announce(Call.Kind.FORCE, path);
          } catch (IOException e) {
            file.failForce(from, to);
            throw e;
          }
          file.force(from, to);
          return null;
        });
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, COPY));
    int done = read(buffer, from);
    buffer.flip();
    while (buffer.hasRemaining()) {
      target.write(buffer);
    }
    return Math.max(done, 0);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long to, long count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, COPY));
    int done = source.read(buffer);
    if (done > 0) {
      write(buffer.flip(), to);
    }
    return Math.max(done, 0);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long from, long size) {
    throw new UnsupportedOperationException(path + ": is mapped by the file system only");
  }

  @Override
  public FileLock lock(long from, long size, boolean shared) throws IOException {
    return tryLock(from, size, shared);
  }

  @Override
  public FileLock tryLock(long from, long size, boolean shared) throws IOException {
    DiskFile file = file();
    if (!disk.locked(file::lock)) {
      throw new OverlappingFileLockException();
    }
    locks = true;
    return new Lock(from, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    unlock();
  }

  private void unlock() throws IOException {
    if (locks) {
      locks = false;
      disk.locked(
          () -> {
            ((DiskFile) node).unlock();
            return null;
          });
    }
  }

  /** The lock of a whole file. */
  private final class Lock extends FileLock {
    Lock(long from, long size, boolean shared) {
      super(CrashChannel.this, from, size, shared);
    }

    @Override
    public boolean isValid() {
      return locks;
    }

    @Override
    public void release() throws IOException {
      unlock();
    }
  }
}
