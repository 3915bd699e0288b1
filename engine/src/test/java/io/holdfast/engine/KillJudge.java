package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.check.GroupCheck;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.history.Deliveries;
import io.holdfast.storage.history.History;
import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Stream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Compares the store of a kill run with what its processes said before they died. */
final class KillJudge {
  private static final int MOST_EMPTY = 3_000; // a minute

  private final Path store;
  private final TopicConfig config;
  private final History history = new History();
  private final Deliveries stubborn = history.group(KillPlan.STUBBORN, Deliveries.UNLIMITED);
  private final Deliveries strict = history.group(KillPlan.STRICT, KillPlan.ATTEMPTS);
  private final Deliveries ordered = history.group(KillPlan.ORDERED, Deliveries.UNLIMITED);
  private final Stream stream = history.stream();
  private final List<KillLetters> letters =
      List.of(
          new KillLetters(KillPlan.STUBBORN, stubborn),
          new KillLetters(KillPlan.STRICT, strict),
          new KillLetters(KillPlan.ORDERED, ordered));
  private final KillOnce.Judge once = new KillOnce.Judge();
  private long dropped;

  KillJudge(Path store, TopicConfig config) {
    this.store = store;
    this.config = config;
    ordered.inOrder(KillPlan::key);
    List.of(stubborn, strict, ordered).forEach(group -> group.mayExpire(KillPlan::mayExpire));
  }

  History history() {
    return history;
  }

  /** Messages that are taken once however often they are sent. */
  KillOnce.Judge once() {
    return once;
  }

  /** Messages that were in the log so far. */
  long messages() {
    return stream.expected();
  }

  /** Dead letters so far of the group that makes them, and of messages whose time was over. */
  long letters() {
    return letters.stream().mapToLong(KillLetters::count).sum();
  }

  /** Those of them whose time was over. */
  long expired() {
    return letters.stream().mapToLong(KillLetters::expired).sum();
  }

  /** Deliveries whose order was judged. */
  long inOrder() {
    return ordered.judgedInOrder();
  }

  /** Messages that retention has dropped. */
  long dropped() {
    return dropped;
  }

  /** A death is no damage, whatever was going on. */
  void died() {
    history.killed();
    if (Files.exists(store.resolve("store.ctl"))) {
      VerifyReport report = verify();
      assertFalse(report.damaged(), report::toString);
    }
    assertNoViolations();
  }

  private VerifyReport verify() {
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, view.topics(), topic -> {});
  }

  private void assertNoViolations() {
    assertEquals(List.of(), history.violations());
  }

  /** Opens the store, reads what is new, and closes it. */
  void look() throws InterruptedException {
    try (Engine engine = Engine.open(store)) {
      look(engine);
    }
    closed();
    assertNoViolations();
  }

  private void look(Engine engine) {
    once.look(engine);
    Topic topic = engine.topic(KillPlan.TOPIC, config);
    EngineInside.retain(engine, KillPlan.TOPIC); // nobody acks, so nothing more is dropped
    dropped = topic.firstOffset();
    history.dropped(dropped);
    if (topic.firstOffset() > stream.expected()) {
      stream.droppedTo(topic.firstOffset());
    }
    read(topic, stream);
    letters.forEach(each -> each.read(engine));
    stubborn.settle();
    strict.settle();
    ordered.settle();
  }

  private static void read(Topic topic, Stream to) {
    try (Reader reader = topic.reader(StartAt.offset(to.expected()))) {
      while (reader.poll(view -> to.read(view.offset(), stamp(view)), 1_000) > 0) {
        // until nothing more is visible
      }
    }
    to.ends(topic.endOffset());
  }

  static Stamp stamp(MessageView view) {
    return Stamp.of(view.array(), view.payloadOffset(), view.payloadLength());
  }

  /** After a close there is nothing at all to be said of the store. */
  private void closed() {
    VerifyReport report = verify();
    assertFalse(report.damaged(), report::toString);
    report.topics().forEach(topic -> assertEquals(List.of(), topic.findings()));
    assertEquals(List.of(), GroupCheck.of(StoreView.open(store)));
  }

  /** Finishes what is left, and judges all that is kept. */
  void finish() throws InterruptedException {
    try (Engine engine = Engine.open(store)) {
      look(engine);
      Topic topic = engine.topic(KillPlan.TOPIC);
      drain(topic.group(KillPlan.STUBBORN, KillPlan.stubborn()), stubborn);
      drain(topic.group(KillPlan.STRICT, KillPlan.strict()), strict);
      drain(topic.group(KillPlan.ORDERED, KillPlan.ordered()), ordered);
      letters.forEach(each -> each.read(engine));
      ordered.drained(topic.endOffset());
      stubborn.drained(topic.endOffset());
      strict.drained(topic.endOffset());
      EngineInside.retain(engine, KillPlan.TOPIC); // all is acked, so nothing more is dropped
      Stream again = history.stream();
      again.startsAt(topic.firstOffset());
      read(topic, again);
      again.ends(topic.endOffset());
      letters.forEach(each -> each.readAgain(engine));
    }
    closed();
    assertNoViolations();
  }

  /** Takes what is left and acks it. */
  private static void drain(Group group, Deliveries told) {
    try (Consumer consumer = group.consumer("drain")) {
      for (int empty = 0; group.lag().get(0).unfinished() > 0; empty++) {
        assertTrue(empty < MOST_EMPTY, () -> group + " gives nothing more: " + group.lag());
        for (Delivery delivery : consumer.receive(500, Duration.ofMillis(20))) {
          empty = 0;
          Stamp stamp = Stamp.of(delivery.message().payload());
          told.got(delivery.offset(), delivery.attempt(), stamp);
          told.acking(delivery.offset());
          assertEquals(Settled.DONE, delivery.ack());
          told.acked(delivery.offset());
        }
      }
    }
  }
}
