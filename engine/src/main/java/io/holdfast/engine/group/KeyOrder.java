package io.holdfast.engine.group;

import io.holdfast.engine.LoadSharing;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.storage.RecordView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayQueue;

/**
 * Which messages wait for each other. A message that has the turn of its key locks the key from the
 * moment at which the dispatcher meets it until it is done; those behind it wait in the order of
 * the topic. A total order is one key for all.
 *
 * <p>Keys are known by a hash of 64 bits: two with the same one would wait for each other, which
 * costs concurrency and no order. All of it is in memory only: at open the dispatcher meets every
 * message that is not done again, in the order of the topic, those in slots included. The lock of
 * the group and topic is held for every call.
 */
public final class KeyOrder {
  /** Buckets that keys are put into, where load is shared by key. */
  public static final int BUCKETS = 64;

  /** The key of messages that wait for nobody. */
  static final long NO_KEY = 0;

  private static final long EVERY_KEY = 1;
  private static final LongArrayQueue NOBODY = new LongArrayQueue();

  private final Ordering.Kind kind;
  private final boolean shares; // messages of a key go to one consumer
  private int lookahead;
  private final Long2ObjectHashMap<LongArrayQueue> locked = new Long2ObjectHashMap<>();
  private final List<PriorityQueue<Turn>> ready = new ArrayList<>(); // by bucket; not out yet
  private long[] keys = new long[0]; // by slot
  private final Set<Lease> returning = new HashSet<>(); // they wait for a handler to return
  private final Map<Integer, Lease> handled = new HashMap<>(); // by slot: Dying, its handler runs
  private final Map<Lease, Long> lateKeys = new HashMap<>(); // of messages that are done meanwhile
  private int behind; // offsets that wait for their turn
  private int readyCount;
  private boolean moved; // something may be handed out that could not be before

  /** A message whose turn has come. */
  record Turn(long offset, long key) implements Comparable<Turn> {
    @Override
    public int compareTo(Turn other) {
      return Long.compare(offset, other.offset);
    }
  }

  KeyOrder(Ordering ordering, LoadSharing sharing) {
    this.kind = ordering.kind();
    this.lookahead = ordering.lookahead();
    this.shares = sharing == LoadSharing.BY_KEY;
    for (int i = 0; i < (shares ? BUCKETS : 1); i++) {
      ready.add(new PriorityQueue<>());
    }
  }

  /** Takes over what may be changed: how far to look ahead. */
  void configure(Ordering ordering) {
    lookahead = ordering.lookahead();
    moved = true;
  }

  private static int bucketOf(long key) {
    return (int) (key >>> 58); // not the bits that the table of locked keys begins with
  }

  /** Whether a message may go to a consumer. */
  boolean isFor(LeaseHolder holder, long key) {
    return !shares || key == NO_KEY || holder.takes(bucketOf(key));
  }

  boolean isOn() {
    return kind != Ordering.Kind.NONE;
  }

  /** Returns the key of a record, or NO_KEY. */
  long keyOf(RecordView record) {
    if (kind == Ordering.Kind.TOTAL) {
      return EVERY_KEY;
    }
    return kind == Ordering.Kind.NONE && !shares
        ? NO_KEY
        : AttributeReader.keyHash(
            record.array(), record.attributesOffset(), record.attributesLength());
  }

  /** Returns how many messages more the dispatcher may meet. */
  int room() {
    return switch (kind) {
      case NONE, BY_KEY -> lookahead - behind - readyCount;
      case TOTAL -> locked.isEmpty() ? 1 : 0;
    };
  }

  /** Whether another message has the key. */
  boolean isLocked(long key) {
    return key != NO_KEY && isOn() && locked.containsKey(key);
  }

  /** The dispatcher meets a message: it has its key from now on, or waits for it. */
  boolean meet(long key, long offset) {
    if (key == NO_KEY || !isOn() || locked.putIfAbsent(key, NOBODY) == null) {
      return true;
    }
    LongArrayQueue waiting = locked.get(key);
    if (waiting == NOBODY) {
      waiting = new LongArrayQueue();
      locked.put(key, waiting);
    }
    waiting.addLong(offset);
    behind++;
    return false;
  }

  /** A message on its way to the dead letters has its key where it is free, and never waits. */
  boolean meetDying(long key) {
    return key != NO_KEY && locked.putIfAbsent(key, NOBODY) == null;
  }

  /** The message that has the key is in this slot. */
  void holds(int slot, long key) {
    if (key != NO_KEY && isOn()) {
      if (slot >= keys.length) {
        keys = Arrays.copyOf(keys, Math.max(64, Math.max(slot + 1, keys.length * 2)));
      }
      keys[slot] = key;
    }
  }

  /** Returns the first message that was passed by and may go to a consumer now, or null. */
  Turn firstReady(LeaseHolder holder) {
    Turn first = null;
    for (int bucket = 0; readyCount > 0 && bucket < ready.size(); bucket++) {
      Turn turn = ready.get(bucket).peek();
      boolean isBefore = turn != null && (first == null || turn.offset() < first.offset());
      if (isBefore && isFor(holder, turn.key())) {
        first = turn;
      }
    }
    return first;
  }

  /** Whether messages wait to be handed out, to whomever. */
  boolean isAnyReady() {
    return readyCount > 0;
  }

  void takeReady(Turn turn) {
    ready.get(shares ? bucketOf(turn.key()) : 0).remove();
    readyCount--;
  }

  /** Makes a message wait to be handed out, which has its key already. */
  void addReady(long offset, long key) {
    ready.get(shares ? bucketOf(key) : 0).add(new Turn(offset, key));
    readyCount++;
    moved = true;
  }

  /**
   * The message of a slot is done.
   *
   * @return the key that it had; none where its handler still runs, which keeps it
   */
  long release(int slot) {
    long key = slot < keys.length ? keys[slot] : NO_KEY;
    if (key == NO_KEY) {
      return NO_KEY;
    }
    keys[slot] = NO_KEY;
    Lease lease = handled.remove(slot);
    if (lease != null) {
      lateKeys.put(lease, key);
      return NO_KEY;
    }
    return key;
  }

  /**
   * Gives a key on.
   *
   * @return the offset of the message whose turn it is now; negative where nobody waits
   */
  long next(long key) {
    LongArrayQueue waiting = locked.get(key);
    if (waiting == null || waiting.isEmpty()) {
      locked.remove(key);
      moved |= kind == Ordering.Kind.TOTAL;
      return -1;
    }
    behind--;
    moved = true;
    return waiting.pollLong();
  }

  /** Has a message wait until the handler that had it in vain has returned. */
  void awaitReturn(Lease lease) {
    returning.add(lease);
  }

  /** Ends that; returns whether it waited. */
  boolean returned(Lease lease) {
    return returning.remove(lease);
  }

  int returning() {
    return returning.size();
  }

  /**
   * Has the key of a message on its way to the dead letters stay locked until that is written and
   * its handler has returned, whichever comes last.
   */
  void keepKey(Lease lease) {
    int slot = lease.slot();
    if (slot < keys.length && keys[slot] != NO_KEY) { // else the slot's next key would wait for it
      handled.put(slot, lease);
    }
  }

  /** Returns the key that was kept for a handler that has returned only, or NO_KEY. */
  long keptKey(Lease lease) {
    if (handled.remove(lease.slot(), lease)) {
      return NO_KEY; // its slot has it until it is freed
    }
    Long key = lateKeys.remove(lease);
    return key == null ? NO_KEY : key;
  }

  /**
   * Forgets everything but the keys whose handlers have not returned: they have them until then.
   *
   * @param out leases that end now
   */
  void restart(LeaseList out) {
    Map<Lease, Long> late = new HashMap<>(lateKeys);
    handled.values().forEach(lease -> late.put(lease, keyIn(lease.slot())));
    returning.forEach(lease -> late.put(lease, keyIn(lease.slot())));
    for (Lease lease = out.first(); lease != null; lease = out.after(lease)) {
      if (lease.isAtWork()) {
        late.put(lease, keyIn(lease.slot()));
      }
    }
    late.values().removeIf(key -> key == NO_KEY);
    locked.clear();
    ready.forEach(PriorityQueue::clear);
    returning.clear();
    handled.clear();
    lateKeys.clear();
    Arrays.fill(keys, NO_KEY);
    behind = 0;
    readyCount = 0;
    moved = true;
    lateKeys.putAll(late);
    late.values().forEach(key -> locked.put(key.longValue(), NOBODY));
  }

  private long keyIn(int slot) {
    return slot < keys.length ? keys[slot] : NO_KEY;
  }

  /** Whether something may be handed out since the last call that could not be before. */
  boolean hasMoved() {
    boolean answer = moved;
    moved = false;
    return answer;
  }
}
