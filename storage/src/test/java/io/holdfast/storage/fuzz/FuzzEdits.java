package io.holdfast.storage.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a fuzzer's input as changes of the files of a store: so most inputs get past the magic
 * numbers, and a short one changes a single field.
 *
 * <pre>
 *   0 u8   bit 0: leave the checksums as they are, else what was changed is signed again
 *   then, until the input ends, changes of one file:
 *   0 u8   file, counted by name
 *   1 u8   what: put bytes, set the length, copy bytes from, replace all, set a field of 4 or 8
 *   2 u16  position
 *   4 u8   how many bytes follow
 *   5      bytes
 * </pre>
 */
public final class FuzzEdits {
  private static final int HEADER = 5;
  private static final int MOST = 64 * 1024; // bytes of a file, and changes of one input
  private static final int CHANGES = 32;

  private FuzzEdits() {}

  /**
   * Changes files.
   *
   * @param files content by name; not changed
   * @param input of the fuzzer
   * @return the files with their changes
   */
  public static Map<String, byte[]> apply(Map<String, byte[]> files, byte[] input) {
    Map<String, byte[]> changed = new TreeMap<>(files);
    if (input.length == 0) {
      return changed;
    }
    ByteBuffer in = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
    boolean signs = (in.get() & 1) == 0;
    List<String> names = List.copyOf(changed.keySet());
    List<String> touched = new ArrayList<>();
    for (int i = 0; i < CHANGES && in.remaining() >= HEADER; i++) {
      String name = names.get((in.get() & 0xFF) % names.size());
      int kind = in.get() & 0xFF;
      int position = in.getShort() & 0xFFFF;
      byte[] bytes = new byte[Math.min(in.get() & 0xFF, in.remaining())];
      in.get(bytes);
      changed.put(name, changed(changed.get(name).clone(), kind % 6, position, bytes));
      touched.add(name);
    }
    if (signs) {
      touched.forEach(name -> changed.put(name, Signatures.sign(name, changed.get(name))));
    }
    return changed;
  }

  private static byte[] changed(byte[] file, int kind, int position, byte[] bytes) {
    int at = file.length == 0 ? 0 : position % file.length;
    switch (kind) {
      case 1:
        return Arrays.copyOf(file, Math.min(position, MOST));
      case 2:
        if (bytes.length >= 3) {
          int from = (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
          int length = Math.min((bytes[2] & 0xFF) * 8, file.length - at);
          from = Math.min(from % Math.max(1, file.length), file.length - length);
          System.arraycopy(file.clone(), from, file, at, length);
        }
        return file;
      case 3:
        return bytes;
      case 4:
        put(file, at & -4, Arrays.copyOf(bytes, 4));
        return file;
      case 5:
        put(file, at & -8, Arrays.copyOf(bytes, 8));
        return file;
      default:
        put(file, at, bytes);
        return file;
    }
  }

  private static void put(byte[] file, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, file, at, Math.min(bytes.length, file.length - at));
  }
}
