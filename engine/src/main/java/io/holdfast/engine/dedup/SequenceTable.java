package io.holdfast.engine.dedup;

import io.holdfast.storage.check.CarriedTable;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sequences of all producers of a topic. Whoever calls holds the lock of the topic's
 * duplicates, but for {@link #table} and {@link #estimate}, which a roll calls; so what changes the
 * table does so under a lock of its own as well.
 */
final class SequenceTable {
  /** Most producers that a topic remembers. */
  static final int MOST_NAMES = 10_000;

  /** Runs in memory, of all windows: a few megabytes. */
  static final int MOST_RUNS = 1 << 18;

  private final Map<String, SequenceWindow> windows;
  private final ReentrantLock changing = new ReentrantLock(); // held for moments, and by a roll
  private int runs; // guarded by changing
  private volatile int estimate; // written under changing

  SequenceTable(Map<String, SequenceWindow> windows) {
    this.windows = new HashMap<>(windows);
    recount();
  }

  int size() {
    return windows.size();
  }

  /** Returns the window of a producer, or null. */
  SequenceWindow of(String producer) {
    return windows.get(producer);
  }

  OptionalLong last(String producer) {
    SequenceWindow window = windows.get(producer);
    return window == null || window.last() < 0
        ? OptionalLong.empty()
        : OptionalLong.of(window.last());
  }

  /** How many producers fit into a table. */
  static int mostNames(int mostBytes) {
    return Math.min(MOST_NAMES, mostBytes / SequenceTableLayout.MOST_ENTRY);
  }

  /** Begins a change; ended by {@link #endChange}. */
  void beginChange() {
    changing.lock();
  }

  /** Adds what was taken, where it was not known. */
  void add(String producer, long sequence, long offset, long floorOfNew) {
    SequenceWindow window = windows.get(producer);
    if (window == null) {
      window = new SequenceWindow(floorOfNew);
      windows.put(producer, window);
    }
    if (window.find(sequence) == SequenceWindow.ABSENT) {
      int before = window.runs();
      window.add(sequence, offset);
      runs += window.runs() - before;
    }
  }

  void endChange() {
    if (runs > MOST_RUNS) {
      shrink();
    }
    estimate = estimate(windows.size(), runs);
    changing.unlock();
  }

  void forget(String producer) {
    changing.lock();
    try {
      windows.remove(producer);
      recount();
    } finally {
      changing.unlock();
    }
  }

  CarriedTable table(int mostBytes) {
    changing.lock();
    try {
      byte[] bytes = SequenceTableWriter.write(windows, mostBytes);
      return new CarriedTable(windows.size(), bytes);
    } finally {
      changing.unlock();
    }
  }

  int estimate() {
    return estimate;
  }

  private static int estimate(int names, int runs) {
    return names * SequenceTableLayout.MOST_ENTRY
        + Math.max(0, runs - names) * SequenceTableLayout.RUN_ESTIMATE;
  }

  /** All windows alike: the ones with the most runs lose the most. */
  private void shrink() {
    for (int most = SequenceWindow.SIZE / 2; runs > MOST_RUNS; most /= 2) {
      for (SequenceWindow window : windows.values()) {
        window.restrict(most);
      }
      recount();
    }
  }

  private void recount() {
    runs = windows.values().stream().mapToInt(SequenceWindow::runs).sum();
    estimate = estimate(windows.size(), runs);
  }
}
