package io.holdfast.storage;

import java.lang.invoke.VarHandle;

/** Has what a topic appends forced within an interval; does nothing for topics that have none. */
final class IntervalForce {
  private final Store store;
  private final long nanos; // between forces, or 0
  private final Flush flush;
  private volatile boolean asked; // append lock raises, flusher lowers

  IntervalForce(Store store, long nanos, Flush flush) {
    this.store = store;
    this.nanos = nanos;
    this.flush = flush;
  }

  /** Within the interval everything that is appended by now is to be forced; append lock. */
  void appended() {
    if (nanos > 0) {
      VarHandle.fullFence(); // the end is published before the look: see force
      if (!asked) {
        asked = true;
        store.flusher().schedule(this::force, nanos);
      }
    }
  }

  private void force() {
    asked = false; // before the end is read: whoever appends from now on asks again
    flush.forceIfOpen();
  }
}
