package io.holdfast.storage.check;

import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The part of a segment file that is held in memory: 256 KiB, read by channel, moved where it is
 * needed. Belongs to one thread.
 *
 * <p>The process that owns the store may drop the segment meanwhile, and use the file again for
 * another one. It takes the name away first and changes the header next, so after each read the
 * header is looked at again: what was read while it was still the same belongs to this segment.
 */
final class SegmentWindow implements AutoCloseable {
  /** Bytes that are read at a time. */
  static final int BYTES = 256 * 1024;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final FileChannel channel;
  private final int size;
  private final byte[] array = new byte[BYTES];
  private final UnsafeBuffer buffer = new UnsafeBuffer(array);
  private final ByteBuffer second = ByteBuffer.allocate(FileHeader.LENGTH);
  private byte[] header; // the copy of it that serves, or null while none is known
  private int headerPosition;
  private int start;
  private int length;

  private SegmentWindow(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = (int) Math.min(channel.size(), SegmentLayout.MAX_CAPACITY + 1L);
  }

  /**
   * Opens a segment file.
   *
   * @throws SegmentDroppedException when there is none of this name
   */
  static SegmentWindow open(Path file) {
    try {
      FileChannel channel = DurableFiles.open(file, StandardOpenOption.READ);
      try {
        return new SegmentWindow(file, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new SegmentDroppedException(file + ": expected a segment, found no such file", e);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read", e);
    }
  }

  /** Bytes of the file at opening; one more than the largest capacity when it is larger. */
  int size() {
    return size;
  }

  byte[] array() {
    return array;
  }

  UnsafeBuffer buffer() {
    return buffer;
  }

  /** Index in the array of a position that was loaded. */
  int index(int position) {
    return position - start;
  }

  /** Position behind the last byte that is loaded. */
  int end() {
    return start + length;
  }

  int getInt(int position) {
    return (int) INT.get(array, position - start);
  }

  long getLong(int position) {
    return (long) LONG.get(array, position - start);
  }

  /**
   * From now on this copy of the header is compared after each read. It is the header of the
   * segment with this name, because a name is taken away before the header is changed.
   *
   * @param position of a valid copy that is loaded
   */
  void watch(int position) {
    header = new byte[FileHeader.LENGTH];
    buffer.getBytes(index(position), header);
    headerPosition = position;
    if (!DurableFiles.exists(file)) {
      throw dropped();
    }
    checkHeader();
  }

  /** Makes sure that these bytes are loaded; beyond the end of the file there are zeros. */
  void load(int from, int bytes) {
    if (from >= start && from + bytes <= start + length) {
      return;
    }
    start = from;
    length = Math.max(bytes, Math.min(BYTES, size - from));
    readInto(ByteBuffer.wrap(array, 0, length), from);
  }

  /** Reads apart from the window; beyond the end of the file there are zeros. */
  byte[] read(int from, int bytes) {
    byte[] copy = new byte[bytes];
    readInto(ByteBuffer.wrap(copy), from);
    return copy;
  }

  private void readInto(ByteBuffer target, int from) {
    readFully(target, from);
    Arrays.fill(target.array(), target.position(), target.limit(), (byte) 0);
    checkHeader();
  }

  private void readFully(ByteBuffer target, int from) {
    try {
      while (target.hasRemaining() && channel.read(target, (long) from + target.position()) >= 0) {
        // until it is full, or the file ends
      }
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read at position " + from, e);
    }
  }

  private void checkHeader() {
    if (header == null) {
      return;
    }
    readFully(second.clear(), headerPosition);
    if (!Arrays.equals(header, second.array())) {
      throw dropped();
    }
  }

  private SegmentDroppedException dropped() {
    return new SegmentDroppedException(file + ": the segment was dropped while it was read");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StorageIoException(file + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
