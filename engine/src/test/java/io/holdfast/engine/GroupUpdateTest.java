package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.small;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ConfigurationMismatchException;
import io.holdfast.storage.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a group may be changed, and that it holds at once and after a restart. */
class GroupUpdateTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", small().durability(Durability.processCrash()).build());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void send(int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(message("m" + i));
      }
    }
  }

  private void advance(Duration by) {
    clock.advance(by);
    engine.tick();
  }

  private static GroupConfig.Builder once() {
    return GroupConfig.builder().backoff(Backoff.of(Duration.ofHours(1)));
  }

  @Test
  void whatIsHandedOutFromNowOnHasTheNewAckTimeout() {
    Group group = topic.group("g", once().ackTimeout(Duration.ofSeconds(10)).build());
    send(2);
    try (Consumer consumer = group.consumer("c")) {
      Delivery old = consumer.receive(1, AT_ONCE).get(0);
      group.update(once().ackTimeout(Duration.ofSeconds(100)).build());
      Delivery delivery = consumer.receive(1, AT_ONCE).get(0);
      advance(Duration.ofSeconds(50));
      assertEquals(1, group.lag().get(0).inFlight(), "the old one's lease has run out");
      assertEquals(Settled.DONE, delivery.ack());
      assertEquals(Settled.DONE, old.ack(), "late, and nobody had it");
    }
  }

  @Test
  void aMessageThatFailsNextFailsByTheNewRules() {
    Group group = topic.group("g", once().maxAttempts(5).build());
    send(3);
    try (Consumer consumer = group.consumer("c")) {
      List<Delivery> got = consumer.receive(3, AT_ONCE);
      got.get(0).nack(new Exception());
      group.update(
          GroupConfig.builder().maxAttempts(2).backoff(Backoff.of(Duration.ofSeconds(1))).build());
      got.get(1).nack(new Exception());
      advance(Duration.ofSeconds(2));
      Delivery again = consumer.receive(3, AT_ONCE).get(0);
      assertEquals(1, again.offset(), "the first one waits for its hour");
      again.nack(new Exception());
      assertEquals(1, group.lag().get(0).dead());
    }
  }

  @Test
  void aConsumerThatWaitsForRoomGetsIt() {
    Group group = topic.group("g", GroupConfig.builder().maxInFlight(1).build());
    send(2);
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(1, consumer.receive(5, AT_ONCE).size());
      CompletableFuture<List<Delivery>> waiting =
          CompletableFuture.supplyAsync(() -> consumer.receive(5, SOON));
      group.update(GroupConfig.builder().maxInFlight(2).build());
      assertEquals(1, waiting.join().size());
      group.update(GroupConfig.builder().maxInFlight(1).build());
      send(1);
      assertEquals(0, consumer.receive(5, AT_ONCE).size(), "two are out, and one may be");
    }
  }

  @Test
  void theLookaheadOfAnOrderMayGrow() {
    Ordering near = Ordering.byKey().withLookahead(1);
    Group group = topic.group("g", GroupConfig.builder().ordering(near).build());
    try (Producer producer = topic.producer(ProducerConfig.named("p"));
        Consumer consumer = group.consumer("c")) {
      for (String key : new String[] {"a", "a", "a", "b"}) {
        producer.send(Message.builder(new byte[0]).key(key).build());
      }
      assertEquals(1, consumer.receive(5, AT_ONCE).size());
      assertEquals(0, consumer.receive(5, AT_ONCE).size());
      group.update(GroupConfig.builder().ordering(near.withLookahead(10)).build());
      assertEquals(3, consumer.receive(5, AT_ONCE).get(0).offset());
    }
  }

  @Test
  void aGroupThatIsBlockedMayBeToldToSkip() {
    Ordering block = Ordering.total().withOnPoison(Ordering.OnPoison.BLOCK);
    Group group = topic.group("g", once().maxAttempts(1).ordering(block).build());
    send(2);
    try (Consumer consumer = group.consumer("c")) {
      consumer.receive(1, AT_ONCE).get(0).nack(new Exception());
      assertEquals(1, group.lag().get(0).retrying());
      group.update(once().maxAttempts(1).ordering(Ordering.total()).build());
      advance(Duration.ofHours(2));
      consumer.receive(1, AT_ONCE).get(0).nack(new Exception());
      assertEquals(1, consumer.receive(1, AT_ONCE).get(0).offset());
    }
  }

  @Test
  void theLoadMayBeSharedInTurnFromNowOn() {
    Group group = topic.group("g", GroupConfig.defaults());
    send(10);
    try (Consumer one = group.consumer("one");
        Consumer two = group.consumer("two")) {
      assertEquals(1, one.receive(1, AT_ONCE).size());
      group.update(GroupConfig.builder().loadSharing(LoadSharing.ROUND_ROBIN).build());
      assertEquals(1, one.receive(1, AT_ONCE).size());
      group.update(GroupConfig.defaults());
      assertEquals(5, one.receive(5, AT_ONCE).size());
      group.update(GroupConfig.builder().loadSharing(LoadSharing.ROUND_ROBIN).build());
      assertEquals(1, one.receive(1, AT_ONCE).size(), "two does not wait");
      assertEquals(1, two.receive(1, AT_ONCE).size());
    }
  }

  @Test
  void rulesForErrorsHoldForWhatIsReceivedFromNowOn() {
    Group group = topic.group("g", once().build());
    send(1);
    group.update(once().onError(IOException.class, ErrorRule.fatal()).build());
    try (Consumer consumer = group.consumer("c")) {
      consumer.receive(1, AT_ONCE).get(0).nack(new IOException());
      assertEquals(1, group.lag().get(0).dead());
    }
  }

  @Test
  void itIsStoredWithThePatterns() {
    GroupConfig changed =
        once().maxRetrying(7).maxRedrives(1).expireAfter(Duration.ofDays(30)).build();
    topic.group("g", GroupConfig.defaults()).topics("t.*").update(changed);
    engine.close();
    open();
    assertEquals(changed, engine.group("g").config());
    assertEquals(List.of("t.*"), engine.group("g").patterns());
    assertEquals(List.of("t"), engine.group("g").topicNames());
    engine.group("g").update(GroupConfig.defaults());
    assertEquals(GroupConfig.defaults(), engine.group("g", GroupConfig.defaults()).config());
  }

  @Test
  void whatIsFixedIsNamedAndNothingChanges() {
    GroupConfig stored = GroupConfig.builder().ordering(Ordering.byKey()).build();
    Group group = topic.group("g", stored);
    String error =
        refused(group, GroupConfig.builder().ordering(Ordering.total()).maxAttempts(1).build());
    assertTrue(error.contains("ordering is BY_KEY, asked for TOTAL"), error);
    assertFalse(error.contains("maxAttempts is"), error);
    assertTrue(error.contains("maxAttempts, backoff"), error);
    Ordering rest = Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY);
    refused(group, GroupConfig.builder().ordering(rest).build());
    refused(
        group,
        GroupConfig.builder().ordering(Ordering.byKey()).loadSharing(LoadSharing.BY_KEY).build());
    assertEquals(stored, group.config());
    assertEquals(0, group.lag().get(0).unfinished());
  }

  private static String refused(Group group, GroupConfig config) {
    return assertThrows(ConfigurationMismatchException.class, () -> group.update(config))
        .getMessage();
  }

  @Test
  void anotherConfigurationAtTheCallThatMakesAGroupNamesTheWay() {
    topic.group("g", GroupConfig.defaults());
    String error =
        assertThrows(
                ConfigurationMismatchException.class,
                () -> engine.group("g", GroupConfig.builder().maxAttempts(1).build()))
            .getMessage();
    assertTrue(error.contains("maxAttempts is 6, asked for 1"), error);
    assertTrue(error.contains("group.update("), error);
    assertThrows(
        ConfigurationMismatchException.class,
        () -> engine.group("g", once().expireAfter(Duration.ofDays(1)).build()));
  }
}
