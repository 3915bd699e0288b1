package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What the process whose power is cut says of one topic: the lines of a history behind the topic's
 * name, each in one write, and these of its own.
 *
 * <pre>
 * OPENED first end durable        recovery has left so much
 * AGAIN first end                 it is read once more in the same life
 * READ offset number sequence     that message of that writer is there
 * READALL                         nothing more is
 * LETTER place offset attempts number sequence   a dead letter, at a place in its topic
 * LETTERS end                     nothing more is, up to the end of their topic
 * DURABLE offset                  everything below was forced
 * DROPPED first                   everything below is gone for good
 * DRAINED group end               the group is through with everything
 * </pre>
 */
final class CutPipe {
  private final OutputStream out;
  private final byte[] prefix;
  private final HistoryPipe history;

  CutPipe(CutTopic topic, OutputStream out) {
    this.out = out;
    this.prefix = (topic.topicName() + " ").getBytes(StandardCharsets.US_ASCII);
    this.history =
        new HistoryPipe(
            new OutputStream() {
              @Override
              public void write(int one) {
                throw new UnsupportedOperationException("lines only");
              }

              @Override
              public void write(byte[] line) throws IOException {
                say(line);
              }
            });
  }

  private void say(byte[] line) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream(prefix.length + line.length);
    whole.write(prefix);
    whole.write(line);
    synchronized (out) {
      out.write(whole.toByteArray());
    }
  }

  HistoryPipe history() {
    return history;
  }

  void say(String word, long... numbers) {
    StringBuilder line = new StringBuilder(word);
    for (long number : numbers) {
      line.append(' ').append(number);
    }
    history.say(line.toString());
  }

  void read(long offset, Stamp stamp) {
    say("READ", offset, stamp.writer(), stamp.sequence());
  }

  void letter(long place, long offset, long attempts, Stamp stamp) {
    say("LETTER", place, offset, attempts, stamp.writer(), stamp.sequence());
  }
}
