package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about groups and their topics; the guide shows these lines. */
class GroupsGuideTest {
  @TempDir Path dir;
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
    engine.topic("orders", TopicConfig.defaults());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void patterns() {
    // region patterns
    Group billing =
        engine.group("billing", GroupConfig.defaults()).topics("orders", "refunds.*", "shop.>");
    engine.topic("refunds.eu", TopicConfig.defaults()); // billing has it from its first message on
    // endregion
    assertEquals(List.of("orders", "refunds.eu"), billing.topicNames());
  }

  @Test
  void update() {
    Group billing = engine.topic("orders").group("billing", GroupConfig.defaults());
    // region update
    billing.update(GroupConfig.builder().maxAttempts(10).maxInFlight(50).build());
    // endregion
    assertEquals(50, engine.group("billing").config().maxInFlight());
  }

  @Test
  void delete() {
    engine.topic("refunds.eu", TopicConfig.defaults());
    Group billing =
        engine.group("billing", GroupConfig.defaults()).topics("orders", "refunds.*");
    // region delete
    billing.removeTopics("refunds.*"); // billing leaves what matches; the topics stay
    engine.deleteGroup("billing"); // its dead letters stay
    engine.deleteTopic("orders"); // with its dead letters
    // endregion
    assertEquals(List.of(), engine.groups());
    assertEquals(List.of("refunds.eu"), engine.topics());
  }

  @Test
  void expiry() {
    // region expiry
    GroupConfig config = GroupConfig.builder().expireAfter(Duration.ofDays(30)).build();
    // endregion
    assertEquals(config, engine.group("billing", config).config());
  }
}
