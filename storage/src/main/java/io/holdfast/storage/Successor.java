package io.holdfast.storage;

import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.RollTimeoutException;
import io.holdfast.storage.error.StoreClosedException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The segment that a topic rolls into: made and named ahead of need by the store's allocator, so
 * that a roll finds it ready, or else waited for.
 *
 * <p>{@link #ask} and {@link #take} are called under the topic's append lock.
 */
final class Successor {
  private final Store store;
  private final Path directory;
  private final String topic;
  private final boolean forced; // whether its blocks are to be on the device already

  /** Named and empty; the allocator puts it here, the appender that rolls takes it. */
  private final AtomicReference<SegmentAllocator.Prepared> ready = new AtomicReference<>();

  private long asked; // append lock: the highest number that was asked for
  private volatile long taken; // append lock writes, the allocator reads: numbers that are in use
  private volatile boolean closed; // written when the topic refuses appends, read by the allocator

  Successor(Store store, Path directory, String topic, boolean forced) {
    this.store = store;
    this.directory = directory;
    this.topic = topic;
    this.forced = forced;
  }

  /** Whether a segment was not asked for yet; under the topic's append lock. */
  boolean lacks(long number) {
    return asked < number;
  }

  /**
   * Has it made, unless that was asked for already.
   *
   * @param number of the segment
   * @param capacity bytes that it should have
   * @param least bytes that also do where there is no room for more
   */
  void ask(long number, int capacity, int least) {
    if (asked < number) {
      asked = number;
      store.allocatorAgent().execute(() -> makeAhead(number, capacity, least));
    }
  }

  /** A full disk is left to the roll, which reports it to whoever needs the segment. */
  private void makeAhead(long number, int capacity, int least) {
    try {
      make(number, capacity, least, false);
      store.allocator().reserve().refill();
    } catch (DiskFullException e) {
      System.getLogger(Successor.class.getName())
          .log(System.Logger.Level.WARNING, "topic {0}: {1}", topic, e.getMessage());
    }
  }

  /**
   * On the allocator's thread. Does nothing where there is one that will do, or where this comes
   * too late: an append that did not wait long enough left it behind, and a later one found the
   * segment that was made before it.
   */
  private void make(long number, int capacity, int least, boolean reserved) {
    SegmentAllocator.Prepared there = ready.get(); // before the look at what was taken
    if (closed || number <= taken || there != null && there.capacity() >= least) {
      return;
    }
    if (there != null) {
      if (!ready.compareAndSet(there, null)) {
        return; // it was taken meanwhile
      }
      there.discard(); // it is too small for what must go into it
    }
    ready.set(store.allocator().next(capacity, least, directory, number, forced, reserved));
  }

  /**
   * Takes it; waits where it is not ready.
   *
   * @param number of the segment
   * @param capacity bytes that it should have
   * @param least bytes that it must have
   * @param reserved whether it may come from the reserve where the disk is full
   * @return the segment, under its name
   * @throws DiskFullException when there is no room
   * @throws RollTimeoutException when it did not become ready in time; it is still being made
   */
  SegmentAllocator.Prepared take(long number, int capacity, int least, boolean reserved) {
    while (true) {
      SegmentAllocator.Prepared there = ready.get();
      if (there == null || there.capacity() < least) {
        waitFor(number, capacity, least, reserved);
      } else {
        taken = number; // before it is out of reach of the allocator
        if (ready.compareAndSet(there, null)) {
          return there;
        }
        taken = number - 1; // the allocator makes a larger one instead
      }
    }
  }

  private void waitFor(long number, int capacity, int least, boolean reserved) {
    boolean done;
    try {
      done =
          store
              .allocatorAgent()
              .call(
                  () -> make(number, capacity, least, reserved),
                  store.config().rollTimeout().toNanos());
    } catch (DiskFullException | StoreClosedException e) {
      throw e; // nothing was changed; the next append tries again
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    if (!done) {
      throw new RollTimeoutException(
          ("topic %s: expected its next segment (%s, %d bytes) within %s, and it is still being "
                  + "made: the device is slow or busy; nothing was written, try again")
              .formatted(topic, directory, capacity, store.config().rollTimeout()));
    }
  }

  /**
   * The topic goes to sleep: gives up what is ready; the caller has the append lock. The allocator
   * does it, in turn with whatever it still has to make here, for both have the same name.
   */
  void forget() {
    asked = 0;
    store.allocatorAgent().execute(this::discard);
  }

  /** Makes nothing more. */
  void close() {
    closed = true;
  }

  /** On the allocator's thread, or when that has ended. */
  void discard() {
    SegmentAllocator.Prepared unused = ready.getAndSet(null);
    if (unused != null) {
      unused.discard();
    }
  }
}
