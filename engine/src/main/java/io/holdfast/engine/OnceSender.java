package io.holdfast.engine;

import io.holdfast.engine.dedup.Sifting;
import io.holdfast.engine.dedup.TopicDedup;
import io.holdfast.engine.dedup.Verdict;
import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.EpochClock;

/**
 * Appends what one producer sends where the topic may have it already: each message once. Both ways
 * to send use it, for sends of which one has a sequence or an id. Thread-safe.
 *
 * <p>The look for a duplicate and the append are one step for everybody who sends so to the topic;
 * nobody waits for room meanwhile. What goes to the topic for nobody is not remembered.
 */
final class OnceSender {
  private final ProducerConfig config;
  private final TopicLog log;
  private final TopicGate gate; // null where nothing is in the way of a message
  private final TopicDedup dedup;
  private final EpochClock clock;
  private final ExpiringSends expiring;
  private final Confirmation confirmation;
  private final Runnable checkOpen; // throws when the producer is closed
  private RecordBatch batch; // while sifting; made with the first send
  private int[] taken = new int[16]; // while sifting: which sends the batch has

  OnceSender(
      ProducerConfig config,
      TopicLog log,
      TopicGate gate,
      TopicDedup dedup,
      EpochClock clock,
      ExpiringSends expiring,
      Runnable checkOpen) {
    this.config = config;
    this.log = log;
    this.gate = gate;
    this.dedup = dedup;
    this.clock = clock;
    this.expiring = expiring;
    this.confirmation = new Confirmation(log);
    this.checkOpen = checkOpen;
  }

  /**
   * Appends those that the topic does not have, or none where it refuses one of them.
   *
   * @param all in their order
   * @return with an answer for each; not confirmed yet
   */
  OnceSends appendTogether(List<PendingSend> all) {
    OnceSends sends = begin(all, true);
    if (gate == null) {
      appendFreely(sends);
      return sends;
    }
    int wanted = countNew(sends);
    int next = skipKnown(sends, 0);
    if (next < sends.size()) {
      long least = Math.max(1, wanted);
      try (Admission admission = gate.admit(least, least, System.nanoTime(), checkOpen)) {
        while (next < sends.size()) {
          next = skipKnown(sends, appendNext(sends, next, admission));
        }
      }
    }
    return sends;
  }

  /**
   * Appends those that the topic does not have, each whatever becomes of the others. Only where the
   * topic has no gate.
   *
   * @param all in their order
   * @return with an answer for each; not confirmed yet
   */
  OnceSends appendEach(List<PendingSend> all) {
    OnceSends sends = begin(all, false);
    appendFreely(sends);
    return sends;
  }

  /**
   * Appends of the first ones as many as the topic lets in, or answers those that it has. Only
   * where it has a gate.
   *
   * @param all in their order
   * @return with answers for the first ones, one at least; not confirmed yet
   */
  OnceSends appendFirst(List<PendingSend> all) {
    OnceSends sends = begin(all, false);
    if (skipKnown(sends, 0) == 0) {
      try (Admission admission = gate.admit(1, all.size(), all.get(0).since, checkOpen)) {
        appendFirst(sends, admission);
      } catch (HoldfastException e) { // only one has waited, or asked, for room
        sends.clear(0);
        sends.fail(0, 1, e);
      }
    }
    return sends;
  }

  private void appendFirst(OnceSends sends, Admission admission) {
    int most = (int) Math.min(sends.size(), admission.take());
    int next = 0;
    while (next == 0 && skipKnown(sends, 0) == 0) { // another one may have sent it meanwhile
      int count = countNext(sends, 0, most);
      next = append(sends, 0, count, admission, count > 1);
      most = Math.max(1, count / 2);
    }
  }

  private OnceSends begin(List<PendingSend> all, boolean isTogether) {
    boolean hasSequence = false;
    boolean hasId = false;
    for (PendingSend send : all) {
      hasSequence |= send.sequence >= 0;
      hasId |= send.dedupId != null;
    }
    dedup.prepare(hasSequence, hasId);
    return new OnceSends(all, isTogether);
  }

  private void appendFreely(OnceSends sends) {
    try (Sifting sifting = sift(sends)) {
      if (sends.isTogether()) {
        countNew(sifting, sends);
      }
      int next = 0;
      while (next < sends.size()) {
        int from = next;
        next = fill(sifting, sends, from, Integer.MAX_VALUE);
        try {
          append(sends, from, next, log, Long.MAX_VALUE);
        } catch (HoldfastException e) { // nothing of this batch was written; the next may fit
          next = sends.fail(from, sends.isTogether() ? sends.size() : next, e);
        }
      }
    }
  }

  /** Appends one batch of sends that go together; returns where it ends. */
  private int appendNext(OnceSends sends, int from, Admission admission) {
    try {
      return append(sends, from, countNext(sends, from, sends.size()), admission, false);
    } catch (HoldfastException e) {
      sends.clear(from);
      return sends.fail(from, sends.size(), e);
    }
  }

  /**
   * Appends one batch through the gate.
   *
   * @param count of new messages that it is to have
   * @param isTry whether to wait for no room
   * @return where it ends; {@code from} where there was no room
   */
  private int append(
      OnceSends sends, int from, int count, Admission admission, boolean isTry) {
    int[] end = {from};
    int[] appended = {0};
    Admission.Attempt<TopicLog> attempt =
        (to, mostBytes) -> {
          try (Sifting sifting = sift(sends)) {
            end[0] = fill(sifting, sends, from, count);
            appended[0] = batch.size();
            return append(sends, from, end[0], to, mostBytes) ? to : null;
          }
        };
    TopicLog to =
        isTry ? admission.tryAppend(count, attempt) : admission.append(count, attempt);
    if (to == log) {
      admission.add(count - appended[0]); // of those that have become duplicates
    }
    return to == null ? from : end[0];
  }

  private Sifting sift(OnceSends sends) {
    Sifting sifting = dedup.sift(config.name(), config.isAscending());
    try {
      if (sends.isTogether()) { // others were taken while it was open, and are sent by its close
        checkOpen.run();
      }
      if (batch == null) {
        batch = log.newBatch();
      }
      return sifting;
    } catch (RuntimeException | Error e) {
      sifting.close();
      throw e;
    }
  }

  private int countNew(OnceSends sends) {
    try (Sifting sifting = sift(sends)) {
      return countNew(sifting, sends);
    }
  }

  /** How many are none that the topic has; what it refuses is thrown, before any is written. */
  private int countNew(Sifting sifting, OnceSends sends) {
    batch.clear();
    sifting.begin(batch);
    int count = 0;
    for (int i = 0; i < sends.size(); i++) {
      PendingSend send = sends.get(i);
      if (sifting.look(send.sequence, send.dedupId).kind() == Verdict.Kind.NEW) {
        sifting.take(send.sequence, send.dedupId);
        count++;
      }
    }
    return count;
  }

  /** How many new messages the next batch would have, one at least. */
  private int countNext(OnceSends sends, int from, int most) {
    try (Sifting sifting = sift(sends)) {
      fill(sifting, sends, from, most);
      int count = batch.size();
      sends.clear(from);
      return Math.max(1, count);
    }
  }

  /** Answers what need not be appended, up to the first that must; a duplicate needs no room. */
  private int skipKnown(OnceSends sends, int from) {
    int next = from;
    if (next < sends.size()) {
      try (Sifting sifting = sift(sends)) {
        next = fill(sifting, sends, from, 0);
      }
    }
    return next;
  }

  /**
   * Fills the batch and answers what is no part of it.
   *
   * @param most new messages that it gets
   * @return the first send that is neither in the batch nor answered
   */
  private int fill(Sifting sifting, OnceSends sends, int from, int most) {
    batch.clear();
    sifting.begin(batch);
    sends.clear(from);
    for (int next = from; next < sends.size(); next++) {
      PendingSend send = sends.get(next);
      try {
        Verdict found = sifting.look(send.sequence, send.dedupId);
        if (found.kind() == Verdict.Kind.IN_BATCH) {
          sends.same(next, (int) found.place());
        } else if (found.kind() != Verdict.Kind.NEW) {
          known(sends, next, found);
        } else if (batch.size() < most && add(send, next)) {
          sifting.take(send.sequence, send.dedupId);
        } else {
          return next;
        }
      } catch (HoldfastException e) {
        if (sends.isTogether()) { // those before have moved the window, or somebody else has
          return sends.fail(next, sends.size(), e);
        }
        sends.fail(next, next + 1, e);
      }
    }
    return sends.size();
  }

  private void known(OnceSends sends, int index, Verdict found) {
    Instant time = Instant.ofEpochMilli(found.time() == 0 ? clock.time() : found.time());
    if (found.kind() == Verdict.Kind.SOMEWHERE) {
      sends.answer(index, Receipt.somewhere(time));
      sends.reaches(log, log.endOffset()); // wherever it is
    } else {
      sends.answer(index, confirmation.duplicate(found.place(), time));
      sends.reaches(log, found.place() + 1);
    }
  }

  private boolean add(PendingSend send, int index) {
    int at = batch.size();
    byte[] payload = send.payload;
    if (!batch.add(send.attributes, send.attributes.length, payload, 0, payload.length)) {
      return false;
    }
    if (at == taken.length) {
      taken = Arrays.copyOf(taken, 2 * at);
    }
    taken[at] = index;
    return true;
  }

  /** Appends the batch and answers what it has; returns false where there is no room. */
  private boolean append(OnceSends sends, int from, int end, TopicLog to, long mostBytes) {
    int size = batch.size();
    if (size == 0) {
      return true; // all were answered
    }
    if (to != log) {
      batch.whenAppended(null);
    }
    if (!to.append(batch, mostBytes)) {
      return false;
    }
    Confirmation by = to == log ? confirmation : gate.confirmation(to);
    long expiresAt = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      sends.answer(taken[i], by.receipt(batch, i));
      expiresAt = Math.min(expiresAt, sends.get(taken[i]).expiresAt());
    }
    for (int i = from; i < end; i++) {
      if (sends.same(i) >= 0) {
        sends.answer(i, by.duplicate(batch, sends.same(i)));
      }
    }
    sends.reaches(to, batch.firstOffset() + size);
    expiring.sent(to.number(), expiresAt);
    return true;
  }

  /** Returns once what has a receipt is as durable as promised; a duplicate as much as any. */
  void confirm(OnceSends sends, boolean forced) {
    sends.ends().forEach((to, end) -> of(to).await(end, forced));
  }

  private Confirmation of(TopicLog to) {
    return to == log ? confirmation : gate.confirmation(to);
  }
}
