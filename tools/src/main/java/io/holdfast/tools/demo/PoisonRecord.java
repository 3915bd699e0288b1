package io.holdfast.tools.demo;

import java.util.BitSet;
import java.util.stream.Collectors;

/**
 * What was told of the message that kills its process, and of its neighbours, by one process after
 * the other. For one thread.
 */
final class PoisonRecord {
  private final BitSet acked = new BitSet();
  private final BitSet blamed = new BitSet();
  private final BitSet out = new BitSet(); // of the process that told last
  private long pid;
  private int deaths;
  private boolean finished;

  /** Takes one line of a worker's tale, see {@link DemoTale}. */
  void take(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "opened" -> {
        pid = Long.parseLong(words[1]);
        out.clear();
      }
      case "began" -> out.set(Integer.parseInt(words[2]));
      case "blamed" -> blamed.set(Integer.parseInt(words[2]));
      case "acked" -> {
        out.clear(Integer.parseInt(words[2]));
        acked.set(Integer.parseInt(words[2]));
      }
      case "finished" -> finished = true;
      default -> throw new IllegalStateException("a worker told what nobody understands: " + line);
    }
  }

  /** The process that told last has died. */
  void died() {
    deaths++;
  }

  /** Processes that have died. */
  int deaths() {
    return deaths;
  }

  /** The process that told last. */
  long pid() {
    return pid;
  }

  /** What its handlers had and had not acked, as text. */
  String out() {
    return out.stream().mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  /** Offsets of messages that were handled. */
  BitSet acked() {
    return acked;
  }

  /** Offsets of messages that came with the error of an attempt before. */
  BitSet blamed() {
    return blamed;
  }

  /** Whether a process came to its end. */
  boolean finished() {
    return finished;
  }
}
