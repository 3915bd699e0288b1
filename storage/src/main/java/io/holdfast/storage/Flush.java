package io.holdfast.storage;

import io.holdfast.storage.file.DurableFiles;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings what a topic appended to the device, and knows how far that has come. Thread-safe.
 *
 * <p>Two force: whoever waits for the device, through the group commit, everything there is; and
 * the store's flusher each sealed segment, which it then marks as forced. Sealed segments are
 * forced lazily where nobody waits for that: what is read and dropped soon after need not be
 * written at all.
 */
final class Flush {
  /** Sealed segments that may lack their mark before the flusher begins, where nobody waits. */
  static final int LAZY = 4;

  /** Sealed segments that may lack their mark at all: recovery has to scan so many. */
  static final int MOST_UNFORCED = 8;

  private final Store store;
  private final String topic;
  private final boolean lazy;
  private final PublishedOffset end;
  private final PublishedOffset durable;
  private final GroupCommit commit = new GroupCommit(this::durableOffset, this::forceNow);
  private final ReentrantLock lock = new ReentrantLock(); // held over a force of everything
  private final ArrayDeque<SegmentWriter> sealed = new ArrayDeque<>(); // guarded by itself
  private final Runnable raised;
  private volatile SegmentWriter active; // append lock writes, forcers read; null while asleep

  /**
   * Takes up where recovery left a topic.
   *
   * @param store whose threads, limits and poison apply
   * @param topic its name
   * @param lazy whether sealed segments are forced only once there are some of them
   * @param end where appends publish their end
   * @param durableOffset everything below it was forced
   * @param raised called after the durable point rose
   */
  Flush(
      Store store,
      String topic,
      boolean lazy,
      PublishedOffset end,
      long durableOffset,
      Runnable raised) {
    this.store = store;
    this.topic = topic;
    this.lazy = lazy;
    this.end = end;
    this.durable = new PublishedOffset(durableOffset);
    this.raised = raised;
  }

  long durableOffset() {
    return durable.get();
  }

  /** Whether no segment is mapped to be written to. */
  boolean isAsleep() {
    return active == null;
  }

  /** Sets the segment that is written to; the caller holds the append lock. */
  void active(SegmentWriter writer) {
    active = writer;
  }

  /**
   * A roll took place; the caller holds the append lock. The old segment is listed before the new
   * one is active: whoever forces everything looks at them the other way round.
   */
  void rolled(SegmentWriter old, SegmentWriter next) {
    int unforced;
    synchronized (sealed) {
      sealed.addLast(old);
      unforced = sealed.size();
    }
    active = next;
    if (unforced > LAZY || !lazy) {
      store.flusher().execute(this::forceSealed);
    } else {
      store.durableMoved(); // the flusher comes by when the topic has been idle
    }
  }

  /** How many sealed segments lack their mark. */
  int unforced() {
    synchronized (sealed) {
      return sealed.size();
    }
  }

  /** Returns once everything below an offset is on the device. */
  void await(long upTo) {
    commit.await(upTo);
  }

  /** By whoever leads the group commit; followers find their offset durable. */
  void forceNow() {
    lock.lock();
    try {
      store.checkUsable();
      forceAll();
    } finally {
      lock.unlock();
    }
    raised.run();
  }

  /** On the flusher: as {@link #forceNow}, unless the store is closing, which forces too. */
  void forceIfOpen() {
    if (store.isOpen()) {
      lock.lock();
      try {
        forceAll();
      } finally {
        lock.unlock();
      }
      raised.run();
    }
  }

  /**
   * The end is read first, then the active segment: everything below the end lies in that one and
   * in the sealed segments that are listed afterwards.
   */
  private void forceAll() {
    long to = end.get();
    SegmentWriter last = active;
    if (last == null) {
      return; // asleep: everything was forced before, or whoever waits wakes it first
    }
    long started = System.nanoTime();
    try {
      for (SegmentWriter writer : listed()) {
        writer.force();
      }
      last.force();
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    durable.raise(to);
    warnIfSlow(started);
    store.durableMoved();
  }

  private void warnIfSlow(long started) {
    long nanos = System.nanoTime() - started;
    if (nanos > store.config().slowForce().toNanos()) {
      System.getLogger(Flush.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "topic {0}: a force took {1} ms: the device is slow, and whoever waits for it too",
              topic,
              TimeUnit.NANOSECONDS.toMillis(nanos));
    }
  }

  private SegmentWriter[] listed() {
    synchronized (sealed) {
      return sealed.toArray(SegmentWriter[]::new);
    }
  }

  private SegmentWriter first() {
    synchronized (sealed) {
      return sealed.peekFirst();
    }
  }

  /** On the flusher: forces and marks all sealed segments. */
  void forceSealed() {
    SegmentWriter writer = first();
    while (writer != null && store.isOpen()) {
      forceSealed(writer);
      writer = first();
    }
  }

  /** On the flusher: makes room for one more sealed segment. */
  void forceOldest() {
    SegmentWriter writer = first();
    if (writer != null) {
      store.checkUsable();
      forceSealed(writer);
    }
  }

  private void forceSealed(SegmentWriter writer) {
    long started = System.nanoTime();
    try {
      if (lazy) {
        writer.forceSealedAndUnmap();
      } else {
        writer.forceSealed(); // most of it was forced before, and it may be recycled as it is
      }
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    warnIfSlow(started);
    synchronized (sealed) {
      sealed.removeFirst();
    }
    durable.raise(writer.endOffset());
    writer.close();
    store.durableMoved();
    raised.run(); // what became visible may be all that a sender waits for
  }

  /**
   * On the flusher: forces the begin record of the segment with which the topic will begin.
   *
   * @param kept the first segment that stays
   */
  void forceBegin(Segment kept) {
    SegmentWriter writer = active;
    synchronized (sealed) {
      for (SegmentWriter one : sealed) {
        writer = one.segment() == kept ? one : writer;
      }
    }
    try {
      if (writer == null) {
        SegmentTail.writeInheritedAgain(kept);
        DurableFiles.force(kept.file()); // asleep since the opening: it may be the last segment
      } else if (writer.segment() == kept) {
        writer.forceBegin();
      } // else it was marked as forced, by the flusher or by recovery
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
  }

  /**
   * On the flusher: what lies below a segment is dropped and need not be forced any more. The
   * durable point rises to where the topic begins, because it cannot end before that.
   *
   * <p>Invariant: the device has both the begin record and the control slot that names the segment
   * by now, else a power cut would bring back a topic that ends below its durable point.
   *
   * @param kept the first segment that stays
   */
  void dropped(Segment kept) {
    durable.raise(kept.firstOffset());
    synchronized (sealed) {
      while (!sealed.isEmpty() && sealed.peekFirst().segment().number() < kept.number()) {
        sealed.removeFirst().close();
      }
    }
    raised.run();
  }

  /** The topic sleeps, and all of it is on the device. */
  void forced() {
    durable.raise(end.get());
  }

  /** When the store closes and no append is under way: forces, unless in vain, and unmaps. */
  void close(boolean force) {
    lock.lock();
    try {
      if (force) {
        long to = end.get();
        for (SegmentWriter writer : listed()) {
          writer.forceSealed();
        }
        if (active != null) {
          active.force();
          durable.raise(to);
        }
      }
    } finally {
      for (SegmentWriter writer : listed()) {
        writer.close();
      }
      if (active != null) {
        active.close();
      }
      lock.unlock();
    }
  }

  /** The topic is gone: nothing is forced any more, and nobody waits for that any longer. */
  void discard() {
    lock.lock();
    try {
      synchronized (sealed) {
        while (!sealed.isEmpty()) {
          sealed.removeFirst().close();
        }
      }
      SegmentWriter last = active;
      if (last != null) {
        active = null;
        last.close();
      }
      durable.raise(end.get());
    } finally {
      lock.unlock();
    }
    raised.run();
  }
}
