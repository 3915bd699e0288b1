package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The content of a file: the bytes that processes see, and the pages that the device has. Guarded
 * by the lock of its {@link Disk}, but for stores to the regions that were laid over it.
 *
 * <p>A page that the device has is an array that nobody changes, so an image of the file shares it.
 */
final class DiskFile extends DiskNode {
  static final int PAGE = 4096;
  static final byte[] ZEROS = new byte[PAGE];

  private final List<Stretch> memory = new ArrayList<>(); // empty: all is as on the device
  private long size;
  private byte[][] onDevice = {};
  private long sizeOnDevice;
  private final Map<Integer, byte[]> lost = new HashMap<>(); // by page, since a force that failed
  private boolean locked;

  /** Contiguous memory from a page on; once a region lies over it, it stays where it is. */
  private static final class Stretch {
    private final long start;
    private byte[] bytes;
    private long cutAt = Long.MAX_VALUE; // what is behind it moved to a stretch of its own
    private long mappedTo; // end of the regions over it; 0 where there is none

    Stretch(long start, byte[] bytes) {
      this.start = start;
      this.bytes = bytes;
    }

    long end() {
      return Math.min(cutAt, start + bytes.length);
    }

    boolean mapped() {
      return mappedTo > 0;
    }
  }

  /**
   * A file at one moment. Pages that the device has are the same arrays in both lists.
   *
   * @param size bytes
   * @param pages as processes see them
   * @param sizeOnDevice bytes
   * @param onDevice what the device has
   * @param lost pages that a force has failed to write, as they were then
   */
  record Image(
      long size,
      byte[][] pages,
      long sizeOnDevice,
      byte[][] onDevice,
      Map<Integer, byte[]> lost) {

    /** What there is when the device has exactly these pages. */
    static Image onDeviceOnly(long size, byte[][] pages) {
      return new Image(size, pages, size, pages, Map.of());
    }
  }

  static DiskFile of(Image image) {
    DiskFile file = new DiskFile();
    file.size = image.size();
    file.onDevice = image.pages().clone();
    file.sizeOnDevice = image.sizeOnDevice();
    if (!Arrays.equals(image.pages(), image.onDevice())) { // the same arrays, or not
      file.loadMemory();
    }
    file.onDevice = image.onDevice().clone();
    file.lost.putAll(image.lost());
    return file;
  }

  long size() {
    return size;
  }

  boolean lock() {
    boolean free = !locked;
    locked = true;
    return free;
  }

  void unlock() {
    locked = false;
  }

  int read(ByteBuffer into, long position) {
    int length = (int) Math.min(into.remaining(), size - position);
    if (length <= 0) {
      return into.hasRemaining() ? -1 : 0;
    }
    for (int done = 0; done < length; ) {
      long at = position + done;
      int step = Math.min(length - done, PAGE - (int) (at % PAGE));
      if (memory.isEmpty()) {
        into.put(page(onDevice, (int) (at / PAGE)), (int) (at % PAGE), step);
      } else {
        Stretch stretch = stretch(at);
        into.put(stretch.bytes, (int) (at - stretch.start), step);
      }
      done += step;
    }
    return length;
  }

  int write(ByteBuffer from, long position) {
    int length = from.remaining();
    if (memory.isEmpty() && position >= size && isZero(from)) {
      size = position + length; // where the device has no page there are zeros already
      from.position(from.limit());
      return length;
    }
    reserve(Math.max(size, position + length));
    for (int done = 0; done < length; ) {
      long at = position + done;
      int step = Math.min(length - done, PAGE - (int) (at % PAGE));
      if (!lost.isEmpty()) {
        lost.remove((int) (at / PAGE)); // it is dirty again, whatever it holds
      }
      Stretch stretch = stretch(at);
      from.get(stretch.bytes, (int) (at - stretch.start), step);
      done += step;
    }
    return length;
  }

  private static boolean isZero(ByteBuffer bytes) {
    ByteBuffer left = bytes.slice();
    boolean zero = true;
    while (zero && left.hasRemaining()) {
      int step = Math.min(PAGE, left.remaining());
      zero = left.slice(left.position(), step).equals(ByteBuffer.wrap(ZEROS, 0, step));
      left.position(left.position() + step);
    }
    return zero;
  }

  void truncate(long newSize) {
    if (newSize < size) {
      loadMemory();
      for (Stretch stretch : memory) {
        long from = Math.max(newSize, stretch.start);
        if (from < stretch.end()) {
          Arrays.fill(
              stretch.bytes,
              (int) (from - stretch.start),
              (int) (stretch.end() - stretch.start),
              (byte) 0);
        }
      }
      size = newSize;
    }
  }

  /**
   * Memory that stays the file's content for as long as anybody uses it; for readers, until the
   * file has grown and is mapped again.
   */
  UnsafeBuffer map(long position, int length, boolean readOnly) throws IOException {
    loadMemory();
    Stretch last = memory.get(memory.size() - 1);
    int whole = (int) (aligned(size) - last.start);
    if (!last.mapped() && last.bytes.length != whole) {
      last.bytes = Arrays.copyOf(last.bytes, whole);
    }
    long end = position + length;
    Stretch stretch = stretch(position);
    if (end > stretch.end()) {
      stretch = join(stretch, position);
    }
    if (!readOnly) {
      stretch.mappedTo = Math.max(stretch.mappedTo, aligned(end));
    }
    return new UnsafeBuffer(stretch.bytes, (int) (position - stretch.start), length);
  }

  /** Makes one stretch of all from a page on that no region lies over. */
  private Stretch join(Stretch first, long from) throws IOException {
    int at = memory.indexOf(first);
    List<Stretch> behind = memory.subList(at + 1, memory.size());
    if (first.mappedTo > from || from % PAGE > 0 || behind.stream().anyMatch(Stretch::mapped)) {
      throw new IOException("the file has grown in the middle of what shall be mapped");
    }
    Stretch joined = new Stretch(from, content(from));
    behind.clear();
    if (first.start == from) {
      memory.remove(at);
    }
    first.cutAt = from;
    memory.add(joined);
    return joined;
  }

  /** A copy of all from a position on, up to the end of the last page. */
  private byte[] content(long from) {
    byte[] copy = new byte[(int) (aligned(size) - from)];
    for (Stretch stretch : memory) {
      long start = Math.max(from, stretch.start);
      long end = Math.min(from + copy.length, stretch.end());
      if (start < end) {
        System.arraycopy(
            stretch.bytes, (int) (start - stretch.start), copy, (int) (start - from),
            (int) (end - start));
      }
    }
    return copy;
  }

  /** No region lies over the content any more. */
  void unmap() {
    if (memory.size() > 1) {
      Stretch whole = new Stretch(0, content(0));
      memory.clear();
      memory.add(whole);
    }
    memory.forEach(stretch -> stretch.mappedTo = 0);
  }

  /** Has the device take the pages of a range, and the size. */
  void force(long from, long to) {
    growDevice();
    eachDirty(
        from,
        to,
        (page, content) -> {
          byte[] failed = lost.remove(page);
          if (failed == null || !Arrays.equals(failed, content)) {
            onDevice[page] = content;
          } else {
            lost.put(page, failed);
          }
        });
    sizeOnDevice = size;
    onDevice = Arrays.copyOf(onDevice, pageCount(size));
  }

  /** Has a force fail: the pages count as clean now although the device has not got them. */
  void failForce(long from, long to) {
    growDevice();
    eachDirty(from, to, lost::put);
  }

  Image image() {
    growDevice();
    byte[][] device = onDevice.clone();
    byte[][] pages = Arrays.copyOf(device, pageCount(size));
    eachDirty(0, size, (page, content) -> pages[page] = content);
    return new Image(size, pages, sizeOnDevice, device, Map.copyOf(lost));
  }

  private interface PageAction {
    void on(int page, byte[] copy);
  }

  /** Pages that differ from what the device has, as copies. */
  private void eachDirty(long from, long to, PageAction action) {
    for (Stretch stretch : memory) {
      long end = Math.min(Math.min(to, size), stretch.end());
      for (long at = Math.max(from & -PAGE, stretch.start); at < end; at += PAGE) {
        int in = (int) (at - stretch.start);
        byte[] known = onDevice[(int) (at / PAGE)];
        if (!Arrays.equals(stretch.bytes, in, in + PAGE, known, 0, PAGE)) {
          action.on((int) (at / PAGE), Arrays.copyOfRange(stretch.bytes, in, in + PAGE));
        }
      }
    }
  }

  private void growDevice() {
    int known = onDevice.length;
    if (known < pageCount(size)) {
      onDevice = Arrays.copyOf(onDevice, pageCount(size));
      Arrays.fill(onDevice, known, onDevice.length, ZEROS);
    }
  }

  private void loadMemory() {
    if (memory.isEmpty()) {
      byte[] bytes = new byte[(int) aligned(Math.max(size, 1))];
      for (int page = 0; page < pageCount(size); page++) {
        byte[] content = page(onDevice, page);
        if (content != ZEROS) {
          System.arraycopy(content, 0, bytes, page * PAGE, PAGE);
        }
      }
      memory.add(new Stretch(0, bytes));
    }
  }

  private void reserve(long newSize) {
    loadMemory();
    Stretch last = memory.get(memory.size() - 1);
    if (newSize > last.end() && last.mapped()) {
      last = new Stretch(last.end(), new byte[PAGE]);
      memory.add(last);
    }
    if (newSize > last.end()) {
      long wanted = Math.max(newSize, last.start + 2L * last.bytes.length);
      last.bytes = Arrays.copyOf(last.bytes, (int) (aligned(wanted) - last.start));
    }
    size = newSize;
  }

  private Stretch stretch(long position) {
    int i = memory.size() - 1;
    while (memory.get(i).start > position) {
      i--;
    }
    return memory.get(i);
  }

  static byte[] page(byte[][] pages, int page) {
    return page < pages.length ? pages[page] : ZEROS;
  }

  static int pageCount(long size) {
    return (int) (aligned(size) / PAGE);
  }

  private static long aligned(long size) {
    return size + PAGE - 1 & -PAGE;
  }
}
