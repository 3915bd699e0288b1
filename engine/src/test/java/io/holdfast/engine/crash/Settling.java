package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Receives and settles, by the rules of the ledger: notes what a call may do, calls, notes what is
 * certain, and judges each delivery. For the script's thread.
 */
final class Settling {
  /** What all errors of the script say. */
  static final String SAID = "as scripted";

  private static final IllegalStateException ERROR = new IllegalStateException(SAID);

  private final OpenEngine open;
  private final List<Out> outs = new ArrayList<>();
  private final OrderCheck order = new OrderCheck();

  Settling(OpenEngine open) {
    this.open = open;
  }

  /** Deliveries that are not settled. */
  List<Out> outs() {
    return outs;
  }

  /** Receives, and checks each delivery. */
  List<Out> receive(GroupLedger group, int max) {
    List<Claim> counted = new ArrayList<>();
    open.ledger.note(
        () ->
            group.states.forEach(
                (topic, state) -> {
                  TopicLedger of = open.ledger.topics.get(topic);
                  for (long offset = of.base; offset < of.planned(); offset++) {
                    Claim claim = state.claim(offset);
                    claim.most++;
                    counted.add(claim);
                  }
                }));
    List<Delivery> got = open.consumer(group).receive(max, Duration.ZERO);
    List<Out> received = new ArrayList<>();
    open.ledger.note(
        () -> {
          counted.forEach(claim -> claim.most--);
          got.forEach(delivery -> received.add(received(group, delivery)));
        });
    outs.addAll(received);
    return received;
  }

  private Out received(GroupLedger group, Delivery delivery) {
    TopicLedger topic = open.ledger.topics.get(delivery.topic());
    long offset = delivery.offset();
    assertTrue(
        offset >= topic.begins && offset < topic.planned(), () -> "phantom: " + delivery);
    byte[] payload = delivery.message().payload();
    assertTrue(
        TopicLedger.isPayload(topic.tag(offset), payload, 0, payload.length),
        () -> "another message: " + delivery);
    checkTime(delivery, topic.tag(offset));
    Claim claim = group.states.get(topic.name).claim(offset);
    assertTrue(!claim.acked, () -> "redelivered after its ack: " + delivery + ", " + claim);
    assertTrue(!claim.dead, () -> "delivered after its dead letter: " + delivery + ", " + claim);
    int attempt = delivery.attempt();
    assertTrue(
        attempt > claim.least && attempt <= claim.most + 1,
        () -> "expected another attempt of " + delivery + ": " + claim);
    order.delivered(group, topic, offset);
    claim.delivered(attempt);
    long now = open.clock.get();
    long deadline = now + group.config.ackTimeout().toMillis();
    return new Out(delivery, group, claim, new Out.Lease(now, deadline));
  }

  private void checkTime(Delivery delivery, int tag) {
    long now = open.clock.get();
    if (TopicLedger.isTimed(tag)) {
      boolean isPast = TopicLedger.time(tag).toEpochMilli() <= now;
      assertEquals(
          TopicLedger.isDelayed(tag), isPast, () -> now + ": too early or late: " + delivery);
    }
  }

  void ack(Out out) {
    Claim claim = out.claim();
    boolean before = claim.mayBeAcked;
    open.ledger.note(() -> claim.mayBeAcked = true);
    Settled answer = answer(out, out.delivery()::ack);
    open.ledger.note(
        () -> {
          claim.mayBeAcked = before;
          claim.acked |= answer == Settled.DONE;
        });
  }

  void release(Out out, Duration delay) {
    answer(out, () -> out.delivery().release(delay));
  }

  void extend(Out out) {
    boolean running = isRunning(out);
    Settled answer = out.delivery().extend();
    assertEquals(running, answer == Settled.DONE, out.delivery()::toString);
    if (running) {
      GroupConfig config = out.group().config;
      long last = out.lease().began + config.maxProcessing().toMillis();
      long deadline = Math.min(open.clock.get() + config.ackTimeout().toMillis(), last);
      out.lease().deadline = Math.max(out.lease().deadline, deadline);
    }
  }

  void nack(Out out, Duration delay) {
    fails(out, true, () -> out.delivery().nack(ERROR, delay));
  }

  void nack(Out out) {
    fails(out, true, () -> out.delivery().nack(ERROR));
  }

  void reject(Out out) {
    fails(out, false, () -> out.delivery().reject(SAID));
  }

  private void fails(Out out, boolean counts, Supplier<Settled> call) {
    Claim claim = out.claim();
    Claim before = claim.copy();
    open.ledger.note(() -> mayFail(out, counts));
    Settled answer = answer(out, call);
    if (answer != Settled.DONE) {
      open.ledger.note(
          () -> {
            claim.mostFailures = before.mostFailures;
            claim.mayBeDead = before.mayBeDead;
          });
      return;
    }
    open.awaitLetters(out.group());
    open.ledger.note(() -> failed(out, counts));
  }

  private static void mayFail(Out out, boolean counts) {
    Claim claim = out.claim();
    claim.mostFailures += counts ? 1 : 0;
    claim.mayBeDead |= !counts || claim.mostFailures >= out.group().config.maxAttempts();
  }

  private static void failed(Out out, boolean counts) {
    Claim claim = out.claim();
    claim.leastFailures += counts ? 1 : 0;
    if (!counts || claim.leastFailures >= out.group().config.maxAttempts()) {
      claim.dead = true;
    }
  }

  /** Settles; whoever holds the lease is answered DONE. */
  private Settled answer(Out out, Supplier<Settled> call) {
    boolean running = isRunning(out);
    outs.remove(out);
    Settled answer = call.get();
    if (running) {
      assertEquals(Settled.DONE, answer, out.delivery()::toString);
    }
    return answer;
  }

  static boolean isRunning(Out out) {
    return out.lease().deadline < Long.MAX_VALUE;
  }

  /** Which leases a step of the clock ends, and which messages. */
  void beforeTimeouts(long now) {
    open.ledger.note(
        () -> {
          outs.stream().filter(o -> o.lease().deadline <= now).forEach(o -> mayFail(o, true));
          open.ledger.expire(now);
        });
  }

  /** They have ended; whoever has such a delivery may still ack it. */
  void afterTimeouts(long now) {
    List<Out> over = outs.stream().filter(out -> out.lease().deadline <= now).toList();
    over.stream().map(Out::group).distinct().forEach(open::awaitLetters);
    open.ledger.note(
        () ->
            over.forEach(
                out -> {
                  failed(out, true);
                  out.lease().deadline = Long.MAX_VALUE;
                }));
  }

  /** A consumer was closed. */
  void givenBack(GroupLedger group) {
    outs.stream()
        .filter(out -> out.group() == group)
        .forEach(out -> out.lease().deadline = Long.MAX_VALUE);
  }

  /** Receives and acks until nothing comes; then nothing may be missing. */
  void drain() {
    open.advance(Duration.ofDays(2)); // leases end
    open.advance(Duration.ofDays(2)); // what was delayed by that is due
    List<GroupStats> before = List.of();
    List<GroupStats> now = stats();
    while (!now.equals(before)) {
      // A suspect of one group waits until that of another one is settled, and a receive that ends
      // what has expired may bring nothing: in order the next one waits for its dead letter.
      open.ledger.groups.values().forEach(this::receiveAll);
      before = now;
      now = stats();
    }
    for (GroupLedger group : open.ledger.groups.values()) {
      open.awaitLetters(group); // of what has expired
      for (Map.Entry<String, GroupLedger.State> state : group.states.entrySet()) {
        checkNothingSkipped(group, open.ledger.topics.get(state.getKey()), state.getValue());
      }
    }
    outs.clear();
  }

  private List<GroupStats> stats() {
    List<GroupStats> all = new ArrayList<>();
    for (GroupLedger group : open.ledger.groups.values()) {
      open.awaitLetters(group);
      group.states.keySet().forEach(topic -> all.add(open.stats(group, topic)));
    }
    return all;
  }

  private void receiveAll(GroupLedger group) {
    List<Out> got = receive(group, 1_000);
    while (!got.isEmpty()) {
      got.forEach(this::ack);
      got = receive(group, 1_000);
    }
  }

  private void checkNothingSkipped(
      GroupLedger group, TopicLedger topic, GroupLedger.State state) {
    long taken = 0;
    boolean mayForget = false;
    for (long offset = state.first(topic); offset < topic.planned(); offset++) {
      Claim claim = state.claim(offset);
      long skipped = offset;
      taken += claim.mayBeDone() ? 0 : 1;
      mayForget |= claim.cut && !topic.forces();
      assertTrue(
          claim.mayBeDone() || topic.keeping == TopicLedger.Keeping.BOUNDED,
          () -> "skipped: offset %d of %s by %s: %s, %s"
              .formatted(skipped, topic.name, group.name, claim,
                  open.stats(group, topic.name)));
    }
    GroupStats stats = open.stats(group, topic.name);
    long skipped = taken;
    if (topic.keeping == TopicLedger.Keeping.UNTIL_CONSUMED) {
      assertEquals(0, stats.dropped(), stats::toString);
    }
    assertTrue(
        mayForget || skipped <= stats.dropped(),
        () -> "%d skipped and not counted by %s: %s".formatted(skipped, group.name, stats));
  }
}
