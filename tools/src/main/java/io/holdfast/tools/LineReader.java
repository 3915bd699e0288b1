package io.holdfast.tools;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Lines of a stream as the bytes that they are, each ended by a line feed or the end of the stream.
 * A line is kept up to a limit only; how long it was is known all the same. For one thread.
 */
final class LineReader {
  private final InputStream in;
  private final int limit;
  private final byte[] buffer = new byte[64 * 1024];
  private int from;
  private int to;
  private byte[] line = new byte[1024];
  private int kept;
  private long length;

  /**
   * Makes a reader.
   *
   * @param in closed by nobody here
   * @param limit most bytes of a line that are kept
   */
  LineReader(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** Steps to the next line; false at the end. */
  boolean next() throws IOException {
    kept = 0;
    length = 0;
    boolean any = false;
    while (from < to || fill()) {
      any = true;
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      keep(end);
      if (end < to) {
        from = end + 1;
        return true;
      }
      from = to;
    }
    return any;
  }

  private boolean fill() throws IOException {
    from = 0;
    to = Math.max(0, in.read(buffer));
    return to > 0;
  }

  private void keep(int end) {
    int bytes = Math.min(end - from, limit - kept);
    if (kept + bytes > line.length) {
      line = Arrays.copyOf(line, Math.min(limit, Math.max(kept + bytes, 2 * line.length)));
    }
    System.arraycopy(buffer, from, line, kept, bytes);
    kept += bytes;
    length += end - from;
  }

  /** Whether more would be read without waiting. */
  boolean ready() throws IOException {
    return from < to || in.available() > 0;
  }

  /** A copy of the line, without its end; at most the limit. */
  byte[] bytes() {
    return Arrays.copyOf(line, kept);
  }

  /** How long the line was. */
  long length() {
    return length;
  }
}
