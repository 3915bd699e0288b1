package io.holdfast.engine;

import java.util.List;

/**
 * How far producers of a process that is killed may be ahead of its slowest group. Thread-safe.
 *
 * <p>Deliveries that nobody settles take room away, so producers go on all the same, only slower.
 */
final class KillRoom {
  private static final int MOST_BEHIND = 400; // messages that a group has not finished
  private static final int TRIES = 20; // of a millisecond each

  private final List<Group> groups;

  KillRoom(List<Group> groups) {
    this.groups = groups;
  }

  /** Waits for room; returns false where there is none after a while. */
  boolean await() throws InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      if (unfinished() < MOST_BEHIND) {
        return true;
      }
      Thread.sleep(1); // a kill comes at any time: there is no moment to wait for
    }
    return false;
  }

  private long unfinished() {
    return groups.stream().mapToLong(g -> g.lag().get(0).unfinished()).max().orElseThrow();
  }
}
