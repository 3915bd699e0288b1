package io.holdfast.storage.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Tells a history what another process says of itself in lines, which {@link HistoryPipe} writes.
 * This is all of the format: words with single spaces between them, the first one says what it is
 * about. Numbers are decimal; offsets, counts and sequences have 64 bits.
 *
 * <pre>
 * WRITER number name generation          there is one more writer
 * SENDS number count                     it is about to send so many
 * CONFIRMED number count offset          its next ones in order got offset, offset + 1, ...
 * REFUSED number                         what it announced and has no offset was not written
 * MAYDROP offset                         a drop below it is about to be asked for
 * GOT group offset attempt number sequence   a group got that message of that writer
 * ACKING group offset                    it is about to be acked
 * ACKED group offset                     that was answered: done for ever
 * FAILING group offset                   a failure is about to be told
 * FAILED group offset                    that was answered: it counts
 * REJECTING group offset                 it is about to be rejected
 * REJECTED group offset                  that was answered
 * ERROR text                             something failed that never should
 * </pre>
 *
 * <p>A line counts once its line feed is there: a process may be killed in the middle of one. Lines
 * with another first word belong to the harness, which gets them whole. Not thread-safe.
 */
public final class HistoryLines {
  private final History history;
  private final Consumer<String> others;
  private long confirmed;
  private long acked;

  /**
   * Lines for a history.
   *
   * @param history of the topic; it knows the groups already
   * @param others takes the lines that say nothing of a history
   */
  public HistoryLines(History history, Consumer<String> others) {
    this.history = history;
    this.others = others;
  }

  /**
   * Reads until the other process has ended.
   *
   * @param pipe its end of output comes with its death
   * @throws IOException when the pipe cannot be read
   */
  public void readAll(InputStream pipe) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(pipe, StandardCharsets.US_ASCII));
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        line(line.toString());
        line.setLength(0);
      } else {
        line.append((char) next);
      }
    }
  }

  /**
   * One line.
   *
   * @param line without its line feed
   */
  public void line(String line) {
    String[] words = line.split(" ");
    try {
      if (!(ofWriter(words) || ofGroup(words))) {
        others.accept(line);
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      history.add(Fault.ERROR, "a line that nobody understands: %s", line);
    }
    if (words[0].equals("ERROR")) {
      history.add(Fault.ERROR, "%s", line);
    }
  }

  private boolean ofWriter(String[] words) {
    switch (words[0]) {
      case "WRITER" -> history.writer((int) number(words[1]), words[2], (int) number(words[3]));
      case "SENDS" -> writer(words).sends(number(words[2]));
      case "CONFIRMED" -> {
        writer(words).confirmed(number(words[2]), number(words[3]));
        confirmed += number(words[2]);
      }
      case "REFUSED" -> writer(words).refused();
      case "MAYDROP" -> history.mayDrop(number(words[1]));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean ofGroup(String[] words) {
    switch (words[0]) {
      case "GOT" -> {
        Stamp stamp = new Stamp((int) number(words[4]), number(words[5]));
        group(words).got(number(words[2]), (int) number(words[3]), stamp);
      }
      case "ACKING" -> group(words).acking(number(words[2]));
      case "ACKED" -> {
        group(words).acked(number(words[2]));
        acked++;
      }
      case "FAILING" -> group(words).failing(number(words[2]));
      case "FAILED" -> group(words).failed(number(words[2]));
      case "REJECTING" -> group(words).rejecting(number(words[2]));
      case "REJECTED" -> group(words).rejected(number(words[2]));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  private Writer writer(String[] words) {
    Writer writer = history.find((int) number(words[1]));
    if (writer == null) {
      throw new IndexOutOfBoundsException("no writer " + words[1]);
    }
    return writer;
  }

  private Deliveries group(String[] words) {
    Deliveries group = history.find(words[1]);
    if (group == null) {
      throw new IndexOutOfBoundsException("no group " + words[1]);
    }
    return group;
  }

  /**
   * Messages that were confirmed in lines.
   *
   * @return the count
   */
  public long confirmed() {
    return confirmed;
  }

  /**
   * Acks that were answered in lines.
   *
   * @return the count
   */
  public long acked() {
    return acked;
  }
}
