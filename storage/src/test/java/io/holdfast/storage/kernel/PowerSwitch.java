package io.holdfast.storage.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The system calls of a power cut that Java does not have, in a process of their own: stopping
 * another process, writing chosen pages of the page cache, shutting a file system down.
 *
 * <p>It is a few lines of C, compiled where the test runs. A Java binding to system calls would
 * have to be on the tests' class path, where chronicle-bytes takes up any that it finds: the tests
 * would run on another mapping code than the product does.
 *
 * <p>One thread at a time.
 */
final class PowerSwitch implements AutoCloseable {
  private static final String SOURCE = "powercut.c";

  private final Process process;
  private final OutputStream orders;
  private final BufferedReader answers;

  private PowerSwitch(Process process) {
    this.process = process;
    this.orders = process.getOutputStream();
    this.answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /**
   * Compiles and starts it.
   *
   * @param directory where the program may stand
   * @throws IOException when there is no compiler, or it cannot compile it
   */
  static PowerSwitch start(Path directory) throws IOException {
    Path source = directory.resolve(SOURCE);
    Path program = directory.resolve("powercut");
    try (InputStream text = PowerSwitch.class.getResourceAsStream(SOURCE)) {
      Files.copy(text, source);
    }
    Commands.run("cc", "-O1", "-o", program.toString(), source.toString());
    return new PowerSwitch(new ProcessBuilder(program.toString()).start());
  }

  /** Stops a process where it is, as {@code kill -STOP} does. */
  void stop(long pid) throws IOException {
    order("stop " + pid);
  }

  /** Writes pages of a file that are dirty to the device, and nothing of its metadata. */
  void write(Path file, long position, long bytes) throws IOException {
    order("write " + position + " " + bytes + " " + file);
  }

  /** Cuts a file system off: what is not on its device by now will never be. */
  void cut(Path mount, boolean logFirst) throws IOException {
    order("cut " + (logFirst ? 1 : 2) + " " + mount);
  }

  private void order(String order) throws IOException {
    orders.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
    orders.flush();
    String answer = answers.readLine();
    if (!"ok".equals(answer)) {
      throw new IOException(order + ": " + answer);
    }
  }

  /** Ends the process. */
  @Override
  public void close() throws IOException {
    orders.close();
    process.onExit().join();
    answers.close();
  }
}
