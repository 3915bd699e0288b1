package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.small;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.error.InvalidNameException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns of topics: what they match, and that no topic's first messages are missed. */
class PatternTest {
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

  private Topic topic(String name) {
    return engine.topic(name, small().build());
  }

  private static void send(Topic topic, String text) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(message(text));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "orders.*, orders.eu, true",
    "orders.*, orders, false",
    "orders.*, orders.eu.created, false",
    "orders.>, orders.eu.created, true",
    "orders.>, orders.eu, true",
    "orders.>, orders, false",
    "orders.>, ordersx.eu, false",
    "*.eu, orders.eu, true",
    "*.eu, orders.us, false",
    "orders.*.created, orders.eu.created, true",
    "orders.*.created, orders..created, true",
    "orders.*.created, orders.eu.deleted, false",
    "*, orders, true",
    "*, orders.eu, false",
    ">, orders.eu, true",
    ">, orders.billing.dlq, false",
    ">, orders.billing.retry, false",
    ">, bus.app, false",
    "*.billing.dlq, orders.billing.dlq, false"
  })
  void tokensMatchTokens(String pattern, String topic, boolean matches) {
    assertEquals(matches, TopicPattern.of(pattern).matches(topic));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"orders*", "*orders", "orders.**", "orders.>.x", ">>", "a.>b", "a b.*", "*,*"})
  void whatIsNoPatternIsRefusedAndNothingChanges(String pattern) {
    topic("orders");
    Group group = engine.group("g", GroupConfig.defaults());
    assertThrows(InvalidNameException.class, () -> group.topics("orders", "x.>", pattern));
    assertThrows(UnknownTopicException.class, () -> group.topics("orders", "x.>", "unknown"));
    assertEquals(List.of(), group.topicNames());
    assertEquals(List.of(), group.patterns());
  }

  @Test
  void topicsThatAreThereAndThoseThatComeAreReceivedFromTheirFirstMessageOn() {
    send(topic("orders.eu"), "old");
    send(topic("refunds"), "refund");
    Group group = engine.group("g", GroupConfig.defaults()).topics("orders.>", "refunds");
    send(topic("orders.us"), "new");
    send(topic("other"), "not for the group");
    assertEquals(List.of("orders.eu", "orders.us", "refunds"), group.topicNames());
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(
          List.of("new", "old", "refund"),
          texts(consumer.receive(10, AT_ONCE)).stream().sorted().toList());
    }
  }

  @Test
  void aPatternHoldsAfterARestart() {
    engine.group("g", GroupConfig.defaults()).topics("orders.*", "refunds.>");
    engine.close();
    open();
    Group group = engine.group("g");
    assertEquals(List.of("orders.*", "refunds.>"), group.patterns());
    send(topic("orders.eu"), "first");
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of("first"), texts(consumer.receive(10, AT_ONCE)));
    }
    assertEquals(GroupConfig.defaults(), group.config());
  }

  @Test
  void deadLettersAndRedrivenMessagesAreMatchedByNoPattern() {
    Group failing =
        engine
            .group("failing", GroupConfig.builder().maxAttempts(1).build())
            .topics(">");
    send(topic("orders"), "bad");
    try (Consumer consumer = failing.consumer("c")) {
      consumer.receive(1, AT_ONCE).forEach(delivery -> delivery.nack(new Exception("no")));
      assertEquals(1, engine.topic("orders.failing.dlq").endOffset());
      engine.group("all", GroupConfig.defaults()).topics(">", "*.*.dlq");
      assertEquals(List.of("orders"), failing.topicNames());
      assertEquals(List.of("orders"), engine.group("all").topicNames());
    }
  }

  @Test
  void aTopicMayHaveTheNameOfWhatAGroupKeepsBesideIt() {
    for (String name : new String[] {"paused", "idle", "deleted", "left"}) {
      send(topic(name), name);
    }
    engine.group("g", GroupConfig.defaults()).topics("*");
    engine.close();
    open();
    try (Consumer consumer = engine.group("g").consumer("c")) {
      assertEquals(4, consumer.receive(10, AT_ONCE).size());
    }
  }

  @Test
  void aGroupHasAtMostAThousandPatterns() {
    Group group = engine.group("g", GroupConfig.defaults());
    String[] most =
        IntStream.range(0, Joining.MOST_PATTERNS).mapToObj(i -> i + ".*").toArray(String[]::new);
    group.topics(most);
    group.topics(most); // the same ones once more
    InvalidNameException error =
        assertThrows(InvalidNameException.class, () -> group.topics("one.more.>"));
    assertTrue(error.getMessage().contains("at most 1000"), error.getMessage());
    assertFalse(group.patterns().contains("one.more.>"));
  }
}
