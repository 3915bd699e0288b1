package io.holdfast.engine.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells whether threads that store to the memory of groups stood still while a picture of it was
 * taken: all but the one that takes it wait, and for the same things before and after.
 *
 * <p>A killed process leaves what all of memory held at one instant. A picture that is taken while
 * somebody stores may hold the later of two stores and not the earlier one, which no kill leaves; a
 * power cut may.
 */
final class Quiet {
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /** Begins with the thread of the script, the caller's. */
  Quiet() {
    threads.add(Thread.currentThread());
  }

  /** Notes that the caller's thread works for the engine. */
  void here() {
    Thread current = Thread.currentThread();
    if (!threads.contains(current)) {
      threads.add(current);
    }
  }

  /** What each of them waits for; null where one does not wait. */
  Object look() {
    List<Object> waits = new ArrayList<>();
    for (Thread thread : threads) {
      if (thread == Thread.currentThread() || thread.getState() == Thread.State.TERMINATED) {
        waits.add(thread);
        continue;
      }
      Object blocker = LockSupport.getBlocker(thread);
      if (blocker == null || thread.getState() == Thread.State.RUNNABLE) {
        return null;
      }
      waits.add(blocker);
    }
    return new Waits(waits);
  }

  /** Whether all of them wait for what they waited for. */
  boolean isStill(Object before) {
    return before != null && before.equals(look());
  }

  /** The same things, not equal ones. */
  private record Waits(List<Object> things) {
    @Override
    public boolean equals(Object other) {
      if (!(other instanceof Waits waits) || waits.things.size() != things.size()) {
        return false;
      }
      boolean same = true;
      for (int i = 0; i < things.size(); i++) {
        same &= things.get(i) == waits.things.get(i);
      }
      return same;
    }

    @Override
    public int hashCode() {
      return things.size();
    }
  }
}
