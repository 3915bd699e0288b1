package io.holdfast.engine;

import io.holdfast.storage.history.Deliveries;
import io.holdfast.storage.history.Fault;
import io.holdfast.storage.history.History;
import io.holdfast.storage.history.HistoryLines;
import io.holdfast.storage.history.Letters;
import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Stream;

/**
 * Judges what the processes say of one topic over all power cuts: what was promised in one life
 * must be there in the next. Lines of one process after the other; one thread at a time.
 */
final class CutJudge {
  private final CutTopic topic;
  private final History history = new History();
  private final HistoryLines lines = new HistoryLines(history, this::own);
  private final Letters letters;
  private Letters again; // of the last reading, which sees all
  private Stream stream;
  private long promised; // everything below it must be there after a cut
  private long begins; // everything below it is gone for good
  private long end; // of what the last process found
  private long lettersEnd; // everything below it was read
  private long lettersRead;

  CutJudge(CutTopic topic) {
    this.topic = topic;
    history.group(CutTopic.PATIENT, Deliveries.UNLIMITED);
    Deliveries strict = history.group(CutTopic.STRICT, CutTopic.STRICT_ATTEMPTS);
    this.letters = strict.letters();
    this.again = letters;
  }

  void line(String line) {
    if (topic.forces()) {
      promise(line);
    }
    lines.line(line);
  }

  /** What was confirmed or handed out of a powerLoss topic was forced before. */
  private void promise(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "CONFIRMED" -> promised(Long.parseLong(words[3]) + Long.parseLong(words[2]));
      case "GOT" -> promised(Long.parseLong(words[2]) + 1);
      default -> {
        // says nothing of what is durable
      }
    }
  }

  private void promised(long to) {
    promised = Math.max(promised, to);
  }

  private void own(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "OPENED" -> opened(number(words, 1), number(words, 2), number(words, 3));
      case "AGAIN" -> again(number(words, 1), number(words, 2));
      case "READ" -> stream.read(number(words, 1), stamp(words, 2));
      case "READALL" -> readAll();
      case "LETTER" -> {
        int attempts = (int) number(words, 3);
        again.letter(number(words, 1), number(words, 2), attempts, stamp(words, 4));
        lettersRead++;
        lettersEnd = number(words, 1) + 1; // a life may end before it has said them all
      }
      case "LETTERS" -> lettersEnd(number(words, 1));
      case "DURABLE" -> promised(number(words, 1));
      case "DROPPED" -> begins = Math.max(begins, number(words, 1));
      case "DRAINED" -> drained(words[1], number(words, 2));
      default -> {
        // ERROR, which the history keeps
      }
    }
  }

  private static long number(String[] words, int index) {
    return Long.parseLong(words[index]);
  }

  private static Stamp stamp(String[] words, int index) {
    return new Stamp((int) number(words, index), number(words, index + 1));
  }

  private void opened(long first, long recovered, long durable) {
    if (first < begins) {
      history.add(Fault.STALE, "%s begins at %d, dropped was up to %d", topic, first, begins);
    }
    history.cut(first, recovered, promised);
    history.dropped(begins);
    promised = durable; // a loss is told of once
    end = recovered;
    beginAt(first);
  }

  private void again(long first, long seenEnd) {
    end = seenEnd;
    again = history.group(CutTopic.STRICT, 0).letters();
    lettersEnd = 0;
    beginAt(first);
  }

  private void beginAt(long first) {
    stream = history.stream();
    if (first > 0) {
      stream.droppedTo(first);
    }
  }

  private void readAll() {
    stream.ends(end);
    history.group(CutTopic.PATIENT, 0).settle();
    history.group(CutTopic.STRICT, 0).settle();
  }

  private void lettersEnd(long to) {
    if (to < lettersEnd) {
      String what = "the letters of %s end at %d, and %d had been read";
      history.add(Fault.LETTER_LOST, what, topic, to, lettersEnd);
    }
    lettersEnd = to;
    if (again != letters) {
      again.ends(0);
    }
  }

  private void drained(String group, long to) {
    // A letter of a message that was lost with the end of a topic may be left, and be a second one.
    if (topic.forces() || group.equals(CutTopic.PATIENT)) {
      history.group(group, 0).drained(to);
    }
  }

  CutTopic topic() {
    return topic;
  }

  History history() {
    return history;
  }

  long confirmed() {
    return lines.confirmed();
  }

  long acked() {
    return lines.acked();
  }

  /** Offset up to which the dead letters have been read. */
  long lettersEnd() {
    return lettersEnd;
  }

  long lettersRead() {
    return lettersRead;
  }
}
