package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ConfigurationMismatchException;
import io.holdfast.engine.error.ProducerNameInUseException;
import io.holdfast.engine.error.UnknownGroupException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.TopicExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names and configurations that do not fit are refused with a reason, and nothing is made. */
class NamesTest {
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

  private String refusedTopic(String name) {
    return assertThrows(
            InvalidNameException.class,
            () -> engine.topic(name, TopicConfig.defaults()),
            "name " + name)
        .getMessage();
  }

  @Test
  void topicNamesThatCouldLeadOutOfTheStoreAreRefused() {
    List<String> names =
        List.of("", ".", "..", "../x", "a/b", "a\\b", "a\0b", ".a", "-a", "\u00e4", "a b");
    names.forEach(this::refusedTopic);
    refusedTopic("x".repeat(129));
    refusedTopic("x".repeat(200));
    refusedTopic(null);
    assertEquals(List.of(), engine.topics());
    assertEquals("x".repeat(128), engine.topic("x".repeat(128), TopicConfig.defaults()).name());
  }

  @Test
  void namesOfTheEnginesOwnTopicsAreRefused() {
    assertTrue(refusedTopic("orders.dlq").contains(".dlq"));
    assertTrue(refusedTopic("orders.retry").contains(".retry"));
    assertTrue(refusedTopic("bus.app").contains("bus."));
    refusedTopic("group.properties");
  }

  @Test
  void groupProducerAndConsumerNamesHaveNoDot() {
    Topic topic = engine.topic("orders", TopicConfig.defaults());
    for (String name : new String[] {"", "a.b", "a/b", "x".repeat(65), "-a", null}) {
      assertThrows(
          InvalidNameException.class, () -> engine.group(name, GroupConfig.defaults()));
      assertThrows(InvalidNameException.class, () -> ProducerConfig.named(name));
      Group group = topic.group("billing", GroupConfig.defaults());
      assertThrows(InvalidNameException.class, () -> group.consumer(name));
    }
    assertEquals(List.of("billing"), engine.groups());
  }

  @Test
  void whatDoesNotExistIsNamed() {
    assertThrows(UnknownTopicException.class, () -> engine.topic("orders"));
    assertThrows(UnknownGroupException.class, () -> engine.group("billing"));
    Group group = engine.group("billing", GroupConfig.defaults());
    assertThrows(UnknownTopicException.class, () -> group.topics("orders"));
  }

  @Test
  void theSameTopicWithAnotherConfigurationListsTheDifferences() {
    TopicConfig config = TopicConfig.builder().durability(Durability.processCrash()).build();
    engine.topic("orders", config);
    assertEquals(config, engine.topic("orders", config).config());
    TopicConfig other = TopicConfig.builder().maxMessageSize(10).build();
    ConfigurationMismatchException error =
        assertThrows(
            ConfigurationMismatchException.class, () -> engine.topic("orders", other));
    String message = error.getMessage();
    assertTrue(message.contains("durability is processCrash, asked for powerLoss"), message);
    assertTrue(message.contains("maxMessageSize is 1048576, asked for 10"), message);
    assertTrue(!message.contains("segmentSize"), message);
    assertTrue(message.contains("make another one"), message);
  }

  @Test
  void theSameGroupWithAnotherConfigurationListsTheDifferencesAlsoAfterReopening() {
    GroupConfig config =
        GroupConfig.builder()
            .ackTimeout(Duration.ofMillis(1234))
            .unlimitedAttempts()
            .backoff(Backoff.of(Duration.ofMillis(5), Duration.ofDays(1)).withJitter(0.35))
            .maxInFlight(7)
            .maxRetrying(8)
            .build();
    engine.group("billing", config);
    engine.close();
    engine = Engine.open(dir);
    assertEquals(config, engine.group("billing", config).config());
    assertEquals(config, engine.group("billing").config());
    ConfigurationMismatchException error =
        assertThrows(
            ConfigurationMismatchException.class,
            () -> engine.group("billing", GroupConfig.defaults()));
    String message = error.getMessage();
    assertTrue(message.contains("ackTimeout is PT1.234S, asked for PT30S"), message);
    assertTrue(message.contains("maxAttempts is unlimited, asked for 6"), message);
    assertTrue(message.contains("maxInFlight is 7, asked for 1000"), message);
  }

  @Test
  void namesThatDifferInCaseOnlyAreRefused() {
    engine.topic("orders", TopicConfig.defaults());
    assertThrows(
        TopicExistsException.class, () -> engine.topic("Orders", TopicConfig.defaults()));
    engine.group("billing", GroupConfig.defaults());
    assertThrows(
        InvalidNameException.class, () -> engine.group("Billing", GroupConfig.defaults()));
  }

  @Test
  void aProducerNameIsTakenUntilItIsClosed() {
    Topic topic = engine.topic("orders", TopicConfig.defaults());
    Producer first = topic.producer(ProducerConfig.named("shop"));
    assertThrows(
        ProducerNameInUseException.class, () -> topic.producer(ProducerConfig.named("shop")));
    first.close();
    first.close();
    topic.producer(ProducerConfig.named("shop")).close();
  }

  @Test
  void valuesOutOfRangeAreRefusedByTheBuilder() {
    assertThrows(
        IllegalArgumentException.class, () -> GroupConfig.builder().maxAttempts(0).build());
    assertThrows(
        IllegalArgumentException.class, () -> GroupConfig.builder().ackTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> Backoff.fixed(Duration.ofMillis(-1)));
    assertThrows(
        IllegalArgumentException.class, () -> TopicConfig.builder().maxMessageSize(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> TopicConfig.builder().segmentSize(1 << 20).build(),
        "four messages of 1 MiB need more than 1 MiB");
    assertThrows(IllegalArgumentException.class, () -> SubscribeConfig.concurrency(0));
  }
}
