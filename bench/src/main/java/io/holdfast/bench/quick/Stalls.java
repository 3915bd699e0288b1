package io.holdfast.bench.quick;

/** The windows of a run in which a thread that should have run did not. Belongs to one thread. */
final class Stalls {
  /** A clock that was not read for this long was kept from it by the machine. */
  static final long NANOS = 50_000;

  static final long WINDOW_NANOS = 5_000_000;

  private final long start;
  private final boolean[] stalled;

  /** For a run from a time to another, on the clock of {@link System#nanoTime}. */
  Stalls(long start, long end) {
    this.start = start;
    this.stalled = new boolean[(int) ((end - start) / WINDOW_NANOS) + 2];
  }

  /** Marks the windows from one time to another, and the next, in which the backlog drains. */
  void mark(long from, long to) {
    for (int i = window(from); i <= window(to) + 1; i++) {
      if (i >= 0 && i < stalled.length) {
        stalled[i] = true;
      }
    }
  }

  /** Takes over what another marked. */
  void add(Stalls other) {
    for (int i = 0; i < stalled.length; i++) {
      stalled[i] |= other.stalled[i];
    }
  }

  /** Whether a message that was due then is left out. */
  boolean at(long due) {
    int window = window(due);
    return window >= 0 && window < stalled.length && stalled[window];
  }

  private int window(long time) {
    return (int) Math.floorDiv(time - start, WINDOW_NANOS);
  }
}
