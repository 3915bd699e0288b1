package io.holdfast.engine;

import io.holdfast.storage.Signal;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How far producers of a process that is killed may be ahead of its slowest group. Thread-safe.
 *
 * <p>Deliveries that nobody settles take room away, so producers go on all the same, only slower.
 */
final class KillRoom {
  private static final int MOST_BEHIND = 400; // messages that a group has not finished
  private static final int TRIES = 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final List<Group> groups;
  private final Signal never = new Signal();

  KillRoom(List<Group> groups) {
    this.groups = groups;
  }

  /** Waits for room; returns false where there is none after a while. */
  boolean await() throws InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      if (unfinished() < MOST_BEHIND) {
        return true;
      }
      never.await(never.version(), PAUSE_NANOS);
    }
    return false;
  }

  private long unfinished() {
    return groups.stream().mapToLong(g -> g.lag().get(0).unfinished()).max().orElseThrow();
  }
}
