package io.holdfast.storage.crash;

import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Decides at random what a device has got when the power goes. */
final class PowerCut {
  private final Random random;
  private final int unit;
  private final double share;

  PowerCut(Random random, int unit, double share) {
    this.random = random;
    this.unit = unit;
    this.share = share;
  }

  /**
   * Which changes of names reached the device: a part of the order in which they were made, as with
   * a journal; such a part in each directory; or any.
   */
  BitSet names(List<NameChange> changes) {
    BitSet chosen = new BitSet();
    if (share >= 1) {
      chosen.set(0, changes.size());
    }
    if (share <= 0 || share >= 1) {
      return chosen;
    }
    switch (random.nextInt(3)) {
      case 0 -> chosen.set(0, random.nextInt(changes.size() + 1));
      case 1 -> {
        Map<DiskDirectory, Boolean> ended = new IdentityHashMap<>();
        for (int i = 0; i < changes.size(); i++) {
          NameChange.Name name = changes.get(i).to();
          DiskDirectory in = (name == null ? changes.get(i).from() : name).directory();
          if (random.nextDouble() >= share) {
            ended.put(in, true);
          }
          chosen.set(i, !ended.containsKey(in));
        }
      }
      default -> {
        for (int i = 0; i < changes.size(); i++) {
          chosen.set(i, random.nextDouble() < share);
        }
      }
    }
    return chosen;
  }

  /** What the device has of a file. */
  DiskFile.Image content(DiskFile file, DiskFile.Image now) {
    long size = size(now.sizeOnDevice(), now.size());
    byte[][] pages = pages(now.onDevice(), size);
    for (int page = 0; page < Math.min(pages.length, now.pages().length); page++) {
      if (now.pages()[page] != pages[page]) {
        pages[page] = mix(pages[page], now.pages()[page]);
      }
    }
    clearBehind(pages, size);
    return DiskFile.Image.onDeviceOnly(size, pages);
  }

  private long size(long old, long now) {
    if (share >= 1 || old == now) {
      return now;
    }
    if (share <= 0 || random.nextBoolean()) {
      return old;
    }
    return random.nextBoolean() ? now : Math.min(old, now) + random.nextLong(Math.abs(now - old));
  }

  private byte[] mix(byte[] old, byte[] now) {
    if (share >= 1) {
      return now;
    }
    if (unit == DiskFile.PAGE) {
      return random.nextDouble() < share ? now : old;
    }
    byte[] mixed = old.clone();
    for (int at = 0; at < DiskFile.PAGE; at += unit) {
      if (random.nextDouble() < share) {
        System.arraycopy(now, at, mixed, at, unit);
      }
    }
    return mixed;
  }

  /** The first pages of a file, with zeros where there are none. */
  static byte[][] pages(byte[][] known, long size) {
    byte[][] pages = Arrays.copyOf(known, DiskFile.pageCount(size));
    if (pages.length > known.length) {
      Arrays.fill(pages, known.length, pages.length, DiskFile.ZEROS);
    }
    clearBehind(pages, size);
    return pages;
  }

  private static void clearBehind(byte[][] pages, long size) {
    int in = (int) (size % DiskFile.PAGE);
    if (in > 0) {
      byte[] last = Arrays.copyOf(pages[pages.length - 1], in);
      pages[pages.length - 1] = Arrays.copyOf(last, DiskFile.PAGE);
    }
  }
}
