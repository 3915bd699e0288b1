package io.holdfast.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A print stream that knows why a write failed: a reader that went away is no error, a full disk
 * is. It is buffered and prints UTF-8.
 */
final class Output extends PrintStream {
  private final Watched target;

  private Output(Watched target) {
    super(target, false, StandardCharsets.UTF_8);
    this.target = target;
  }

  /** The output of this process. */
  static Output ofProcess() {
    return to(new FileOutputStream(FileDescriptor.out));
  }

  static Output to(OutputStream stream) {
    return new Output(new Watched(stream));
  }

  /** Whether a write has failed so far; does not flush. */
  boolean hasFailed() {
    return target.failure != null;
  }

  /** Whether that was because nobody reads any more. */
  boolean readerIsGone() {
    String message = hasFailed() ? String.valueOf(target.failure.getMessage()) : "";
    return message.contains("Broken pipe");
  }

  /** What the system said. */
  String failure() {
    return hasFailed() ? String.valueOf(target.failure.getMessage()) : "";
  }

  /**
   * Keeps the first error, which a print stream forgets. One thread at a time, as print streams.
   */
  private static final class Watched extends OutputStream {
    private static final int BUFFER = 32 * 1024;

    private final OutputStream stream;
    private final byte[] buffer = new byte[BUFFER];
    private int used;
    private volatile IOException failure; // the writer writes, anybody reads

    Watched(OutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (length > BUFFER - used) {
        drain();
      }
      if (length > BUFFER) {
        watch(bytes, from, length);
      } else {
        System.arraycopy(bytes, from, buffer, used, length);
        used += length;
      }
    }

    private void drain() throws IOException {
      int length = used;
      used = 0;
      watch(buffer, 0, length);
    }

    private void watch(byte[] bytes, int from, int length) throws IOException {
      if (failure != null) {
        throw failure;
      }
      try {
        stream.write(bytes, from, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      drain();
      stream.flush();
    }

    @Override
    public void close() throws IOException {
      flush();
      stream.close();
    }
  }
}
