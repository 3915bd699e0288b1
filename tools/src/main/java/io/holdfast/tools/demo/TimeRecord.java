package io.holdfast.tools.demo;

/** What was told of reminders: one that comes later, one that expires, some that come again. */
final class TimeRecord {
  private final int[] came = new int[DemoPlan.LATE + 1]; // how often, by offset
  private long pid;
  private long late = -1; // milliseconds between the time of the delayed one and its delivery
  private long moved;
  private boolean finished;

  /** Takes one line of a worker's tale, see {@link DemoTale}. */
  void take(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "opened" -> pid = Long.parseLong(words[1]);
      case "sent" -> {
        // told so that it can be seen; the check is what comes
      }
      case "came" -> came(Integer.parseInt(words[1]), Long.parseLong(words[2]));
      case "moving" -> moved = Long.parseLong(words[1]);
      case "finished" -> finished = true;
      default -> throw new IllegalStateException("a worker told what nobody understands: " + line);
    }
  }

  private void came(int offset, long millis) {
    if (offset == DemoPlan.LATE && came[offset] == 0) {
      late = millis;
    }
    came[offset]++;
  }

  /** The process that told last. */
  long pid() {
    return pid;
  }

  /** How often a reminder came. */
  int came(int offset) {
    return came[offset];
  }

  /** Milliseconds after its time at which the delayed one came first; negative = before it. */
  long late() {
    return late;
  }

  /** Messages that were to come again, as the dry run of the move had it. */
  long moved() {
    return moved;
  }

  /** Whether the second process came to its end. */
  boolean finished() {
    return finished;
  }
}
