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
import io.holdfast.storage.history.Letters;
import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Stream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Compares the store of a kill run with what its processes said before they died. */
final class KillJudge {
  private static final String LETTERS = KillPlan.TOPIC + "." + KillPlan.STRICT + ".dlq";
  private static final int MOST_EMPTY = 3_000; // a minute
  private static final int KEPT_LETTERS = 300;

  private final Path store;
  private final TopicConfig config;
  private final History history = new History();
  private final Deliveries stubborn = history.group(KillPlan.STUBBORN, Deliveries.UNLIMITED);
  private final Deliveries strict = history.group(KillPlan.STRICT, KillPlan.ATTEMPTS);
  private final Deliveries ordered = history.group(KillPlan.ORDERED, Deliveries.UNLIMITED);
  private final Stream stream = history.stream();
  private final Letters letters = strict.letters();
  private long nextLetter;
  private long dropped;

  KillJudge(Path store, TopicConfig config) {
    this.store = store;
    this.config = config;
    ordered.inOrder(KillPlan::key);
  }

  History history() {
    return history;
  }

  /** Messages that were in the log so far. */
  long messages() {
    return stream.expected();
  }

  /** Dead letters so far. */
  long letters() {
    return nextLetter;
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
    Topic topic = engine.topic(KillPlan.TOPIC, config);
    dropped = topic.firstOffset();
    history.dropped(dropped);
    if (topic.firstOffset() > stream.expected()) {
      stream.droppedTo(topic.firstOffset());
    }
    read(topic, stream);
    readLetters(engine, letters, nextLetter);
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

  private static Stamp stamp(MessageView view) {
    return Stamp.of(view.array(), view.payloadOffset(), view.payloadLength());
  }

  private void readLetters(Engine engine, Letters to, long from) {
    if (!engine.topics().contains(LETTERS)) {
      return;
    }
    Topic topic = engine.topic(LETTERS);
    try (Reader reader = topic.reader(StartAt.offset(from))) {
      while (reader.poll(view -> letter(view, to), 1_000) > 0) {
        // until nothing more is visible
      }
      nextLetter = reader.offset();
    }
    topic.log().dropBefore(nextLetter - KEPT_LETTERS);
  }

  private static void letter(MessageView view, Letters to) {
    long offset = Long.parseLong(view.header("dlq.offset").orElseThrow());
    int attempts = Integer.parseInt(view.header("dlq.attempts").orElseThrow());
    to.letter(view.offset(), offset, attempts, stamp(view));
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
      readLetters(engine, letters, nextLetter);
      ordered.drained(topic.endOffset());
      stubborn.drained(topic.endOffset());
      strict.drained(topic.endOffset());
      Stream again = history.stream();
      again.startsAt(topic.firstOffset());
      read(topic, again);
      again.ends(topic.endOffset());
      Letters all = strict.letters();
      readLetters(engine, all, 0);
      all.ends(engine.topics().contains(LETTERS) ? engine.topic(LETTERS).firstOffset() : 0);
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
