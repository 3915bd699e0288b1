package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Transaction;
import io.holdfast.engine.error.LeaseLostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Commits transactions by the rules of the ledger, and judges what an opening has found of one. All
 * of them send to powerLoss topics, so each of them is durable when it returns. For the script's
 * thread.
 */
final class Committing {
  private final OpenEngine open;

  Committing(OpenEngine open) {
    this.open = open;
    EngineInside.transactionSteps(open.engine, step -> open.point("at " + step));
  }

  /** Whether transactions may send to a topic: nothing of it goes before it is consumed. */
  static boolean maySendTo(TopicLedger topic) {
    return topic.forces() && topic.keeping != TopicLedger.Keeping.BOUNDED;
  }

  /** Sends tags to topics and acks deliveries, all or nothing. */
  void commit(Map<TopicLedger, List<Integer>> sends, List<Out> acks) {
    Transaction transaction = open.engine.transaction();
    sends.forEach(
        (topic, tags) ->
            tags.forEach(tag -> transaction.send(topic.name, TopicLedger.message(tag))));
    acks.forEach(out -> transaction.ack(out.delivery()));
    if (!acks.stream().allMatch(Settling::isRunning)) {
      assertThrows(LeaseLostException.class, transaction::commit);
      return;
    }
    open.ledger.note(() -> begin(sends, acks));
    List<Long> offsets =
        transaction.commit().messages().stream().map(receipt -> receipt.offset()).toList();
    List<Long> expected = new ArrayList<>();
    open.ledger.note(
        () -> {
          open.ledger.pending.sends().forEach(send -> all(send, expected));
          acks.forEach(out -> out.claim().commit());
          sends.keySet().forEach(topic -> topic.committed = topic.planned());
          open.ledger.pending = null;
        });
    assertEquals(expected, offsets);
    open.settling.outs().removeAll(acks);
  }

  private static void all(Pending.Send send, List<Long> into) {
    for (long offset = send.from(); offset < send.to(); offset++) {
      into.add(offset);
    }
  }

  private void begin(Map<TopicLedger, List<Integer>> sends, List<Out> acks) {
    List<Pending.Send> parts = new ArrayList<>();
    sends.forEach(
        (topic, tags) -> {
          long from = topic.planned();
          topic.tags.addAll(tags);
          parts.add(new Pending.Send(topic.name, from, topic.planned()));
        });
    List<Pending.Ack> acked = new ArrayList<>();
    for (Out out : acks) {
      out.claim().mayBeAcked = true;
      String topic = out.delivery().topic();
      acked.add(new Pending.Ack(out.group().name, topic, out.delivery().offset()));
    }
    open.ledger.pending = new Pending(parts, acked);
    open.ledger.expire(open.clock.get()); // it may be too late already
  }

  /** What an opening has found: to be called before the topics are cut in the ledger. */
  static void judge(OpenEngine open) {
    Pending pending = open.ledger.pending;
    if (pending == null) {
      return;
    }
    Map<String, Boolean> found = new LinkedHashMap<>();
    for (Pending.Send send : pending.sends()) {
      long end = open.log(open.ledger.topics.get(send.topic())).endOffset();
      assertTrue(
          end <= send.from() || end >= send.to(), () -> "a part of " + send + ": ends at " + end);
      found.put(send.topic(), end >= send.to());
    }
    assertEquals(1, found.values().stream().distinct().count(), () -> "a part: " + found);
    boolean isDone = found.values().iterator().next();
    open.ledger.note(
        () -> {
          for (Pending.Ack ack : pending.acks()) {
            acked(open.ledger, ack, isDone);
          }
          open.ledger.pending = null;
        });
  }

  private static void acked(Ledger ledger, Pending.Ack ack, boolean isDone) {
    GroupLedger.State state = ledger.groups.get(ack.group()).states.get(ack.topic());
    Claim claim = state.claim(ack.offset());
    if (isDone) {
      claim.commit();
    } else {
      claim.mayBeAcked = false; // nobody else has acked it
    }
  }
}
