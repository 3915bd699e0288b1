package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/guide.md about delayed messages; the guide shows these lines. */
class DelayGuideTest {
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

  @Test
  void delay() {
    Topic topic = engine.topic("reminders", TopicConfig.defaults());
    try (Producer producer = topic.producer(ProducerConfig.named("shop-1"));
        Consumer consumer = topic.group("mailer", GroupConfig.defaults()).consumer("worker-1")) {
      StringBuilder out = new StringBuilder();
      // region delay
      Message reminder =
          Message.builder("your trial ends".getBytes(UTF_8)).delay(Duration.ofDays(14)).build();
      Receipt receipt = producer.send(reminder);
      // fourteen days, restarts and crashes later a group gets it; unless it is taken back before
      if (topic.cancel(receipt)) {
        out.append("no group gets it, now or later");
      } else {
        out.append("too late: its time has come");
      }
      // endregion
      assertEquals("no group gets it, now or later", out.toString());
      assertEquals(List.of(), consumer.receive(1, Duration.ZERO));
    }
  }
}
