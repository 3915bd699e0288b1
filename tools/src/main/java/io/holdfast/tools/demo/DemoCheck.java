package io.holdfast.tools.demo;

import io.holdfast.engine.Message;
import io.holdfast.engine.check.GroupView;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.format.RecordType;
import io.holdfast.tools.Text;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Holds the store, as it stands on disk, against what was recorded outside it. */
final class DemoCheck {
  private final DemoPlan plan;
  private final DemoEvents events;
  private final DemoRecord record;
  private final List<Outcome> outcomes = new ArrayList<>();
  private DeadLetterCount deadLetters = new DeadLetterCount();
  private long bytes;

  /** One check: what holds, or does not, and the figures. */
  record Outcome(boolean holds, String what, String figures) {}

  private DemoCheck(DemoPlan plan, DemoEvents events, DemoRecord record) {
    this.plan = plan;
    this.events = events;
    this.record = record;
  }

  static DemoCheck run(DemoPlan plan, DemoEvents events, DemoRecord record) {
    DemoCheck check = new DemoCheck(plan, events, record);
    check.run();
    return check;
  }

  private void run() {
    StoreView store = StoreView.open(plan.directory());
    Optional<TopicView> letters = store.topic(DemoPlan.DEAD_LETTERS);
    deadLetters = letters.map(DeadLetterCount::of).orElseGet(DeadLetterCount::new);
    published(store.topic(DemoPlan.TOPIC).orElseThrow());
    List<GroupView> groups = GroupView.of(plan.directory());
    group(DemoPlan.AUDIT, groups, new BitSet());
    group(DemoPlan.NOTIFY, groups, deadLetters.offsets());
    again();
    dead();
    inOrder();
    redriven();
    poison(store.topic(DemoPlan.CRASHED).map(DeadLetterCount::of));
    late();
    expired(store.topic(DemoPlan.EXPIRED).map(DeadLetterCount::of));
    again(record.time());
    VerifyReport report = StoreVerifier.verify(store, store.topics(), topic -> {});
    bytes = report.topics().stream().mapToLong(TopicReport::bytes).sum();
    long records = report.topics().stream().mapToLong(TopicReport::records).sum();
    add(
        !report.damaged(),
        "every checksum on disk is right",
        Text.count(records, "record") + ", " + Text.bytes(bytes));
  }

  /** Message n holds event n: so each is there once, in order, and none is missing. */
  private void published(TopicView topic) {
    BitSet found = new BitSet();
    long next = 0;
    try (TopicWalk walk = TopicWalk.of(topic, 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step == SegmentWalk.Step.RECORD && walk.record().type() == RecordType.DATA) {
          Message message = DeadLetterCount.attributes(walk.record(), topic.name());
          String number = message.header("event-number").orElse("");
          if (walk.record().offset() == next && number.equals(Long.toString(next))) {
            found.set((int) next);
          }
          next++;
        }
      }
    }
    BitSet lost = (BitSet) record.sent().clone();
    lost.andNot(found);
    add(
        lost.isEmpty() && found.cardinality() == plan.total() && next == plan.total(),
        "every confirmed message is in the topic, once and in order",
        Text.count(found.cardinality()) + " of " + Text.count(plan.total()));
  }

  /**
   * Published = acked + dead. An ack that was made and not told, because the process died between
   * the two, is found in the group's state; there can be one for each handler that ran.
   */
  private void group(String name, List<GroupView> groups, BitSet dead) {
    long unfinished =
        groups.stream()
            .filter(g -> g.group().equals(name) && g.topic().equals(DemoPlan.TOPIC))
            .mapToLong(g -> g.problem().isEmpty() ? g.unfinished(plan.total()) : plan.total())
            .findFirst()
            .orElse(plan.total());
    BitSet acked = record.group(name).acked();
    BitSet both = (BitSet) acked.clone();
    both.and(dead);
    long told = acked.cardinality();
    long untold = plan.total() - unfinished - told - dead.cardinality();
    boolean adds = unfinished == 0 && both.isEmpty() && untold >= 0 && untold <= DemoPlan.HANDLERS;
    add(
        adds,
        name + ": published = acked + dead",
        "%s = %s + %s%s"
            .formatted(
                Text.count(plan.total()),
                Text.count(plan.total() - unfinished - dead.cardinality()),
                Text.count(dead.cardinality()),
                untold == 0
                    ? ""
                    : " (%d acked in the very moment of the kill)".formatted(untold)));
  }

  private void again() {
    long again =
        record.group(DemoPlan.AUDIT).again() + record.group(DemoPlan.NOTIFY).again();
    long acks =
        record.group(DemoPlan.AUDIT).acked().cardinality()
            + record.group(DemoPlan.NOTIFY).acked().cardinality();
    add(
        again == 0,
        "nothing that was acked came again",
        "%s in %s".formatted(Text.count(again), Text.count(acks, "ack")));
  }

  private void dead() {
    BitSet expected = new BitSet();
    for (long number = 0; number < plan.total(); number++) {
      expected.set((int) number, Notify.isDead(events.get(number).subject()));
    }
    add(
        expected.equals(deadLetters.offsets()) && deadLetters.twice() == 0,
        "the dead letters are the right ones, each once",
        Text.count(deadLetters.offsets().cardinality(), "dead letter"));
  }

  private void inOrder() {
    add(
        record.disordered() == 0 && record.keys() > 0,
        "audit: the events of each repository came in their order",
        Text.count(record.keys(), "key"));
  }

  private void redriven() {
    BitSet expected = new BitSet();
    for (long number = 0; number < plan.total(); number++) {
      expected.set((int) number, events.get(number).subject().equals(DemoPlan.MENDED));
    }
    add(
        expected.equals(record.back())
            && record.backAgain() == 0
            && record.redriven() == expected.cardinality(),
        "what was redriven came back, once, and was acked",
        "%s of %s"
            .formatted(
                Text.count(record.back().cardinality()), Text.count(expected.cardinality())));
  }

  private void poison(Optional<DeadLetterCount> found) {
    BitSet dead = found.map(DeadLetterCount::offsets).orElseGet(BitSet::new);
    boolean crashed =
        dead.equals(BitSet.valueOf(new long[] {1L << DemoPlan.POISON}))
            && found.get().twice() == 0
            && found.get().causes().keySet().stream().allMatch(cause -> cause.startsWith("crash"));
    BitSet others = new BitSet();
    others.set(0, DemoPlan.IMAGES);
    others.clear(DemoPlan.POISON);
    PoisonRecord poison = record.poison();
    add(
        crashed && poison.acked().equals(others) && poison.blamed().isEmpty(),
        "what killed its process is a dead letter, its neighbours not",
        "%s, %s, %s blamed"
            .formatted(
                Text.count(dead.cardinality(), "dead letter"),
                Text.count(poison.acked().cardinality(), "ack"),
                Text.count(poison.blamed().cardinality())));
  }

  private void late() {
    TimeRecord time = record.time();
    add(
        time.late() >= 0 && time.came(DemoPlan.LATE) > 0,
        "what was to come later came when it was due, after a kill",
        time.late() + " ms after its time");
  }

  private void expired(Optional<DeadLetterCount> found) {
    BitSet dead = found.map(DeadLetterCount::offsets).orElseGet(BitSet::new);
    boolean expired =
        dead.equals(BitSet.valueOf(new long[] {1L << DemoPlan.USELESS}))
            && found.get().twice() == 0
            && found.get().causes().keySet().stream().allMatch(c -> c.startsWith("expired"));
    add(
        expired && record.time().came(DemoPlan.USELESS) == 0,
        "what expired was handed to nobody and is a dead letter",
        Text.count(dead.cardinality(), "dead letter"));
  }

  private void again(TimeRecord time) {
    int right = 0;
    for (int offset = 0; offset <= DemoPlan.LATE; offset++) {
      int times = offset >= DemoPlan.LATE - DemoPlan.AGAIN ? 2 : 1;
      right += time.came(offset) == (offset == DemoPlan.USELESS ? 0 : times) ? 1 : 0;
    }
    add(
        right == DemoPlan.LATE + 1 && time.moved() == DemoPlan.AGAIN + 1,
        "the group that was moved back got those behind it again",
        "%s of %d".formatted(time.moved(), DemoPlan.AGAIN + 1));
  }

  private void add(boolean holds, String what, String figures) {
    outcomes.add(new Outcome(holds, what, figures));
  }

  List<Outcome> outcomes() {
    return outcomes;
  }

  boolean holds() {
    return outcomes.stream().allMatch(Outcome::holds);
  }

  DeadLetterCount deadLetters() {
    return deadLetters;
  }

  /** Bytes of all segments. */
  long bytes() {
    return bytes;
  }
}
