package io.holdfast.storage.history;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What a process says of itself before it dies, in the lines of {@link HistoryLines}. Each line is
 * one write, so whatever was said is in the pipe when the process is killed. Thread-safe.
 */
public final class HistoryPipe {
  private final OutputStream out;

  /**
   * A pipe.
   *
   * @param out without a buffer
   */
  public HistoryPipe(OutputStream out) {
    this.out = out;
  }

  /**
   * Says a line, also one of the harness.
   *
   * @param words with spaces between them; letters of ASCII
   */
  public void say(String... words) {
    byte[] line = (String.join(" ", words) + "\n").getBytes(StandardCharsets.US_ASCII);
    synchronized (out) {
      try {
        out.write(line);
      } catch (IOException e) {
        throw new UncheckedIOException("whoever read the lines is gone", e);
      }
    }
  }

  /**
   * There is one more writer.
   *
   * @param number of its own, over all processes
   * @param name for people
   * @param generation of the process
   */
  public void writer(int number, String name, int generation) {
    say("WRITER", text(number), name, text(generation));
  }

  /**
   * A writer is about to send.
   *
   * @param writer number
   * @param count of messages
   */
  public void sends(int writer, long count) {
    say("SENDS", text(writer), text(count));
  }

  /**
   * A writer's next messages in order have their places.
   *
   * @param writer number
   * @param count of messages
   * @param firstOffset of the first one
   */
  public void confirmed(int writer, long count, long firstOffset) {
    say("CONFIRMED", text(writer), text(count), text(firstOffset));
  }

  /**
   * What a writer announced and was not confirmed was not written.
   *
   * @param writer number
   */
  public void refused(int writer) {
    say("REFUSED", text(writer));
  }

  /**
   * A drop is about to be asked for.
   *
   * @param offset below which
   */
  public void mayDrop(long offset) {
    say("MAYDROP", text(offset));
  }

  /**
   * A group got a message.
   *
   * @param group name
   * @param offset of the message
   * @param attempt from 1
   * @param stamp of the message
   */
  public void got(String group, long offset, int attempt, Stamp stamp) {
    String number = text(stamp.writer());
    say("GOT", group, text(offset), text(attempt), number, text(stamp.sequence()));
  }

  /**
   * Something is about to be done with a message that a group got, or was answered.
   *
   * @param what ACKING, ACKED, FAILING, FAILED, REJECTING or REJECTED
   * @param group name
   * @param offset of the message
   */
  public void settles(String what, String group, long offset) {
    say(what, group, text(offset));
  }

  /**
   * Something failed that never should.
   *
   * @param failure what
   */
  public void error(Throwable failure) {
    say("ERROR", failure.toString().replace('\n', ' '));
  }

  private static String text(long number) {
    return Long.toString(number);
  }
}
