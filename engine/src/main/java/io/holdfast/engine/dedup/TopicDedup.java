package io.holdfast.engine.dedup;

import io.holdfast.engine.error.DamagedDedupException;
import io.holdfast.engine.error.TooManyProducersException;
import io.holdfast.storage.Store;
import io.holdfast.storage.TableSource;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.check.CarriedTable;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;

/**
 * What one topic remembers of the messages that it took: the last sequences of its producers, and
 * the last ids. Nothing, and no file, until the first message comes that has one of both.
 * Thread-safe.
 *
 * <p>Locks: {@link #lock} is held from the look for a duplicate to the append, so the append lock
 * is taken under it; what changes under both may be read under either. The agent takes {@link
 * #ringing} only. Nobody waits for room in the topic under one of them.
 */
public final class TopicDedup implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TopicDedup.class.getName());
  private static final long NEVER = Long.MAX_VALUE;

  final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock making = new ReentrantLock(); // held while files are made
  private final ReentrantLock ringing = new ReentrantLock(); // held for moments; guards the ring
  private final Store store;
  private final TopicLog log;
  private final DedupFiles files;
  private final EpochClock clock;
  private final DedupWindow window;
  // Written once, under making or by the opening; null while there is nothing of the kind.
  private volatile SequenceTable sequences;
  private volatile IdWindow ids;
  private IdRing ring; // written before ids
  private IdKey key; // the same
  private final AtomicBoolean isAsked = new AtomicBoolean();
  private volatile boolean closed; // whoever closes writes, the agent reads
  private volatile HoldfastException failure; // of the opening; written by it

  private volatile long fileAt; // the file is of all messages below; under lock, or by the opening
  private volatile long firstCarried = NEVER; // segments from here on have the table; append lock
  private volatile long lastCarried = -1; // the newest of them; append lock writes

  private TopicDedup(Store store, TopicLog log, EpochClock clock, DedupWindow window) {
    this.store = store;
    this.log = log;
    this.clock = clock;
    this.window = window;
    this.files = new DedupFiles(store, log.name(), log.number());
  }

  /**
   * Opens what a topic remembers, before anything can be appended to it. Reads the newest segment
   * where the topic remembers sequences, and what came in since the last checkpoint where it
   * remembers ids; nothing at all of other topics.
   *
   * @param store where the topic is
   * @param log the topic
   * @param clock epoch milliseconds
   * @param window of ids
   * @return to be closed before the store
   */
  public static TopicDedup open(Store store, TopicLog log, EpochClock clock, DedupWindow window) {
    TopicDedup dedup = new TopicDedup(store, log, clock, window);
    if (dedup.files.exist()) {
      try {
        new DedupOpening(dedup, store, log, dedup.files).run();
      } catch (HoldfastException e) {
        LOG.log(Level.ERROR, "topic " + log.name() + " takes no sequences and ids", e);
        dedup.failure = e;
      }
    }
    return dedup;
  }

  /**
   * Has the files be there that messages need, before the first of them is appended.
   *
   * @param withSequences whether one of them has a sequence
   * @param withIds whether one of them has an id
   * @throws DamagedDedupException when it is not known what the topic has
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was done
   */
  public void prepare(boolean withSequences, boolean withIds) {
    if (failure != null) {
      throw new DamagedDedupException(
          "topic " + log.name() + " takes no messages with a sequence or an id, because it is not"
              + " known which ones it has; 'holdfast verify' says what is damaged, and 'holdfast"
              + " repair' saves what is whole. Nothing was sent. Cause: " + failure.getMessage());
    }
    if (withSequences && sequences == null) {
      makeSequences();
    }
    if (withIds && ids == null) {
      makeIds();
    }
  }

  /**
   * What was below the durable point had no sequence, and no crash takes it away: so the table
   * begins there.
   */
  private void makeSequences() {
    making.lock();
    try {
      if (sequences == null) {
        log.checkOpen();
        long offset = log.durableOffset();
        CarriedTable none = new CarriedTable(0, new byte[0]);
        onAgent(() -> files.writeSequences(offset, none));
        fileAt = offset;
        use(new SequenceTable(Map.of()));
      }
    } finally {
      making.unlock();
    }
  }

  private void makeIds() {
    making.lock();
    try {
      if (ids == null) {
        log.checkOpen();
        long offset = log.durableOffset();
        use(
            store.onAgent(() -> files.makeIds(window.ids(), offset)),
            new IdWindow(window.ids(), window.millis()));
      }
    } finally {
      making.unlock();
    }
  }

  /** The table is carried from the next roll on. */
  void use(SequenceTable table) {
    sequences = table;
    log.files().carry(new Carrier(table));
  }

  void use(DedupFiles.IdFile file, IdWindow opened) {
    ring = file.ring();
    key = IdKey.of(file.salt(), store.id());
    ids = opened;
  }

  /** Says, while it opens, of how much the file is, and from where on segments carry the table. */
  void found(long file, long carriedFrom) {
    fileAt = file;
    firstCarried = carriedFrom;
    lastCarried = carriedFrom == NEVER ? -1 : carriedFrom;
  }

  DedupWindow window() {
    return window;
  }

  /** Hands the table to a roll, under the append lock. */
  private final class Carrier implements TableSource {
    private final SequenceTable table;

    Carrier(SequenceTable table) {
      this.table = table;
    }

    @Override
    public CarriedTable table(int mostBytes) {
      return table.table(mostBytes);
    }

    @Override
    public int estimate() {
      return table.estimate();
    }

    @Override
    public void carried(long firstOffset) {
      lastCarried = firstOffset;
      if (firstCarried == NEVER) {
        firstCarried = firstOffset;
      }
    }
  }

  /**
   * Begins to look for duplicates and to append what is none.
   *
   * @param producer who sends
   * @param ascending whether it never sends a lower sequence after a higher one
   * @return to be closed soon: others wait meanwhile
   */
  public Sifting sift(String producer, boolean ascending) {
    return new Sifting(this, producer, ascending);
  }

  /**
   * Returns the highest sequence that the topic has taken from a producer.
   *
   * @param producer its name
   * @return nothing where there is none
   */
  public OptionalLong lastSequence(String producer) {
    SequenceTable table = sequences;
    if (table == null) {
      prepare(false, false); // says where that is not known
      return OptionalLong.empty();
    }
    lock.lock();
    try {
      return table.last(producer);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Forgets what a producer has sent; when this returns the device has it.
   *
   * @param producer its name; it is not open
   * @return false where the topic knew nothing of it
   */
  public boolean forget(String producer) {
    prepare(false, false);
    SequenceTable table = sequences;
    if (table == null) {
      return false;
    }
    lock.lock();
    try {
      if (table.of(producer) == null) {
        return false;
      }
      table.forget(producer); // first: a table that a roll carries from now on is without it
      writeFile();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the table of all messages that there are. They are forced first, else a power cut might
   * leave a table of messages that are not there. The lock is held.
   */
  private void writeFile() {
    long end = log.endOffset();
    CarriedTable table = sequences.table(log.files().mostTableBytes());
    log.force(end);
    onAgent(() -> files.writeSequences(end, table));
    fileAt = end;
  }

  /**
   * Has the device know what the messages below an offset tell, before they are dropped. Waits for
   * the device.
   *
   * @param to first offset that stays, which a segment begins with
   */
  public void beforeDrop(long to) {
    if (sequences != null && !isKnownWithout(to)) {
      lock.lock();
      try {
        writeFile();
      } finally {
        lock.unlock();
      }
    }
    if (ids != null) {
      log.force(to);
      checkpoint();
    }
  }

  /** The drop forces the begin record of the segment that stays first. */
  private boolean isKnownWithout(long to) {
    long last = lastCarried;
    return to <= fileAt || to >= firstCarried || last >= to && log.durableOffset() > last;
  }

  /**
   * Has the ring of ids forced soon, so that an opening need not read what came before; any thread,
   * under any lock.
   */
  public void askCheckpoint() {
    if (ids != null && isAsked.compareAndSet(false, true)) {
      store.executeOnAgent(this::checkpointWhereOpen);
    }
  }

  private void checkpointWhereOpen() {
    isAsked.set(false);
    if (closed) {
      return;
    }
    try {
      checkpointNow();
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, "the next opening reads more of topic " + log.name(), e);
    }
  }

  private void checkpoint() {
    onAgent(this::checkpointNow);
  }

  /** On the agent. Order: entries, then the head that says that they are there. */
  private void checkpointNow() {
    long durable = log.durableOffset();
    IdRing.Checkpoint next;
    ringing.lock();
    try {
      next = ring.plan(durable);
    } finally {
      ringing.unlock();
    }
    if (next == null) {
      return;
    }
    files.force(() -> ring.forceEntries(next));
    ringing.lock();
    try {
      ring.write(next);
    } finally {
      ringing.unlock();
    }
    files.force(ring::forceHeads);
  }

  String topic() {
    return log.name();
  }

  long now() {
    return clock.time();
  }

  SequenceTable sequences() {
    return sequences;
  }

  IdWindow ids() {
    return ids;
  }

  IdHash hash(String id) {
    return key.hash(id);
  }

  /** Under the lock. */
  void checkRoom(String producer) {
    int most = SequenceTable.mostNames(log.files().mostTableBytes());
    if (sequences.size() >= most) {
      throw new TooManyProducersException(
          "topic " + log.name() + " remembers the sequences of " + most + " producers, as many as"
              + " it may, and " + producer + " is not among them; nothing was sent. Forget one"
              + " that is not used any more with Topic.forgetProducer, or send without sequences");
    }
  }

  /** Under the lock and the append lock. */
  void remember(String producer, long[] taken, int count, long firstOffset) {
    sequences.beginChange();
    try {
      for (int i = 0; i < count; i++) {
        if (taken[i] >= 0) {
          sequences.add(producer, taken[i], firstOffset + i, SequenceWindow.NO_FLOOR);
        }
      }
    } finally {
      sequences.endChange();
    }
  }

  /** The same. */
  void remember(IdHash[] taken, int count, long firstOffset, long time) {
    long now = now();
    ringing.lock();
    try {
      for (int i = 0; i < count; i++) {
        if (taken[i] != null) {
          IdWindow.Place place = new IdWindow.Place(firstOffset + i, time);
          ids.add(taken[i], place, now);
          ring.add(taken[i], place);
        }
      }
    } finally {
      ringing.unlock();
    }
  }

  private void onAgent(Runnable work) {
    store.onAgent(
        () -> {
          work.run();
          return null;
        });
  }

  /** Forces what an opening would have to read again, and unmaps. No producer is open any more. */
  @Override
  public void close() {
    if (ids == null) {
      return;
    }
    try {
      checkpoint();
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, "the next opening reads more of topic " + log.name(), e);
    }
    closed = true;
    try {
      onAgent(ring::close); // behind what it still has to do
    } catch (HoldfastException e) { // the agent has ended, or the store is poisoned
      ring.close();
    }
  }
}
