package io.holdfast.engine.dedup;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Writes a table of producer sequences; see {@link SequenceTableLayout}. For one thread. */
final class SequenceTableWriter {
  private byte[] bytes = new byte[256];
  private int length;

  private SequenceTableWriter() {}

  /**
   * Writes a table. Where it would have too many bytes, the lowest runs of all windows are left
   * out: what they hold is too old then, and never a duplicate.
   *
   * @param windows by name; not changed
   * @param mostBytes that the table should have: it has more only where one run each is too much
   * @return the table
   */
  static byte[] write(Map<String, SequenceWindow> windows, int mostBytes) {
    int mostRuns = SequenceWindow.SIZE;
    byte[] table = write(windows, mostRuns, mostBytes);
    while (table.length > mostBytes && mostRuns > 1) {
      mostRuns /= 2;
      table = write(windows, mostRuns, mostBytes);
    }
    return table;
  }

  /** Ends early where it has become too long anyhow, and fewer runs may do. */
  private static byte[] write(Map<String, SequenceWindow> windows, int mostRuns, int mostBytes) {
    SequenceTableWriter writer = new SequenceTableWriter();
    for (Map.Entry<String, SequenceWindow> entry : windows.entrySet()) {
      writer.entry(entry.getKey(), entry.getValue(), mostRuns);
      if (writer.length > mostBytes && mostRuns > 1) {
        break;
      }
    }
    return Arrays.copyOf(writer.bytes, writer.length);
  }

  private void entry(String name, SequenceWindow window, int mostRuns) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    room(SequenceTableLayout.MOST_ENTRY);
    bytes[length++] = (byte) ascii.length;
    System.arraycopy(ascii, 0, bytes, length, ascii.length);
    length += ascii.length;
    int from = Math.max(0, window.runs() - mostRuns);
    long floor = from == 0 ? window.floor() : end(window, from - 1) - 1;
    varint(floor + 1);
    varint(window.runs() - from);
    long sequence = floor + 1;
    long offset = 0;
    for (int run = from; run < window.runs(); run++) {
      room(3 * SequenceTableLayout.MOST_VARINT);
      varint(window.sequence(run) - sequence);
      long delta = window.offset(run) - offset;
      varint(delta << 1 ^ delta >> 63);
      varint(window.count(run));
      sequence = end(window, run);
      offset = window.offset(run) + window.count(run);
    }
  }

  private static long end(SequenceWindow window, int run) {
    return window.sequence(run) + window.count(run);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
