package io.holdfast.engine.group;

import io.holdfast.engine.message.MessageDecoder;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The next messages of a topic, read before a handler is free for them. They are contents and
 * nothing else: no slot, no attempt, nothing on disk. Whether one is handed out is decided when its
 * turn comes, and one whose turn never comes is let go.
 *
 * <p>It is filled by threads of subscriptions before they take the lock of the group and topic, in
 * batches of half a buffer: one is worked off while the next one is read. The other methods are
 * called under that lock. A batch that does not stand where dispatch goes on, after a seek, a drop
 * or a gap, is found out by its offsets; so what a filler adds late does no harm.
 *
 * <p>After {@link #isAt} has said so, it is the candidate of that offset.
 */
final class Prefetch implements Candidate, AutoCloseable {
  private static final long NOWHERE = -1;

  private final TopicLog log;
  private final KeyOrder order; // asked for keys only, which do not change
  private final ReadAhead limits;
  private final ReentrantLock lock; // of the group and topic
  private final AtomicReference<PrefetchBatch> ready = new AtomicReference<>(); // put by fillers
  private final AtomicLong from; // where to read on, if not behind the batch before
  private final AtomicInteger left = new AtomicInteger(); // of current; written under lock
  private PrefetchBatch current; // guarded by lock; null for none

  private final ReentrantLock filling = new ReentrantLock();
  private final MessageDecoder decoder; // guarded by filling
  private LogReader reader; // guarded by filling; made when first needed
  private long next; // where it reads on; guarded by filling
  private boolean closed; // guarded by filling

  Prefetch(TopicLog log, TopicState state, ReadAhead limits, ReentrantLock lock) {
    this.log = log;
    this.decoder = new MessageDecoder(log.name());
    this.order = state.order;
    this.limits = limits;
    this.lock = lock;
    this.from = new AtomicLong(state.nextOffset());
    limits.add(this);
  }

  /** Reads a batch when half of the buffer is free; the caller does not hold the lock. */
  void fill() {
    int most = limits.messages();
    if (most == 0 || !isWanted(most)) {
      return;
    }
    if (left.get() == 0) {
      BriefLock.enter(filling); // whoever is at it reads what this thread needs
    } else if (!filling.tryLock()) {
      return;
    }
    try {
      if (!closed && isWanted(most)) {
        ready.set(read(most - most / 2));
        if (limits.messages() == 0) { // the last subscription has ended meanwhile
          giveRoom(ready.getAndSet(null));
        }
      }
    } finally {
      filling.unlock();
    }
  }

  private boolean isWanted(int most) {
    return ready.get() == null && left.get() <= most / 2;
  }

  /** Returns null where there is nothing to read ahead. */
  private PrefetchBatch read(int most) {
    long moved = from.getAndSet(NOWHERE);
    next = moved == NOWHERE ? next : moved;
    long visible = log.visibleEnd() - next;
    if (visible < 2 || !limits.hasRoom()) {
      return null; // one alone is read by whoever takes it
    }
    Filler filler = new Filler((int) Math.min(most, visible));
    try {
      if (reader == null) {
        reader = log.reader(next);
      }
      while (filler.goesOn() && reader.read(next, filler)) {
        next = reader.offset();
      }
    } catch (RuntimeException e) {
      filler.ends = true; // who takes the message meets the error again, and throws it
    }
    return filler.batch.isEmpty() ? null : filler.batch;
  }

  /** Fills one batch, up to the next gap. */
  private final class Filler implements RecordHandler {
    private final PrefetchBatch batch;
    private boolean ends;

    Filler(int most) {
      this.batch = new PrefetchBatch(most);
    }

    boolean goesOn() {
      return !ends && !batch.isFull() && limits.hasRoom();
    }

    @Override
    public void onRecord(RecordView record) {
      int bytes = ReadAhead.OBJECTS + record.attributesLength() + record.payloadLength();
      batch.add(RecordContent.of(record, decoder), order.keyOf(record), bytes);
      limits.add(bytes);
    }

    @Override
    public void onGap(long fromOffset, long to) {
      ends = true; // dispatch counts what is lost, when it comes there
    }
  }

  /**
   * Whether the message of an offset is at hand. All that lies before it is let go, and everything
   * where it lies behind it.
   */
  boolean isAt(long offset) {
    while (current != null || takeReady()) {
      passed(offset);
      if (current != null) {
        boolean isNext = current.content().offset() == offset;
        if (!isNext) {
          clear(offset);
        }
        return isNext;
      }
    }
    return false;
  }

  /** The buffer counts as full until it is known what is in it, so that nobody reads a third. */
  private boolean takeReady() {
    if (ready.get() == null) {
      return false;
    }
    left.set(Integer.MAX_VALUE);
    current = ready.getAndSet(null);
    left.set(current == null ? 0 : current.skipTo(0));
    return current != null;
  }

  @Override
  public long offset() {
    return current.content().offset();
  }

  @Override
  public long key() {
    return current.key();
  }

  @Override
  public long deliverAt() {
    return current.content().deliverAt();
  }

  @Override
  public long timestamp() {
    return current.content().timestamp();
  }

  @Override
  public long expiresAt() {
    return current.content().expiresAt();
  }

  @Override
  public RecordContent content() {
    return current.content();
  }

  /** Says that the messages before an offset were met. */
  void passed(long offset) {
    int rest = current.skipTo(offset);
    left.lazySet(rest);
    if (rest == 0) {
      giveRoom(current);
      current = null;
    }
  }

  /** Says that dispatch has read for itself what was not at hand. */
  void wentOn(long nextOffset) {
    if (limits.messages() > 0) {
      from.set(nextOffset);
    }
  }

  /** Lets everything go; what is read next begins at an offset. */
  void clear(long nextOffset) {
    from.set(nextOffset);
    while (current != null || takeReady()) {
      giveRoom(current);
      current = null;
    }
    left.set(0);
  }

  /** Lets everything go, because nobody is there to read ahead for; takes the lock itself. */
  void letGo() {
    lock.lock();
    try {
      if (current != null || takeReady()) {
        clear(offset());
      }
    } finally {
      lock.unlock();
    }
  }

  private void giveRoom(PrefetchBatch batch) {
    if (batch != null) {
      limits.add(-batch.bytes());
    }
  }

  @Override
  public void close() {
    limits.remove(this);
    filling.lock();
    try {
      closed = true;
      if (reader != null) {
        reader.close();
      }
      clear(NOWHERE);
    } finally {
      filling.unlock();
    }
  }
}
