package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.format.RecordType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One topic: an append-only sequence of records with dense offsets, kept in segments. Thread-safe.
 *
 * <p>One writer at a time holds the append lock. Forces are serialised by the force lock; whoever
 * waited for it usually finds its batch forced already. Lock order: force lock before append lock,
 * never both in the other order; the agent never takes the append lock.
 *
 * <p>Invariant: {@code endOffset} is always one past a gap-free prefix of whole records.
 */
public final class TopicLog {
  private final Store store;
  private final Path directory;
  private final String name;
  private final int number;
  private final TopicSettings settings;
  private final ReentrantLock appendLock = new ReentrantLock();
  private final ReentrantLock forceLock = new ReentrantLock();
  private final GroupCommit commit = new GroupCommit(this::durableOffset, this::forceNow);
  private final List<Signal> signals = new CopyOnWriteArrayList<>();

  private Segment active; // append lock writes; force lock reads through activeSegment
  private volatile Segment activeSegment; // append lock writes, forcers read
  private volatile SegmentList segments; // append lock writes, readers read
  private volatile long endOffset; // append lock writes, readers and forcers read
  private volatile long durableOffset; // force lock writes, readers and appenders read
  private long lastTime; // append lock
  private boolean preparing; // append lock: the next segment was asked for
  private volatile boolean closed; // written under both locks, read anywhere
  private final ArrayDeque<Segment> unforced = new ArrayDeque<>(); // guarded by itself

  /**
   * The next segment, named and empty; the agent puts it here, the appender that rolls takes it.
   */
  private final AtomicReference<SegmentAllocator.Prepared> ahead = new AtomicReference<>();

  TopicLog(Store store, Path directory, String name, TopicSettings.Stored stored, LogStart start) {
    this.store = store;
    this.directory = directory;
    this.name = name;
    this.number = stored.number();
    this.settings = stored.settings();
    this.active = start.active();
    this.activeSegment = start.active();
    this.segments = start.segments();
    this.endOffset = start.endOffset();
    this.durableOffset = start.durableOffset();
    this.lastTime = start.lastTime();
  }

  /**
   * Where a log takes up, as recovery found it.
   *
   * @param active the segment to append to
   * @param segments all of them
   * @param endOffset the next offset
   * @param durableOffset everything below it was forced
   * @param lastTime epoch milliseconds of the last record
   */
  record LogStart(
      Segment active, SegmentList segments, long endOffset, long durableOffset, long lastTime) {}

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
    return segments.first().firstOffset();
  }

  /**
   * One past the newest offset.
   *
   * @return the offset that the next message gets
   */
  public long endOffset() {
    return endOffset;
  }

  /**
   * The durable point.
   *
   * @return everything below this offset was forced
   */
  public long durableOffset() {
    return durableOffset;
  }

  /**
   * How far readers and groups see: what a confirmation of this topic covers.
   *
   * @return the durable point on powerLoss topics, else the end
   */
  public long visibleEnd() {
    return settings.durability().forcesBeforeConfirming() ? durableOffset : endOffset;
  }

  /**
   * A batch for this topic.
   *
   * @return empty, reusable, for one thread at a time
   */
  public RecordBatch newBatch() {
    return new RecordBatch(settings.maxMessageSize(), settings.firstSegmentSize() / 4);
  }

  /**
   * Appends all messages of a batch, or none. They are whole and in order, but not forced: see
   * {@link #force}.
   *
   * @param batch made by this topic, or by one with the same limits or lower ones; gets its first
   *     offset and its time
   * @throws IllegalArgumentException when the batch was made for higher limits
   * @throws DiskFullException when the next segment could not be prepared; a later try may succeed
   * @throws io.holdfast.storage.error.StorePoisonedException after a failed force
   * @throws StoreClosedException when the store was closed
   */
  public void append(RecordBatch batch) {
    if (batch.size() == 0) {
      return;
    }
    if (!batch.keeps(settings.maxMessageSize(), settings.firstSegmentSize() / 4)) {
      throw new IllegalArgumentException(
          "topic %s: expected a batch made by this topic, found one of a topic with higher limits"
              .formatted(name));
    }
    appendLock.lock();
    try {
      checkOpen();
      long now = Math.max(store.clock().time(), lastTime);
      if (!active.fits(batch.bytes(), now)) {
        roll(now);
      }
      putAll(batch, now);
      prepareAhead();
    } finally {
      appendLock.unlock();
    }
    if (!settings.durability().forcesBeforeConfirming()) {
      raiseSignals();
    }
  }

  /**
   * Invariant: when a record cannot be put, those of the batch before it are whole and yet nobody
   * counts them; what came next would stand behind them with their offsets. So nothing comes next.
   */
  private void putAll(RecordBatch batch, long now) {
    try {
      putEach(batch, now);
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    long first = endOffset;
    batch.assign(first, now);
    lastTime = now;
    active.publish();
    endOffset = first + batch.size();
  }

  private void putEach(RecordBatch batch, long now) {
    long first = endOffset;
    long durable = durableOffset;
    for (int i = 0; i < batch.size(); i++) {
      active.put(
          RecordType.DATA,
          batch.bodies(),
          batch.start(i),
          batch.attributesLength(i),
          batch.bodyLength(i),
          batch.bodyCrc(i),
          first + i,
          store.writerEpoch(),
          durable,
          now);
    }
  }

  /**
   * Makes the next segment the active one. Order: next segment under its name, seal and footer of
   * the old one, list, pointer. The caller holds the append lock, and nothing was put yet.
   *
   * <p>Invariant: a crash before the seal leaves an unsealed segment with an empty one behind it
   * that begins at its end; recovery seals it. After the seal nothing is missing.
   */
  private void roll(long now) {
    Segment old = active;
    long end = endOffset;
    int capacity = settings.segmentSizeAfter(old.capacity());
    SegmentBegin begin = new SegmentBegin(number, old.number() + 1, end, now, 0);
    Segment next = SegmentAllocator.begin(
        namedSegment(capacity, old.number() + 1), begin, store.writerEpoch(), durableOffset);
    try {
      old.seal(end, store.writerEpoch(), durableOffset, lastTime);
    } catch (RuntimeException | Error e) {
      store.poison(e); // a segment that may be sealed takes no more records
      throw e;
    }
    synchronized (unforced) {
      unforced.add(old);
    }
    segments = segments.with(next.place());
    active = next;
    activeSegment = next;
    preparing = false;
    store.executeOnAgent(this::forceSealedSegments);
  }

  /** The next segment, under its name: made ahead, or else now, on the agent. */
  private SegmentAllocator.Prepared namedSegment(int capacity, long number) {
    SegmentAllocator.Prepared ready = ahead.getAndSet(null);
    if (ready != null) {
      return ready;
    }
    try {
      return store.onAgent(
          () -> {
            // What was asked for ahead is done before this, because the agent keeps the order.
            SegmentAllocator.Prepared meanwhile = ahead.getAndSet(null);
            return meanwhile != null ? meanwhile : makeNamed(capacity, number);
          });
    } catch (DiskFullException | StoreClosedException e) {
      throw e; // nothing was changed; the next append tries again
    } catch (RuntimeException e) {
      store.poison(e);
      throw e;
    }
  }

  /** On the agent. */
  private SegmentAllocator.Prepared makeNamed(int capacity, long number) {
    SegmentAllocator allocator = store.allocator();
    return allocator.name(allocator.prepare(capacity), directory, number);
  }

  /** Has the next segment made while the active one has room; the caller holds the append lock. */
  private void prepareAhead() {
    if (!preparing && active.halfFull()) {
      preparing = true;
      int capacity = settings.segmentSizeAfter(active.capacity());
      long number = active.number() + 1;
      store.executeOnAgent(() -> makeAhead(capacity, number));
    }
  }

  /**
   * On the agent. A full disk is left to the roll, which reports it to whoever needs the segment.
   */
  private void makeAhead(int capacity, long number) {
    if (!closed && activeSegment.number() + 1 == number) {
      try {
        ahead.set(makeNamed(capacity, number));
      } catch (DiskFullException e) {
        System.getLogger(TopicLog.class.getName())
            .log(System.Logger.Level.WARNING, "topic {0}: {1}", name, e.getMessage());
      }
    }
  }

  /** On the agent: forces what was sealed, marks it, unmaps it. Readers have maps of their own. */
  private void forceSealedSegments() {
    forceLock.lock();
    try {
      Segment sealed = firstUnforced();
      while (sealed != null && !closed) {
        sealed.forceSealed();
        synchronized (unforced) {
          unforced.removeFirst();
        }
        sealed.close();
        durableOffset = Math.max(durableOffset, sealed.endOffset());
        sealed = firstUnforced();
      }
    } finally {
      forceLock.unlock();
    }
  }

  private Segment firstUnforced() {
    synchronized (unforced) {
      return unforced.peekFirst();
    }
  }

  private Segment[] allUnforced() {
    synchronized (unforced) {
      return unforced.toArray(Segment[]::new);
    }
  }

  /**
   * Returns once everything below an offset is on the device. Not broken by an interrupt.
   *
   * @param upTo at most the end offset
   * @throws io.holdfast.storage.error.StorePoisonedException when this or an earlier force failed:
   *     what the device holds is unknown, and nothing more is written
   * @throws StoreClosedException when the store was closed before
   */
  public void force(long upTo) {
    if (durableOffset >= upTo) {
      return;
    }
    checkOpen();
    if (upTo > endOffset) {
      throw new IllegalArgumentException(
          "topic %s: expected an offset up to %d, the end, found %d"
              .formatted(name, endOffset, upTo));
    }
    commit.await(upTo);
  }

  /** By whoever leads the group commit; followers find their offset durable. */
  private void forceNow() {
    forceLock.lock();
    try {
      checkOpen();
      forceAll();
    } finally {
      forceLock.unlock();
    }
    if (settings.durability().forcesBeforeConfirming()) {
      raiseSignals();
    }
  }

  /**
   * The end is read first: everything below it lies in the sealed segments that are not forced yet
   * and in the segment that is active afterwards. The caller holds the force lock.
   */
  private void forceAll() {
    long end = endOffset;
    Segment last = activeSegment;
    try {
      for (Segment sealed : allUnforced()) {
        sealed.force();
      }
      last.force();
    } catch (RuntimeException | Error e) {
      store.poison(e);
      throw e;
    }
    durableOffset = end;
  }

  /**
   * A reader of what is visible.
   *
   * @param offset where it begins, at least {@link #firstOffset}
   * @return to be closed; for one thread at a time
   */
  public LogReader reader(long offset) {
    LogReader reader = new LogReader(this, directory);
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
   */
  public long offsetAt(long epochMillis) {
    try (LogReader reader = new LogReader(this, directory)) {
      return reader.offsetAt(epochMillis);
    }
  }

  /**
   * Has a signal raised whenever something became visible.
   *
   * @param signal of whoever waits
   */
  public void addSignal(Signal signal) {
    signals.add(signal);
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
    return segments;
  }

  void checkOpen() {
    store.checkUsable();
    if (closed) {
      throw new StoreClosedException("topic " + name + ": the store has been closed");
    }
  }

  private void raiseSignals() {
    for (Signal signal : signals) {
      signal.raise();
    }
  }

  /**
   * Refuses further appends. The caller is not the agent, because an appender that rolls holds the
   * append lock and waits for the agent.
   */
  void refuseAppends() {
    appendLock.lock();
    try {
      closed = true;
    } finally {
      appendLock.unlock();
    }
    raiseSignals();
  }

  /**
   * On the agent, after {@link #refuseAppends}: forces, unless that would be in vain, then unmaps.
   */
  void close(boolean force) {
    forceLock.lock();
    try {
      if (force) {
        long end = endOffset;
        for (Segment sealed : allUnforced()) {
          sealed.forceSealed();
        }
        active.force();
        durableOffset = end;
      }
    } finally {
      unmap();
      forceLock.unlock();
    }
  }

  private void unmap() {
    for (Segment sealed : allUnforced()) {
      sealed.close();
    }
    active.close();
    SegmentAllocator.Prepared unused = ahead.getAndSet(null);
    if (unused != null) {
      unused.discard();
    }
  }
}
