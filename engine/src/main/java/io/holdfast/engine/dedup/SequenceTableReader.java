package io.holdfast.engine.dedup;

import io.holdfast.engine.error.DamagedDedupException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a table of producer sequences; see {@link SequenceTableLayout}. What is not well-formed is
 * refused, and no more memory is taken than the table could fill.
 */
final class SequenceTableReader {
  private final byte[] bytes;
  private final Object where;
  private int at;

  private SequenceTableReader(byte[] bytes, Object where) {
    this.bytes = bytes;
    this.where = where;
  }

  /**
   * Reads a table.
   *
   * @param bytes all of it
   * @param entries how many it should have
   * @param where it stands, for errors
   * @return the windows by name
   * @throws DamagedDedupException when it is not well-formed
   */
  static Map<String, SequenceWindow> read(byte[] bytes, int entries, Object where) {
    SequenceTableReader reader = new SequenceTableReader(bytes, where);
    Map<String, SequenceWindow> windows = new HashMap<>();
    while (reader.at < bytes.length) {
      reader.entry(windows);
    }
    reader.require(windows.size() == entries);
    return windows;
  }

  private void entry(Map<String, SequenceWindow> windows) {
    int nameLength = bytes[at] & 0xFF;
    require(nameLength > 0 && nameLength <= SequenceTableLayout.MOST_NAME);
    require(bytes.length - at - 1 >= nameLength);
    String name = new String(bytes, at + 1, nameLength, StandardCharsets.US_ASCII);
    at += 1 + nameLength;
    long floor = varint() - 1;
    require(floor >= SequenceWindow.NO_FLOOR);
    SequenceWindow window = new SequenceWindow(floor);
    long runs = varint();
    long sequence = floor + 1;
    long offset = 0;
    require(runs >= 0 && runs <= SequenceWindow.SIZE && sequence >= 0);
    for (int run = 0; run < runs; run++) {
      long gap = varint();
      long delta = varint();
      long count = varint();
      sequence += gap;
      offset += delta >>> 1 ^ -(delta & 1);
      require(gap >= 0 && sequence >= 0 && offset >= 0);
      require(count > 0 && window.entries() + count <= SequenceWindow.SIZE);
      window.append(sequence, offset, (int) count);
      sequence += count;
      offset += count;
      require(sequence > 0 || run == runs - 1 && sequence == Long.MIN_VALUE);
    }
    require(windows.put(name, window) == null);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      require(at < bytes.length);
      byte next = bytes[at++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    require(false);
    return value;
  }

  private void require(boolean wellFormed) {
    if (!wellFormed) {
      throw new DamagedDedupException(
          where + ": the table of producer sequences is not well-formed at its byte " + at
              + " although its checksum is right; it was written by another program");
    }
  }
}
