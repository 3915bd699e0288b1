package io.holdfast.tools.demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a worker tells its parent, a line an event, each in one write to the pipe: what was written
 * before the worker was killed can still be read afterwards. Thread-safe.
 *
 * <pre>
 * opened PID OFFSET MILLIS           the store is open and the topic ends here
 * sent OFFSET                        a message was confirmed
 * began GROUP OFFSET                 a handler got it, where that is told
 * acked GROUP OFFSET ATTEMPT MICROS  it was acked; MICROS from publishing, or -1
 * failed GROUP OFFSET ATTEMPT MICROS the handler threw
 * blamed GROUP OFFSET                a handler got it with an error of an attempt before
 * redriving                          dead letters are about to go back to their group
 * redriven COUNT                     so many went back
 * back OFFSET                        one of those was acked
 * came OFFSET MILLIS                 a reminder was handled so long after its time
 * moving COUNT                       the group is about to go back by so many messages
 * finished                           all is done and the store is closed
 * </pre>
 */
final class DemoTale {
  private final OutputStream pipe = new FileOutputStream(FileDescriptor.out);
  private volatile boolean deaf; // any thread writes, the worker's main thread reads

  void opened(long pid, long offset, long millis) {
    tell("opened " + pid + " " + offset + " " + millis);
  }

  void sent(long offset) {
    tell("sent " + offset);
  }

  void began(String group, long offset) {
    tell("began " + group + " " + offset);
  }

  void acked(String group, long offset, int attempt, long micros) {
    tell("acked " + group + " " + offset + " " + attempt + " " + micros);
  }

  void failed(String group, long offset, int attempt, long micros) {
    tell("failed " + group + " " + offset + " " + attempt + " " + micros);
  }

  void blamed(String group, long offset) {
    tell("blamed " + group + " " + offset);
  }

  void redriving() {
    tell("redriving");
  }

  void redriven(long count) {
    tell("redriven " + count);
  }

  void back(long offset) {
    tell("back " + offset);
  }

  void came(long offset, long millis) {
    tell("came " + offset + " " + millis);
  }

  void moving(long count) {
    tell("moving " + count);
  }

  void finished() {
    tell("finished");
  }

  /** Whether the parent is gone. */
  boolean isDeaf() {
    return deaf;
  }

  private void tell(String line) {
    try {
      pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      deaf = true;
    }
  }
}
