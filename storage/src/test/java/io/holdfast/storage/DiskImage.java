package io.holdfast.storage;

import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of a store with one topic as byte arrays: what a device holds, or what the page cache
 * does; and the mixtures of both that a power cut may leave.
 *
 * <p>The pool, the quarantine and the lock are left out: an opening makes them.
 */
final class DiskImage {
  private static final int PAGE = 4096;

  private final SortedMap<String, byte[]> files = new TreeMap<>();

  /** What the page cache holds; the files may be mapped meanwhile. */
  static DiskImage read(Path store) {
    DiskImage image = new DiskImage();
    try (Stream<Path> found = Files.walk(store)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = store.relativize(file).toString();
        // store.lock must not be opened: closing it again would free the lock of this process
        if (name.equals("store.ctl") || name.startsWith("topics")) {
          image.files.put(name, Files.readAllBytes(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return image;
  }

  /** Writes the files; zeros at the end of a file stay a hole. */
  void write(Path store) {
    try {
      for (String name : files.keySet()) {
        Path file = store.resolve(name);
        Files.createDirectories(file.getParent());
        byte[] content = files.get(name);
        int footer = isSegment(name) ? content.length - PAGE : content.length;
        int end = footer;
        while (end > 0 && content[end - 1] == 0) {
          end--;
        }
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
          out.write(content, 0, end);
          out.setLength(content.length);
          out.seek(footer);
          out.write(content, footer, content.length - footer);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DiskImage copy() {
    DiskImage copy = new DiskImage();
    copy.files.putAll(files); // arrays are never changed in place
    return copy;
  }

  /**
   * What the device holds for sure after a force of the topic: small files and the data areas as
   * they are now, indexes and footers as they were (a segment's first: as it was prepared).
   */
  DiskImage forced(DiskImage now) {
    DiskImage forced = new DiskImage();
    now.files.forEach(
        (name, content) -> {
          byte[] old = files.getOrDefault(name, prepared(name, content));
          if (name.endsWith(".idx")) {
            forced.files.put(name, old);
          } else if (isSegment(name)) {
            byte[] merged = content.clone();
            int footer = footer(content);
            System.arraycopy(old, footer, merged, footer, PAGE);
            forced.files.put(name, merged);
          } else {
            forced.files.put(name, content);
          }
        });
    return forced;
  }

  /** A new segment as it got its name: its header; its index may be zeros. */
  private static byte[] prepared(String name, byte[] content) {
    byte[] zeros = new byte[content.length];
    if (isSegment(name)) {
      System.arraycopy(content, 0, zeros, 0, SegmentLayout.DATA);
      int copy = footer(content) + SegmentLayout.FOOTER_HEADER;
      System.arraycopy(content, copy, zeros, copy, FileHeader.LENGTH);
    }
    return zeros;
  }

  /**
   * A power cut: of each unit that differs, the device has the old or the new state.
   *
   * @param now what the page cache holds
   * @param unit bytes that are written whole: 4096, or 512
   * @param share of the units that reached the device
   */
  DiskImage cut(DiskImage now, int unit, double share, Random random) {
    DiskImage cut = new DiskImage();
    for (String name : now.files.keySet()) {
      byte[] content = now.files.get(name);
      byte[] old = files.getOrDefault(name, prepared(name, content));
      if (isSegment(name)) {
        if (isMarked(content) && !isMarked(old)) { // all but the mark was forced before it
          String index = indexOf(name);
          cut.files.put(name, random.nextBoolean() ? content : unmarked(content));
          cut.files.put(index, now.files.get(index));
        } else {
          cut.files.put(name, mix(old, content, unit, share, random));
        }
      } else if (name.endsWith(".idx")) {
        cut.files.putIfAbsent(name, mix(old, content, unit, share, random));
      } else {
        cut.files.put(name, content);
      }
    }
    return cut;
  }

  /**
   * A crash inside recovery, this being the state before it: later segments are moved away, then
   * the tail is cut, then indexes and marks are written, then a new segment is begun.
   */
  DiskImage cutInRecovery(DiskImage after, int unit, Random random) {
    int stage = random.nextInt(4);
    DiskImage cut = copy();
    cut.files.put("store.ctl", after.files.get("store.ctl"));
    for (String name : files.keySet().stream().filter(DiskImage::isSegment)
        .filter(n -> !isSameLife(n, after)).sorted((a, b) -> b.compareTo(a)).toList()) {
      if (stage == 0 && random.nextBoolean()) {
        return cut;
      }
      cut.files.remove(name);
    }
    DiskImage moved = cut.copy();
    double share = random.nextDouble();
    for (String name : moved.files.keySet()) {
      byte[] done = after.files.get(name);
      byte[] begun = moved.files.get(name);
      if (done == null || done.length != begun.length) {
        continue;
      }
      boolean whole = stage == 3 || stage == 2 && random.nextBoolean();
      if (isSegment(name)) {
        byte[] target = isMarked(done) && !isMarked(begun) && !whole ? unmarked(done) : done;
        cut.files.put(name, whole ? done : mix(begun, target, unit, share, random));
      } else if (stage >= 2 && whole) {
        cut.files.put(name, done);
      }
    }
    return stage == 3 ? after.copy() : cut;
  }

  private boolean isSameLife(String segment, DiskImage after) {
    byte[] other = after.files.get(segment);
    return other != null
        && Arrays.equals(files.get(segment), 0, PAGE, other, 0, PAGE);
  }

  private static byte[] mix(byte[] old, byte[] now, int unit, double share, Random random) {
    byte[] mixed = old.clone();
    for (int at = 0; at < now.length; at += unit) {
      int end = Math.min(now.length, at + unit);
      if (!Arrays.equals(old, at, end, now, at, end) && random.nextDouble() < share) {
        System.arraycopy(now, at, mixed, at, end - at);
      }
    }
    return mixed;
  }

  private static boolean isMarked(byte[] segment) {
    int mark = footer(segment) + SegmentLayout.FOOTER_FORCED;
    return !Arrays.equals(new byte[8], Arrays.copyOfRange(segment, mark, mark + 8));
  }

  private static byte[] unmarked(byte[] segment) {
    byte[] copy = segment.clone();
    int mark = footer(segment) + SegmentLayout.FOOTER_FORCED;
    Arrays.fill(copy, mark, mark + 8, (byte) 0);
    return copy;
  }

  private static boolean isSegment(String name) {
    return name.endsWith(".log");
  }

  private static String indexOf(String segment) {
    return segment.substring(0, segment.length() - 3) + "idx";
  }

  private static int footer(byte[] segment) {
    return SegmentLayout.footer(segment.length);
  }
}
