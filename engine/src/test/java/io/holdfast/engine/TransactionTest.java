package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.LeaseLostException;
import io.holdfast.engine.error.TransactionTooLargeException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.MessageTooLargeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a transaction does and does not, by a clock of its own. */
@Timeout(120)
class TransactionTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LEASE = SECOND.multipliedBy(30);

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;

  @BeforeEach
  void open() {
    engine =
        Engine.open(
            dir, EngineConfig.defaults().withClock(clock).withMaxTransactionBytes(1 << 16));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void reopen() {
    engine.close();
    open();
  }

  private Topic topic(String name) {
    return engine.topic(name, TestStores.small().durability(Durability.processCrash()).build());
  }

  private static GroupConfig config() {
    return GroupConfig.builder().backoff(Backoff.fixed(SECOND)).ackTimeout(LEASE).build();
  }

  private io.holdfast.engine.Consumer consumer(String topic) {
    return topic(topic).group("g-" + topic, config()).consumer("c");
  }

  private void send(String topic, String... texts) {
    try (Producer producer = topic(topic).producer(ProducerConfig.named("p"))) {
      for (String text : texts) {
        producer.send(message(text));
      }
    }
  }

  private List<String> read(String topic) {
    List<String> texts = new ArrayList<>();
    try (Reader reader = engine.topic(topic).reader(StartAt.earliest())) {
      while (reader.poll(view -> texts.add(new String(view.toMessage().payload())), 100) > 0) {
        // to the end
      }
    }
    return texts;
  }

  private GroupStats stats(String topic) {
    return TestStores.stats(engine.group("g-" + topic));
  }

  private static Delivery one(io.holdfast.engine.Consumer consumer) {
    List<Delivery> got = consumer.receive(1, AT_ONCE);
    assertEquals(1, got.size());
    return got.get(0);
  }

  @Test
  void messagesOfSeveralTopicsAndAcksOfSeveralGroupsAreThereWithTheCommitAndNotBefore() {
    send("in1", "a", "b");
    send("in2", "x");
    topic("out1");
    topic("out2");
    List<Delivery> first = consumer("in1").receive(2, AT_ONCE);
    Delivery second = one(consumer("in2"));
    TransactionReceipt receipt;
    try (Transaction transaction = engine.transaction()) {
      transaction.send("out1", message("1")).send("out2", message("2"));
      transaction.send(engine.topic("out1"), message("3"));
      transaction.ack(first.get(0)).ack(second).ack(first.get(1)).ack(second);
      assertEquals(List.of(), read("out1"));
      assertEquals(2, stats("in1").inFlight());
      receipt = transaction.commit();
    }
    assertEquals(List.of("1", "3"), read("out1"));
    assertEquals(List.of("2"), read("out2"));
    assertEquals(List.of(0L, 0L, 1L), receipt.messages().stream().map(Receipt::offset).toList());
    assertEquals(
        Set.of(engine.topic("out1").number(), engine.topic("out2").number()),
        Set.copyOf(
            receipt.messages().stream().map(each -> (int) (each.messageId() >>> 48)).toList()));
    for (String in : List.of("in1", "in2")) {
      assertEquals(0, stats(in).unfinished());
      assertEquals(0, stats(in).inFlight());
    }
    assertTrue(second.isSettled());
    assertEquals(Settled.ALREADY_SETTLED, second.ack());
    reopen();
    assertEquals(List.of("1", "3"), read("out1"));
    assertEquals(0, stats("in1").unfinished());
  }

  @Test
  void messagesOfPowerLossTopicsBecomeVisibleWithinMoments() {
    engine.topic("out", TestStores.small().build());
    io.holdfast.engine.Consumer consumer =
        engine.topic("out").group("g", config()).consumer("c");
    try (Transaction transaction = engine.transaction()) {
      transaction.send("out", message("1")).commit();
    }
    List<Delivery> got = consumer.receive(1, SOON);
    assertEquals(List.of("1"), texts(got));
    got.get(0).ack();
  }

  @Test
  void keyHeadersAndTimesComeWithTheMessage() {
    io.holdfast.engine.Consumer consumer = consumer("out");
    Message message =
        Message.builder(new byte[] {1})
            .key("k")
            .subject("s")
            .header("h", "v")
            .delay(SECOND)
            .timeToLive(LEASE)
            .build();
    try (Transaction transaction = engine.transaction()) {
      transaction.send("out", message).commit();
    }
    assertEquals(List.of(), consumer.receive(1, AT_ONCE));
    clock.advance(SECOND);
    Delivery delivery = one(consumer);
    assertEquals("k", delivery.message().key().orElseThrow());
    assertEquals("s", delivery.message().subject().orElseThrow());
    assertEquals("v", delivery.message().header("h").orElseThrow());
    assertTrue(delivery.deliverAt().isPresent() && delivery.expiresAt().isPresent());
    assertTrue(delivery.producer().isEmpty());
  }

  @Test
  void whatIsRolledBackOrClosedHasDoneNothing() {
    send("in", "a");
    topic("out");
    Delivery delivery = one(consumer("in"));
    Transaction rolledBack = engine.transaction().send("out", message("1")).ack(delivery);
    rolledBack.rollback();
    rolledBack.rollback();
    assertThrows(AlreadyClosedException.class, rolledBack::commit);
    assertThrows(AlreadyClosedException.class, () -> rolledBack.send("out", message("2")));
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (Transaction transaction = engine.transaction()) {
            transaction.send("out", message("1")).ack(delivery);
            throw new IllegalStateException("in between");
          }
        });
    assertEquals(List.of(), read("out"));
    assertEquals(1, stats("in").inFlight());
    assertEquals(Settled.DONE, delivery.ack());
  }

  @Test
  void aCommittedTransactionTakesNothingMoreAndItsCloseDoesNothing() {
    topic("out");
    Transaction transaction = engine.transaction().send("out", message("1"));
    transaction.commit();
    AlreadyClosedException e = assertThrows(AlreadyClosedException.class, transaction::commit);
    assertTrue(e.getMessage().contains("is committed"), e::getMessage);
    transaction.close();
    assertEquals(List.of("1"), read("out"));
  }

  @Test
  void anEmptyTransactionCommits() {
    assertEquals(List.of(), engine.transaction().commit().messages());
  }

  @Test
  void idsDifferAlsoInTheNextOpening() {
    topic("out");
    long first = engine.transaction().send("out", message("1")).commit().transactionId();
    long second = engine.transaction().send("out", message("1")).commit().transactionId();
    reopen();
    long third = engine.transaction().send("out", message("1")).commit().transactionId();
    assertEquals(3, Set.of(first, second, third).size());
  }

  private void assertFails(
      Class<? extends HoldfastException> with, Delivery good, Delivery bad, Consumer<String> told) {
    topic("out");
    try (Transaction transaction = engine.transaction()) {
      transaction.send("out", message("1")).ack(good).ack(bad);
      HoldfastException e = assertThrows(with, transaction::commit);
      told.accept(e.getMessage());
    }
    assertEquals(List.of(), read("out"));
  }

  @Test
  void aLeaseThatHasRunOutFailsTheCommitAndNothingIsDone() {
    send("in1", "a");
    send("in2", "b");
    Delivery lost = one(consumer("in2"));
    clock.advance(LEASE.minus(SECOND));
    Delivery good = one(consumer("in1"));
    clock.advance(SECOND);
    engine.tick();
    assertFails(
        LeaseLostException.class,
        good,
        lost,
        told -> assertTrue(told.contains("g-in2") && told.contains("nothing was done"), told));
    assertEquals(1, stats("in1").inFlight());
    assertEquals(Settled.DONE, good.ack(), "it is out as before");
    assertEquals(Settled.DONE, lost.ack(), "nobody has it yet");
  }

  @Test
  void aDeliveryThatWasSettledOtherwiseFailsTheCommit() {
    send("in", "a", "b", "c");
    List<Delivery> got = consumer("in").receive(3, AT_ONCE);
    got.get(1).ack();
    assertFails(LeaseLostException.class, got.get(0), got.get(1), told -> {});
    got.get(2).nack(new Exception());
    assertFails(LeaseLostException.class, got.get(0), got.get(2), told -> {});
    assertEquals(Settled.DONE, got.get(0).ack());
  }

  @Test
  void aSeekMakesWhatWasOutStaleForTheCommitToo() {
    send("in1", "a", "b");
    send("in2", "x");
    Delivery stale = one(consumer("in1"));
    Delivery good = one(consumer("in2"));
    engine.group("g-in1").seek("in1", StartAt.earliest());
    assertFails(LeaseLostException.class, good, stale, told -> {});
    assertEquals(1, stats("in2").inFlight());
  }

  @Test
  void afterAFailedCommitTheTransactionMayBeCommittedWhenTheCauseIsGone() {
    Topic out =
        engine.topic(
            "out",
            TestStores.small()
                .durability(Durability.processCrash())
                .maxMessages(1)
                .onFull(OnFull.reject())
                .build());
    io.holdfast.engine.Consumer reader = out.group("g-out", config()).consumer("c");
    send("in", "a");
    Delivery delivery = one(consumer("in"));
    engine.transaction().send(out, message("1")).commit();
    try (Transaction transaction = engine.transaction()) {
      transaction.send(out, message("2")).ack(delivery);
      HoldfastException e = assertThrows(HoldfastException.class, transaction::commit);
      assertTrue(e.getMessage().contains("maxMessages"), e::getMessage);
      assertEquals(1, stats("in").inFlight());
      one(reader).ack();
      transaction.commit();
    }
    assertEquals("2", text(one(reader)));
    assertEquals(0, stats("in").unfinished());
  }

  /** Does something at a step of the next commit. */
  private void at(TransactionStep wanted, Runnable work) {
    boolean[] isDone = {false};
    EngineInside.transactionSteps(
        engine,
        step -> {
          if (step == wanted && !isDone[0]) {
            isDone[0] = true;
            work.run();
          }
        });
  }

  @Test
  void noLeaseRunsOutAndNothingElseSettlesADeliveryDuringItsCommit() {
    send("in", "a", "b");
    topic("out");
    io.holdfast.engine.Consumer consumer = consumer("in");
    Delivery delivery = one(consumer);
    at(
        TransactionStep.PREPARED,
        () -> {
          clock.advance(LEASE.multipliedBy(100));
          engine.tick();
          assertEquals(1, stats("in").inFlight());
          assertEquals(0, stats("in").retrying());
          assertEquals(Settled.STALE, delivery.ack());
          assertEquals(Settled.STALE, delivery.nack(new Exception()));
          assertEquals(Settled.STALE, delivery.extend());
          assertEquals(List.of("b"), texts(consumer.receive(10, AT_ONCE)));
        });
    engine.transaction().send("out", message("1")).ack(delivery).commit();
    assertEquals(List.of("1"), read("out"));
    assertEquals(1, stats("in").unfinished());
  }

  @Test
  void whatAClosedConsumerHadGoesBackWhenTheCommitFails() {
    send("in", "a");
    topic("out");
    io.holdfast.engine.Consumer consumer = consumer("in");
    Delivery delivery = one(consumer);
    at(
        TransactionStep.PREPARED,
        () -> {
          consumer.close();
          throw new IllegalStateException("a failure");
        });
    Transaction transaction = engine.transaction().send("out", message("1")).ack(delivery);
    assertThrows(IllegalStateException.class, transaction::commit);
    assertEquals(0, stats("in").inFlight());
    Delivery again = one(consumer("in"));
    assertEquals(2, again.attempt());
    assertTrue(again.lastError().isEmpty());
  }

  @Test
  void aGroupThatIsDeletedFailsTheCommitAndTheOthersGoBack() {
    send("in1", "a");
    send("in2", "b");
    Delivery good = one(consumer("in1"));
    Delivery gone = one(consumer("in2"));
    engine.deleteGroup("g-in2");
    assertFails(AlreadyClosedException.class, good, gone, told -> {});
    assertEquals(Settled.DONE, good.ack());
  }

  @Test
  void aTopicThatIsDeletedFailsTheCommit() {
    topic("out");
    topic("other");
    Transaction transaction =
        engine.transaction().send("other", message("0")).send("out", message("1"));
    engine.deleteTopic("out");
    assertThrows(HoldfastException.class, transaction::commit);
    assertEquals(List.of(), read("other"));
  }

  @Test
  void aClosedEngineCommitsNothing() {
    topic("out");
    Transaction transaction = engine.transaction().send("out", message("1"));
    engine.close();
    assertThrows(AlreadyClosedException.class, transaction::commit);
    assertThrows(AlreadyClosedException.class, () -> engine.transaction());
    open();
    assertEquals(List.of(), read("out"));
  }

  @Test
  void aTransactionHasItsLimits() {
    topic("out");
    try (Transaction transaction = engine.transaction()) {
      byte[] large = new byte[4096];
      int sent = 0;
      try {
        while (true) {
          transaction.send("out", Message.of(large));
          sent++;
        }
      } catch (TransactionTooLargeException e) {
        assertTrue(e.getMessage().contains("maxTransactionBytes 65536"), e::getMessage);
      }
      assertEquals(15, sent);
      transaction.send("out", message("small"));
      assertEquals(16, transaction.commit().messages().size());
    }
    assertThrows(
        MessageTooLargeException.class,
        () -> engine.transaction().send("out", Message.of(new byte[4097])));
    assertThrows(UnknownTopicException.class, () -> engine.transaction().send("no", message("")));
    for (String name : List.of("holdfast.transactions", "out.g.dlq", "out.dead")) {
      assertThrows(
          InvalidNameException.class, () -> engine.transaction().send(name, message("")), name);
    }
  }

  @Test
  void aTransactionHasRoomForSoManyMessages() {
    engine.close();
    engine = Engine.open(dir, EngineConfig.defaults());
    topic("out");
    try (Transaction transaction = engine.transaction()) {
      for (int i = 0; i < Transaction.MAX_MESSAGES; i++) {
        transaction.send("out", message("m"));
      }
      TransactionTooLargeException e =
          assertThrows(
              TransactionTooLargeException.class, () -> transaction.send("out", message("m")));
      assertTrue(e.getMessage().contains("MAX_MESSAGES 10000"), e::getMessage);
      transaction.commit();
    }
    assertEquals(Transaction.MAX_MESSAGES, engine.topic("out").endOffset());
  }

  @Test
  void aLargerBoundHoldsFromTheOpeningOnThatFindsAllApplied() {
    topic("out");
    engine.transaction().send("out", message("1")).commit();
    engine.close();
    engine = Engine.open(dir, EngineConfig.defaults().withMaxTransactionBytes(1 << 20));
    try (Transaction transaction = engine.transaction()) {
      for (int i = 0; i < 100; i++) {
        transaction.send("out", Message.of(new byte[4096]));
      }
      transaction.commit();
    }
    assertEquals(101, engine.topic("out").endOffset());
  }

  @Test
  void nobodyElseTouchesTheLogOfTransactions() {
    topic("out");
    engine.transaction().send("out", message("1")).commit();
    String log = "holdfast.transactions";
    assertEquals(List.of("out"), engine.topics());
    assertThrows(InvalidNameException.class, () -> engine.topic(log));
    assertThrows(InvalidNameException.class, () -> topic(log));
    assertThrows(InvalidNameException.class, () -> topic("holdfast.other"));
    assertThrows(InvalidNameException.class, () -> engine.deleteTopic(log));
    Group all = engine.group("all", config()).topics(">");
    assertEquals(List.of("out"), all.topicNames());
    assertThrows(InvalidNameException.class, () -> all.topics(log));
  }

  @Test
  void aSeekBehindACommitIsNotUndoneByTheNextOpening() {
    send("in", "a", "b");
    topic("out");
    List<Delivery> got = consumer("in").receive(2, AT_ONCE);
    Transaction transaction = engine.transaction();
    got.forEach(transaction::ack);
    transaction.send("out", message("1")).commit();
    engine.group("g-in").seek("in", StartAt.earliest());
    Path image = TestStores.image(dir, dir.resolveSibling("image-of-a-seek"));
    try (Engine killed = Engine.open(image)) {
      assertEquals(
          List.of("a", "b"),
          texts(killed.group("g-in").consumer("c").receive(10, AT_ONCE)));
      assertEquals(1, killed.topic("out").endOffset());
    } finally {
      TestStores.delete(image);
    }
  }

  @Test
  void aKeyIsGivenOnByTheCommit() {
    Group group =
        topic("in").group("g", GroupConfig.builder().ordering(Ordering.byKey()).build());
    try (Producer producer = engine.topic("in").producer(ProducerConfig.named("p"))) {
      for (String text : List.of("a", "b")) {
        producer.send(Message.builder(text.getBytes()).key("k").build());
      }
    }
    io.holdfast.engine.Consumer consumer = group.consumer("c");
    Delivery first = one(consumer);
    assertEquals(List.of(), consumer.receive(1, AT_ONCE));
    engine.transaction().ack(first).commit();
    assertEquals("b", text(one(consumer)));
  }

  @Test
  void aRedrivenMessageCanBeAckedInATransaction() {
    Group group = topic("in").group("g", GroupConfig.builder().maxAttempts(1).build());
    send("in", "a");
    io.holdfast.engine.Consumer consumer = group.consumer("c");
    Delivery first = one(consumer);
    first.nack(new Exception());
    group.redrive("in", DeadLetterFilter.all(), RedriveConfig.defaults());
    Delivery again = one(consumer);
    assertEquals(first.idempotencyKey(), again.idempotencyKey());
    engine.transaction().ack(again).commit();
    assertEquals(0, group.lag().stream().mapToLong(GroupStats::unfinished).sum());
  }

  @Test
  void theIdempotencyKeyIsTheSameForEachDeliveryAndEachGroupAndAfterARestart() {
    send("in", "a", "b");
    Delivery delivery = one(consumer("in"));
    String key = delivery.idempotencyKey();
    delivery.release();
    assertEquals(key, one(consumer("in")).idempotencyKey());
    List<Delivery> others =
        topic("in").group("other", config()).consumer("c").receive(2, AT_ONCE);
    assertEquals(key, others.get(0).idempotencyKey());
    assertNotEquals(key, others.get(1).idempotencyKey());
    reopen();
    assertEquals(key, one(engine.group("other").consumer("c")).idempotencyKey());
    assertFalse(key.contains(" "));
  }
}
