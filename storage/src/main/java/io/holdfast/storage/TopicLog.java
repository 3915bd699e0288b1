package io.holdfast.storage;

import io.holdfast.storage.check.CarriedTable;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.OffsetDroppedException;
import io.holdfast.storage.error.RollTimeoutException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.file.DurableFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One topic: an append-only sequence of records with dense offsets, kept in segments. Thread-safe.
 *
 * <p>One writer at a time holds the append lock. Lock order: append lock before everything else;
 * none of the store's threads takes it, but to try, because who holds it may wait for them in a
 * roll.
 *
 * <p>Invariant: {@link #endOffset} is always one past a gap-free prefix of whole records.
 */
public final class TopicLog {
  private final Store store;
  private final Path directory;
  private final String name;
  private final int number;
  private final TopicSettings settings;
  private final boolean forces; // before it confirms
  private final ReentrantLock appendLock = new ReentrantLock();
  private final CopyOnWriteArrayList<Signal> signals = new CopyOnWriteArrayList<>();
  private final AtomicReference<SegmentList> segments; // appender and flusher write, readers read
  private final PublishedOffset end; // append lock writes, readers and forcers read
  private final Flush flush;
  private final Successor successor;
  private final TopicFiles files;
  private final IntervalForce interval;

  private SegmentWriter active; // append lock; null while asleep
  private LogStart.Resume asleep; // append lock: where to go on; null while awake
  private long lastTime; // append lock
  private volatile boolean closed; // written under the append lock, read anywhere
  private volatile boolean deleted; // written once, before closed

  TopicLog(Store store, Path directory, String name, TopicSettings.Stored stored, LogStart start) {
    this.store = store;
    this.directory = directory;
    this.name = name;
    this.number = stored.number();
    this.settings = stored.settings();
    this.forces = settings.durability().forcesBeforeConfirming();
    this.segments = new AtomicReference<>(start.segments());
    this.end = new PublishedOffset(start.endOffset());
    boolean lazy = !settings.durability().forces();
    this.flush =
        new Flush(
            store,
            name,
            lazy,
            end,
            start.durableOffset(),
            this::durableRaised);
    this.successor = new Successor(store, directory, name, !lazy);
    this.files = new TopicFiles(settings, segments, end);
    this.interval = new IntervalForce(store, settings.durability().interval().toNanos(), flush);
    this.asleep = start.resume();
    this.lastTime = start.lastTime();
  }

  /**
   * The topic's name.
   *
   * @return as it was created
   */
  public String name() {
    return name;
  }

  /**
   * The topic's number, the high 16 bits of its message ids.
   *
   * @return 1 to 65,535; never given twice in a store
   */
  public int number() {
    return number;
  }

  /**
   * What the topic was created with.
   *
   * @return its settings
   */
  public TopicSettings settings() {
    return settings;
  }

  /**
   * The oldest offset that is kept.
   *
   * @return 0 or more
   */
  public long firstOffset() {
    return segments.get().first().firstOffset();
  }

  /**
   * One past the newest offset.
   *
   * @return the offset that the next message gets
   */
  public long endOffset() {
    return end.get();
  }

  /**
   * The durable point.
   *
   * @return everything below this offset was forced
   */
  public long durableOffset() {
    return flush.durableOffset();
  }

  /**
   * How far readers and groups see: what a confirmation of this topic covers.
   *
   * @return the durable point on powerLoss topics, else the end
   */
  public long visibleEnd() {
    return forces ? flush.durableOffset() : end.get();
  }

  /**
   * A batch for this topic.
   *
   * @return empty, reusable, for one thread at a time
   */
  public RecordBatch newBatch() {
    return new RecordBatch(settings.maxMessageSize(), settings.maxBatchBytes());
  }

  /**
   * Appends all messages of a batch, or none. They are whole and in order, but not forced: see
   * {@link #force}.
   *
   * @param batch made by this topic, or by one with the same limits or lower ones; gets its first
   *     offset and its time
   * @throws IllegalArgumentException when the batch was made for higher limits
   * @throws DiskFullException when the next segment could not be prepared; a later try may succeed
   * @throws RollTimeoutException when the next segment was not ready in time; a later try may
   *     succeed
   * @throws io.holdfast.storage.error.StorePoisonedException after a failed force
   * @throws StoreClosedException when the store was closed
   */
  public void append(RecordBatch batch) {
    append(batch, false, Long.MAX_VALUE);
  }

  /**
   * Appends as {@link #append(RecordBatch)} does, unless the topic would need a further segment
   * for which there is no room.
   *
   * @param batch see there
   * @param mostBytes that the files of the topic's segments may have with that one
   * @return false when nothing was appended
   */
  public boolean append(RecordBatch batch, long mostBytes) {
    return append(batch, false, mostBytes);
  }

  /**
   * Appends as {@link #append} does, and takes the store's reserve where the disk is full: for
   * what must not fail then, as dead letters.
   *
   * @param batch see there
   */
  public void appendReserved(RecordBatch batch) {
    append(batch, true, Long.MAX_VALUE);
  }

  private boolean append(RecordBatch batch, boolean reserved, long mostBytes) {
    if (batch.size() == 0) {
      return true;
    }
    if (!batch.keeps(settings.maxMessageSize(), settings.maxBatchBytes())) {
      throw new IllegalArgumentException(
          "topic %s: expected a batch made by this topic, found one of a topic with higher limits"
              .formatted(name));
    }
    appendLock.lock();
    try {
      checkOpen();
      long now = Math.max(store.clock().time(), lastTime);
      SegmentWriter writer = active;
      if (writer == null || !writer.fits(batch.bytes(), now)) {
        writer = makeRoom(batch.bytes(), now, reserved, mostBytes);
      }
      if (writer == null) {
        return false;
      }
      put(writer, batch, now);
      if (writer.halfFull()) {
        files.askForSuccessor(successor, writer);
      }
      interval.appended();
    } finally {
      appendLock.unlock();
    }
    if (!forces) {
      raiseSignals();
    }
    return true;
  }

  /**
   * Invariant: when a record cannot be put, those of the batch before it are whole and yet nobody
   * counts them; what came next would stand behind them with their offsets. So nothing comes next.
   */
  private void put(SegmentWriter writer, RecordBatch batch, long now) {
    long first = end.get();
    try {
      writer.put(batch, first, store.writerEpoch(), flush.durableOffset(), now);
      batch.assign(first, now);
      batch.appended();
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    if (now != lastTime) { // readers look at other fields of this log
      lastTime = now;
    }
    end.publish(first + batch.size());
  }

  /**
   * Wakes the topic's last segment, or rolls to the next; null where that would be too large. The
   * caller holds the append lock.
   */
  private SegmentWriter makeRoom(int bytes, long now, boolean reserved, long mostBytes) {
    if (active == null) {
      wake();
    }
    if (!active.fits(bytes, now)) {
      Optional<CarriedTable> table = files.table();
      int least = files.least(bytes, table);
      int capacity = files.next(active.capacity(), least, mostBytes);
      if (capacity == 0) {
        return null;
      }
      roll(capacity, least, now, reserved, table);
    }
    return active;
  }

  private void wake() {
    SegmentWriter woken = SegmentWriter.open(segments.get().last(), asleep);
    active = woken;
    asleep = null;
    flush.active(woken);
    store.woke();
  }

  /**
   * Makes the next segment the active one. Order: next segment under its name, begin record, seal
   * and footer of the old one, list, pointer. Nothing of the batch was put yet.
   *
   * <p>Invariant: a crash before the seal leaves an unsealed segment with an empty one behind it
   * that begins at its end; recovery seals it. After the seal nothing is missing.
   */
  private void roll(
      int capacity, int least, long now, boolean reserved, Optional<CarriedTable> table) {
    waitForFlusher();
    SegmentWriter old = active;
    long from = end.get();
    long durable = flush.durableOffset();
    SegmentAllocator.Prepared named =
        successor.take(old.segment().number() + 1, capacity, least, reserved);
    SegmentBegin begin =
        new SegmentBegin(number, old.segment().number() + 1, from, now, 0, table);
    SegmentWriter next =
        store.allocator().begin(named, directory, begin, store.writerEpoch(), durable);
    try {
      old.seal(from, store.writerEpoch(), durable, lastTime);
    } catch (RuntimeException | Error e) {
      store.poison(e); // a segment that may be sealed takes no more records
      throw e;
    }
    old.segment().lastTime(lastTime);
    flush.rolled(old, next); // first: a drop that finds the new segment must find its writer
    segments.updateAndGet(list -> list.with(next.segment()));
    active = next;
    files.begun(begin);
    if (next.capacity() == old.capacity()) {
      files.askForSuccessor(successor, next); // a topic that has its full size is busy
    }
    files.rolled();
  }

  /** Recovery scans what is sealed and not forced, so that there may be only so much of it. */
  private void waitForFlusher() {
    if (flush.unforced() < Flush.MOST_UNFORCED) {
      return;
    }
    boolean done =
        store.flusher().call(flush::forceOldest, store.config().rollTimeout().toNanos());
    if (!done) {
      throw new RollTimeoutException(
          ("topic %s: expected one of %d sealed segments to be forced within %s: the device is "
                  + "slow or busy; nothing was written, try again")
              .formatted(name, Flush.MOST_UNFORCED, store.config().rollTimeout()));
    }
  }

  /**
   * The topic's files, which may be bounded.
   *
   * @return always the same
   */
  public TopicFiles files() {
    return files;
  }

  /**
   * Returns once everything below an offset is on the device. Not broken by an interrupt.
   *
   * @param upTo at most the end offset
   * @throws IllegalArgumentException when it is beyond the end
   * @throws io.holdfast.storage.error.StorageIoException when this force failed: what the device
   *     holds is unknown, and nothing more is written
   * @throws io.holdfast.storage.error.StorePoisonedException when that has happened before, or in
   *     another thread meanwhile
   * @throws StoreClosedException when the store was closed before
   */
  public void force(long upTo) {
    if (flush.durableOffset() >= upTo) {
      return;
    }
    checkOpen();
    if (upTo > end.get()) {
      throw new IllegalArgumentException(
          "topic %s: expected an offset up to %d, the end, found %d"
              .formatted(name, end.get(), upTo));
    }
    if (flush.isAsleep()) {
      wakeToForce();
    }
    flush.await(upTo);
  }

  /** What recovery found may be in the page cache only, and is not mapped before it is needed. */
  private void wakeToForce() {
    appendLock.lock();
    try {
      checkOpen();
      if (active == null) {
        wake();
      }
    } finally {
      appendLock.unlock();
    }
  }

  private void durableRaised() {
    if (forces) {
      raiseSignals();
    }
  }

  /**
   * Drops the oldest segments: those all of whose messages lie below an offset, but never the one
   * that is written to. What they held is gone for good; readers that stand in them keep the
   * memory until they go on. Takes a few forces, on a thread of the store, and waits for it; not to
   * be called in {@link Store#onAgent}.
   *
   * <p>Order: begin record of the first segment that stays, control file, list, files. A crash
   * before the control file leaves everything, after it files that recovery deletes.
   *
   * @param offset the lowest that must stay readable; beyond the end it means all but the last
   *     segment
   * @return the lowest that is kept now
   * @throws io.holdfast.storage.error.StorageIoException when a file could not be forced or freed;
   *     the store is poisoned then
   * @throws io.holdfast.storage.error.StorePoisonedException when that has happened before
   * @throws StoreClosedException when the store was closed
   */
  public long dropBefore(long offset) {
    if (segments.get().ofOffset(offset) != segments.get().first()) {
      checkOpen();
      store.checkNotOnAgent();
      store.flusher().call(() -> drop(offset));
    }
    return firstOffset();
  }

  /** On the flusher, so that it neither forces nor writes what is being dropped. */
  private Void drop(long offset) {
    checkOpen();
    SegmentList before = segments.get();
    Segment kept = before.ofOffset(offset);
    if (kept == before.first()) {
      return null;
    }
    try {
      flush.forceBegin(kept);
      store.keepFrom(this, kept);
      flush.dropped(kept);
      segments.updateAndGet(list -> list.from(kept.number()));
      for (Segment segment : before.all()) {
        if (segment.number() < kept.number()) {
          store.allocator().free(segment);
        }
      }
    } catch (RuntimeException | Error e) {
      store.poison(e); // some are freed and some are not, or a force failed
      throw e;
    }
    return null;
  }

  /**
   * A reader of what is visible.
   *
   * @param offset where it begins, from {@link #firstOffset} to {@link #visibleEnd}
   * @return to be closed; for one thread at a time
   * @throws IllegalArgumentException when the offset is negative or beyond the visible end
   * @throws OffsetDroppedException when the offset is not kept any more
   * @throws io.holdfast.storage.error.DamagedRecordException when the records on the way are
   *     damaged
   */
  public LogReader reader(long offset) {
    LogReader reader = new LogReader(this);
    try {
      reader.seek(offset);
      return reader;
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /**
   * The first visible offset that was appended at a time or later.
   *
   * @param epochMillis the time
   * @return the offset, or {@link #visibleEnd} when there is none
   * @throws io.holdfast.storage.error.DamagedRecordException when the records on the way are
   *     damaged
   */
  public long offsetAt(long epochMillis) {
    try (LogReader reader = new LogReader(this)) {
      while (true) {
        try {
          return reader.offsetAt(epochMillis);
        } catch (OffsetDroppedException e) {
          checkOpen(); // and once more, in what the drop that came between has left
        }
      }
    }
  }

  /**
   * Has a signal raised whenever something became visible. Waits for an append that is under way.
   *
   * @param signal of whoever waits
   */
  public void addSignal(Signal signal) {
    appendLock.lock(); // so that every later append sees it
    try {
      signals.add(signal);
    } finally {
      appendLock.unlock();
    }
  }

  /**
   * Ends what {@link #addSignal} began.
   *
   * @param signal as given there
   */
  public void removeSignal(Signal signal) {
    signals.remove(signal);
  }

  SegmentList segments() {
    return segments.get();
  }

  int unforcedSegments() {
    return flush.unforced();
  }

  /**
   * Refuses to go on with a store that cannot be used.
   *
   * @throws StoreClosedException when it is closed
   * @throws io.holdfast.storage.error.StorePoisonedException when a force has failed
   */
  public void checkOpen() {
    store.checkUsable();
    if (closed) {
      throw deleted
          ? TopicDeletion.error(this)
          : new StoreClosedException("topic " + name + ": the store has been closed");
    }
  }

  /** Has whoever waits look again. */
  void raiseSignals() {
    for (Signal signal : signals) {
      signal.raise();
    }
  }

  /** On the flusher, when the topic has been idle for a while. */
  void settle() {
    flush.forceSealed();
  }

  /**
   * Unmaps the last segment where nothing is under way in the topic. On a thread of the store,
   * which only tries to take the append lock.
   *
   * @return whether it sleeps now
   */
  boolean sleep() {
    if (closed || flush.unforced() > 0 || !appendLock.tryLock()) {
      return false;
    }
    try {
      if (active == null || closed) {
        return false;
      }
      flush.forceIfOpen();
      if (flush.durableOffset() < end.get()) {
        return false;
      }
      asleep = active.leave();
      flush.active(null);
      active.close();
      active = null;
      successor.forget();
      return true;
    } finally {
      appendLock.unlock();
    }
  }

  /**
   * Refuses further appends. The caller is none of the store's threads, because an appender that
   * rolls holds the append lock and waits for them.
   */
  void refuseAppends() {
    appendLock.lock();
    try {
      closed = true;
      successor.close();
    } finally {
      appendLock.unlock();
    }
    raiseSignals();
  }

  /** As {@link #refuseAppends}, and whoever has the topic in hand is told that it was deleted. */
  void delete() {
    deleted = true;
    refuseAppends();
  }

  /** On the flusher, after {@link #delete}: unmaps; returns whether it was awake. */
  boolean discard() {
    boolean isAwake = !flush.isAsleep();
    store.allocatorAgent().call(Executors.callable(successor::discard));
    flush.discard();
    segments.get().all().forEach(segment -> segment.drop(false));
    return isAwake;
  }

  /** After {@link #refuseAppends}, when the store's other threads have ended: forces, unmaps. */
  void close(boolean force) {
    try {
      if (force && active == null && flush.durableOffset() < end.get()) {
        DurableFiles.force(segments.get().last().file());
        flush.forced();
      }
      flush.close(force);
    } finally {
      for (Segment segment : segments.get().all()) {
        segment.drop(false);
      }
      successor.discard();
    }
  }
}
