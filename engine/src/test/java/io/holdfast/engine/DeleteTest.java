package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.small;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.UnknownGroupException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.Eventually;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.TopicDeletedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics and groups that are deleted: what is gone, who is told, and what comes under the name. */
class DeleteTest {
  private static final GroupConfig ONE_TRY = GroupConfig.builder().maxAttempts(1).build();

  @TempDir Path dir;
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
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
    return engine.topic(name, small().build());
  }

  private static void send(Topic topic, String... texts) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (String text : texts) {
        producer.send(message(text));
      }
    }
  }

  /** Files whose path says that they belong to something, beside the pool. */
  private List<Path> files(String part) {
    try (Stream<Path> all = Files.walk(dir)) {
      return all.filter(path -> dir.relativize(path).toString().contains(part)).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Two dead letters, of which one was redriven. */
  private Group failed(Topic topic) {
    Group group = topic.group("g", ONE_TRY);
    send(topic, "a", "b");
    try (Consumer consumer = group.consumer("c")) {
      consumer.receive(2, AT_ONCE).forEach(delivery -> delivery.nack(new Exception("no")));
    }
    group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults().withMost(1));
    return group;
  }

  @Test
  void aTopicIsGoneWithAllThatBelongsToIt() {
    Group group = failed(topic("t"));
    group.topics(topic("t2").name());
    assertEquals(List.of("t", "t.g.dlq", "t.g.retry", "t2"), engine.topics());
    engine.deleteTopic("t");
    assertEquals(List.of("t2"), engine.topics());
    assertEquals(List.of("t2"), group.topicNames());
    assertThrows(UnknownTopicException.class, () -> engine.topic("t"));
    assertThrows(UnknownTopicException.class, () -> engine.deleteTopic("t"));
    assertEquals(List.of(), files("/t/"));
    assertEquals(List.of(), files("t.g."));
    reopen();
    assertEquals(List.of("t2"), engine.topics());
    assertEquals(List.of("t2"), engine.group("g").topicNames());
  }

  @Test
  void aTopicUnderTheOldNameIsAnotherOne() {
    Topic old = topic("t");
    Group group = failed(old);
    engine.deleteTopic("t");
    Topic topic = topic("t");
    assertTrue(topic.number() > old.number());
    send(topic, "new");
    assertEquals(List.of(), group.topicNames());
    group.topics("t");
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of("new"), texts(consumer.receive(10, AT_ONCE)));
    }
    assertEquals(0, group.deadLetters("t").letters());
    assertThrows(TopicDeletedException.class, () -> old.producer(ProducerConfig.named("p")));
    assertThrows(TopicDeletedException.class, () -> old.reader(StartAt.earliest()));
    reopen();
    assertEquals(1, engine.topic("t").endOffset());
  }

  @Test
  void aPatternBringsATopicThatIsMadeAgain() {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    send(topic("t"), "old");
    engine.deleteTopic("t");
    send(topic("t"), "new");
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of("new"), texts(consumer.receive(10, AT_ONCE)));
    }
  }

  @Test
  void whoHasATopicInHandIsTold() {
    Topic topic = topic("t");
    Group group = topic.group("g", GroupConfig.defaults());
    send(topic, "a", "b");
    try (Producer producer = topic.producer(ProducerConfig.named("x"));
        Reader reader = topic.reader(StartAt.earliest());
        Consumer consumer = group.consumer("c")) {
      reader.poll(view -> {}, 1);
      Delivery delivery = consumer.receive(1, AT_ONCE).get(0);
      engine.deleteTopic("t");
      AlreadyClosedException closed =
          assertThrows(AlreadyClosedException.class, () -> producer.send(message("late")));
      assertTrue(closed.getMessage().contains("its topic was deleted"), closed.getMessage());
      assertThrows(TopicDeletedException.class, () -> reader.poll(view -> {}, 1));
      assertThrows(AlreadyClosedException.class, delivery::ack);
      assertEquals(List.of(), consumer.receive(1, AT_ONCE));
    }
  }

  @Test
  void whatTheEngineWritesToCannotBeDeletedByItsName() {
    failed(topic("t"));
    for (String name : new String[] {"t.g.dlq", "t.g.retry"}) {
      assertThrows(InvalidNameException.class, () -> engine.deleteTopic(name));
    }
    engine.deleteGroup("g");
    assertEquals(List.of("t", "t.g.dlq"), engine.topics());
    engine.deleteTopic("t.g.dlq");
    assertEquals(List.of("t"), engine.topics());
    assertEquals(List.of(), files("t.g."));
  }

  @Test
  void aGroupIsGoneAndOneOfItsNameBeginsAnew() {
    Topic topic = topic("t");
    Group old = failed(topic);
    engine.deleteGroup("g");
    assertEquals(List.of(), engine.groups());
    assertEquals(List.of(), files("groups/g"));
    assertThrows(UnknownGroupException.class, () -> engine.group("g"));
    assertThrows(UnknownGroupException.class, () -> engine.deleteGroup("g"));
    assertThrows(AlreadyClosedException.class, () -> old.topics("t"));
    assertEquals(2, engine.topic("t.g.dlq").endOffset(), "dead letters stay");
    reopen();
    assertEquals(List.of(), engine.groups());
    Group group = engine.topic("t").group("g", GroupConfig.defaults());
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of("a", "b"), texts(consumer.receive(10, AT_ONCE)));
      RedriveReport report = group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults());
      assertEquals(2, report.redriven());
      assertEquals(2, consumer.receive(10, AT_ONCE).size(), "each letter once for the new group");
    }
  }

  @Test
  @Timeout(60)
  void consumersAndSubscriptionsOfADeletedGroupEnd() throws InterruptedException {
    Topic topic = topic("t");
    Group group = topic.group("g", GroupConfig.defaults());
    CountDownLatch handling = new CountDownLatch(1);
    List<String> ended = new ArrayList<>();
    Subscription subscription =
        group.subscribe(
            delivery -> {
              handling.countDown();
              engine.topic("made.by.a.handler", small().build()); // needs what the deletion has
              ended.add(TestStores.text(delivery));
            },
            SubscribeConfig.concurrency(1));
    send(topic, "a");
    assertTrue(handling.await(30, TimeUnit.SECONDS));
    try (Consumer consumer = group.consumer("c")) {
      CompletableFuture<List<Delivery>> waiting =
          CompletableFuture.supplyAsync(() -> consumer.receive(1, SOON));
      engine.deleteGroup("g");
      CompletionException told = assertThrows(CompletionException.class, waiting::join);
      assertEquals(AlreadyClosedException.class, told.getCause().getClass());
      assertTrue(told.getMessage().contains("group g was deleted"), told.getMessage());
    }
    subscription.close();
    assertEquals(List.of("a"), ended);
    assertTrue(engine.topics().contains("made.by.a.handler"));
    assertThrows(AlreadyClosedException.class, () -> group.consumer("late").receive(1, AT_ONCE));
  }

  @Test
  @Timeout(60)
  void aTopicMayBeMadeThatAGroupMatchesWhichIsBeingDeleted() throws InterruptedException {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    group.subscribe(
        delivery -> {
          handling.countDown();
          goOn.await();
        },
        SubscribeConfig.concurrency(1));
    send(topic("t"), "a");
    assertTrue(handling.await(30, TimeUnit.SECONDS));
    CompletableFuture<Void> deletion =
        CompletableFuture.runAsync(() -> engine.deleteGroup("g"));
    Eventually.holds(group::hasEnded, () -> "the deletion has not begun");
    try {
      send(topic("t2"), "b");
    } finally {
      goOn.countDown();
    }
    deletion.join();
    assertEquals(List.of(), engine.groups());
    assertEquals(1, engine.topic("t2").endOffset());
  }

  @Test
  void whatIsKnownOfRedrivesIsNotOpenedForADeletedTopic() {
    Group group = failed(topic("t"));
    TopicLog letters = engine.log("t.g.dlq");
    engine.deleteTopic("t");
    assertThrows(TopicDeletedException.class, () -> group.attachRedrive(letters));
    assertEquals(List.of(), files("t.g."));
  }

  @Test
  @Timeout(60)
  void aHandlerMayDeleteItsOwnGroupAndTopic() throws InterruptedException {
    Topic topic = topic("t");
    CountDownLatch done = new CountDownLatch(1);
    topic
        .group("g", GroupConfig.defaults())
        .subscribe(
            delivery -> {
              engine.deleteTopic("t");
              engine.deleteGroup("g");
              done.countDown();
            },
            SubscribeConfig.concurrency(1));
    send(topic, "a");
    assertTrue(done.await(30, TimeUnit.SECONDS));
    assertEquals(List.of(), engine.groups());
    assertEquals(List.of(), engine.topics());
  }

  @Test
  void aGroupLeavesATopicAndComesBackAtItsFirstMessage() {
    Topic topic = topic("t");
    Group group = failed(topic);
    send(topic("x"), "other");
    group.topics("x");
    group.removeTopics("t");
    assertEquals(List.of("x"), group.topicNames());
    assertEquals(List.of("t", "t.g.dlq", "x"), engine.topics());
    assertEquals(List.of(), files("~left"));
    reopen();
    Group again = engine.group("g");
    assertEquals(List.of("x"), again.topicNames());
    again.topics("t");
    try (Consumer consumer = again.consumer("c")) {
      assertEquals(
          List.of("a", "b", "other"),
          texts(consumer.receive(10, AT_ONCE)).stream().sorted().toList());
    }
  }

  @Test
  void aPatternGoesWithItsTopicsButForThoseOfAnotherOne() {
    for (String name : new String[] {"orders.eu", "orders.us", "refunds"}) {
      topic(name);
    }
    Group group = engine.group("g", GroupConfig.defaults());
    group.topics("orders.*", "*.eu", "refunds");
    assertThrows(InvalidNameException.class, () -> group.removeTopics("orders.us"));
    assertThrows(UnknownTopicException.class, () -> group.removeTopics("refunds", "unknown"));
    assertEquals(3, group.topicNames().size());
    group.removeTopics("orders.*");
    assertEquals(List.of("orders.eu", "refunds"), group.topicNames());
    assertEquals(List.of("*.eu"), group.patterns());
    topic("orders.de");
    reopen();
    assertEquals(List.of("orders.eu", "refunds"), engine.group("g").topicNames());
  }

  @Test
  void aDamagedTopicAndADamagedGroupCanBeDeleted() throws IOException {
    topic("t").group("g", GroupConfig.defaults());
    engine.close();
    Files.write(dir.resolve("topics/t/topic.properties"), new byte[] {1, 2, 3});
    Files.write(dir.resolve("groups/g/group.properties"), new byte[] {1, 2, 3});
    java.util.logging.Logger log = java.util.logging.Logger.getLogger("io.holdfast");
    log.setLevel(java.util.logging.Level.OFF); // each refusal with its stack
    try {
      open();
    } finally {
      log.setLevel(null);
    }
    engine.deleteTopic("t");
    engine.deleteGroup("g");
    Topic topic = topic("t");
    assertEquals(2, topic.number(), "the number of the damaged one is not given again");
    send(topic, "new");
    try (Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c")) {
      assertEquals(List.of("new"), texts(consumer.receive(10, AT_ONCE)));
    }
    reopen();
    assertFalse(engine.topics().isEmpty());
  }
}
