package io.holdfast.storage.history;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * What one group got of a topic, and what became of it. Whoever settles says so before ({@code
 * acking}), because the answer may be lost with the process, and after ({@code acked}).
 * Thread-safe.
 */
public final class Deliveries {
  /** Of failures before a message becomes a dead letter. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private static final long NO_LETTER = -1;
  private static final int FEW_PENDING = 1_000;

  private final History history;
  private final String name;
  private final int maxAttempts;
  private final DeliveryStates states = new DeliveryStates(); // guarded by this, like the others
  private final Long2LongHashMap letters = new Long2LongHashMap(NO_LETTER); // places by offset
  private final List<Got> pending = new ArrayList<>(); // the writer was not told yet
  private int pendingLimit = FEW_PENDING; // beyond which they are looked through
  private KeyFronts fronts; // null where the group has no order
  private Predicate<Stamp> mortal = stamp -> false;

  Deliveries(History history, String name, int maxAttempts) {
    this.history = history;
    this.name = name;
    this.maxAttempts = maxAttempts;
  }

  /**
   * The group gets the messages of each key one at a time, in the order of the topic. A failure or
   * a death must not end one: then it is not known when it may go on.
   *
   * @param keys the key of a message; null where it has none
   */
  public synchronized void inOrder(Function<Stamp, String> keys) {
    fronts = new KeyFronts(history, name, keys);
  }

  /**
   * Some messages may become dead letters without a failure, because their time is over.
   *
   * @param which of them
   */
  public synchronized void mayExpire(Predicate<Stamp> which) {
    mortal = which;
  }

  /**
   * How often the order was judged.
   *
   * @return deliveries of messages with a key, in a group with an order
   */
  public synchronized long judgedInOrder() {
    return fronts == null ? 0 : fronts.judged();
  }

  /**
   * The group got a message.
   *
   * @param offset of the message
   * @param attempt from 1
   * @param stamp who sent it
   */
  public synchronized void got(long offset, int attempt, Stamp stamp) {
    judgeMessage("got", offset, stamp);
    long state = states.get(offset);
    if (offset < states.base() || DeliveryState.isDone(state)) {
      String what = "group %s: offset %d came again as attempt %d, and was %s";
      String became = letters.containsKey(offset) ? "a dead letter" : "acked";
      history.add(Fault.REDELIVERED_AFTER_ACK, what, name, offset, attempt, became);
      return;
    }
    if (attempt <= DeliveryState.attempts(state)) {
      String what = "group %s: offset %d came as attempt %d after attempt %d";
      int before = DeliveryState.attempts(state);
      history.add(Fault.FORGOTTEN_ATTEMPT, what, name, offset, attempt, before);
    }
    states.set(offset, DeliveryState.withAttempts(state, attempt));
    if (fronts != null) {
      fronts.got(offset, stamp);
    }
  }

  /** Says whether the message is the one that was sent to that offset, where that is known. */
  private void judgeMessage(String how, long offset, Stamp stamp) {
    Writer writer = history.find(stamp.writer());
    long sequence = stamp.sequence();
    if (writer != null && writer.isSent(sequence)) {
      long place = writer.placeOf(sequence);
      Got got = new Got(how, offset, writer, sequence);
      if (place == Places.NONE) {
        pending.add(got);
        judgePending();
      } else {
        judgePlace(got, place);
      }
    } else {
      boolean cut = writer != null && writer.isCutAway(sequence);
      String what = "group %s %s offset %d: %s, which nobody sent, or a power cut took";
      history.add(cut ? Fault.STALE : Fault.PHANTOM, what, name, how, offset, stamp);
    }
  }

  private void judgePlace(Got got, long place) {
    if (place != got.offset && place != Places.FORGOTTEN) {
      String what = "group %s %s offset %d: message %d of %s, which got offset %d";
      history.add(
          Fault.STALE, what, name, got.how, got.offset, got.sequence, got.writer, place);
    }
  }

  /** Most writers have been told meanwhile; a run of an hour has no room for all. */
  private void judgePending() {
    if (pending.size() > pendingLimit) {
      pending.removeIf(
          got -> {
            long place = got.writer.placeOf(got.sequence);
            if (place != Places.NONE) {
              judgePlace(got, place);
            }
            return place != Places.NONE;
          });
      pendingLimit = Math.max(FEW_PENDING, 2 * pending.size());
    }
  }

  /**
   * An ack is asked for.
   *
   * @param offset of the message
   */
  public synchronized void acking(long offset) {
    mark(offset, DeliveryState.ACKING);
    finishing(offset);
  }

  private void finishing(long offset) {
    if (fronts != null) {
      fronts.finishing(offset);
    }
  }

  /**
   * The ack was answered: the message is done for ever.
   *
   * @param offset of the message
   */
  public synchronized void acked(long offset) {
    if (letters.containsKey(offset)) {
      String what = "%s: offset %d was acked, and is a dead letter";
      history.add(Fault.LETTER_UNDUE, what, this, offset);
    }
    mark(offset, DeliveryState.ACKING | DeliveryState.ACKED);
    raiseBase();
  }

  private void raiseBase() {
    long base = states.base();
    while (DeliveryState.isDone(states.get(base))) {
      base++;
    }
    states.raiseBase(base);
  }

  /**
   * A failure is told; also where a lease may run out.
   *
   * @param offset of the message
   */
  public synchronized void failing(long offset) {
    if (offset >= states.base()) {
      states.set(offset, DeliveryState.withFailing(states.get(offset)));
    }
  }

  /**
   * The failure was answered: it counts.
   *
   * @param offset of the message
   */
  public synchronized void failed(long offset) {
    if (offset >= states.base()) {
      states.set(offset, DeliveryState.withFailed(states.get(offset)));
    }
  }

  /**
   * The message is to become a dead letter at once.
   *
   * @param offset of the message
   */
  public synchronized void rejecting(long offset) {
    mark(offset, DeliveryState.REJECTING);
    finishing(offset);
  }

  /**
   * That was answered.
   *
   * @param offset of the message
   */
  public synchronized void rejected(long offset) {
    mark(offset, DeliveryState.REJECTED);
  }

  private void mark(long offset, long flags) {
    if (offset >= states.base()) {
      states.set(offset, states.get(offset) | flags);
    }
  }

  /**
   * A reader of the topic that holds the group's dead letters, from the first one that is kept.
   *
   * @return which is told what the reader sees
   */
  public Letters letters() {
    return new Letters(history, this);
  }

  /** A reader has seen a dead letter, which it had not seen yet. */
  synchronized void letter(long place, long offset, int attempts, Stamp stamp) {
    judgeMessage("has a letter of", offset, stamp);
    long before = letters.put(offset, place);
    if (before != NO_LETTER) { // another reader saw it
      if (before != place) {
        String what = "group %s: dead letters of offset %d at %d and at %d";
        history.add(Fault.LETTER_DOUBLED, what, name, offset, before, place);
      }
      return;
    }
    long state = states.get(offset);
    boolean due =
        DeliveryState.failing(state) >= maxAttempts
            || (state & DeliveryState.REJECTING) != 0
            || mortal.test(stamp);
    boolean done = offset < states.base() || DeliveryState.isDone(state);
    if (done || !due) {
      String what = "group %s: a dead letter of offset %d with %d attempts, and it was %s";
      String became = done ? "acked" : "not failed for good";
      history.add(Fault.LETTER_UNDUE, what, name, offset, attempts, became);
    }
    if (attempts < DeliveryState.attempts(state)) {
      String what = "group %s: a dead letter of offset %d with %d attempts, and it came %d times";
      int came = DeliveryState.attempts(state);
      history.add(Fault.FORGOTTEN_ATTEMPT, what, name, offset, attempts, came);
    }
    mark(offset, DeliveryState.LETTER);
    raiseBase();
  }

  /** Offsets of all messages whose dead letters anybody saw, and which are kept. */
  synchronized LongHashSet lettersSeen(long first) {
    LongHashSet seen = new LongHashSet();
    letters.forEachLong(
        (offset, place) -> {
          if (place >= first) {
            seen.add(offset);
          }
        });
    return seen;
  }

  /** A death: a message that was out may be said to have caused it, which counts as a failure. */
  synchronized void died() {
    states.raiseFailing();
  }

  /** After a death, once one stream has settled which messages are there. */
  public synchronized void settle() {
    for (Got got : pending) {
      long place = got.writer.placeOf(got.sequence);
      boolean gone = place < 0 && history.isForgotten(got.offset);
      if (place != got.offset && !gone) {
        Fault fault = place == Places.NONE ? Fault.LOST : Fault.STALE;
        String what = "group %s: offset %d was message %d of %s, which is at %d (-1: nowhere)";
        history.add(fault, what, name, got.offset, got.sequence, got.writer, place);
      }
    }
    pending.clear();
  }

  /**
   * The group says that it is through with everything, and its dead letters were read.
   *
   * @param end of the topic
   */
  public synchronized void drained(long end) {
    for (long offset = states.base(); offset < end; offset++) {
      long state = states.get(offset);
      boolean doomed =
          DeliveryState.failed(state) >= maxAttempts || (state & DeliveryState.REJECTED) != 0;
      if (DeliveryState.isDone(state) || (state & DeliveryState.ACKING) != 0) {
        continue;
      }
      if (doomed) {
        String what = "group %s: offset %d failed for good, and there is no dead letter of it";
        history.add(Fault.LETTER_LOST, what, name, offset);
      } else {
        String what = "group %s is through, and offset %d was not settled; it came %d times";
        history.add(Fault.SKIPPED, what, name, offset, DeliveryState.attempts(state));
      }
    }
    states.raiseBase(end);
  }

  /**
   * How much is not done yet, as far as the group was told.
   *
   * @return offset below which everything is done
   */
  public synchronized long doneBelow() {
    return states.base();
  }

  /** A power cut is about to be told that may have taken dead letters; they are read again. */
  public synchronized void lettersMayBeGone() {
    letters.clear();
  }

  /**
   * The power was cut: acks, failures and attempts may be forgotten.
   *
   * @param first offset that is kept
   * @param end of the topic after recovery
   */
  synchronized void cut(long first, long end) {
    if (fronts != null) {
      fronts.cut();
    }
    pending.clear();
    states.raiseFailing();
    letters.keySet().removeIfLong(offset -> offset >= end);
    states.cutAt(end);
    states.lowerBase(first, DeliveryState.ANYTHING);
    for (long offset = states.base(); offset < states.end(); offset++) {
      long letter = letters.containsKey(offset) ? DeliveryState.LETTER : 0;
      states.set(offset, DeliveryState.afterCut(states.get(offset)) | letter);
    }
  }

  @Override
  public String toString() {
    return "group " + name;
  }

  /** What the group got before its writer was told. */
  private record Got(String how, long offset, Writer writer, long sequence) {}
}
