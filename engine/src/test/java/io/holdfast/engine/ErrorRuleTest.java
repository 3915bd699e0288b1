package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group may say of errors that they need no next try, or are not the message's fault. */
class ErrorRuleTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;
  private Group group;
  private Consumer consumer;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(message("m"));
    }
    GroupConfig config =
        GroupConfig.builder()
            .maxAttempts(2)
            .backoff(Backoff.fixed(SECOND))
            .onError(IOException.class, ErrorRule.throttle(SECOND.multipliedBy(5)))
            .onError(FileNotFoundException.class, ErrorRule.fatal())
            .build();
    group = topic.group("g", config);
    consumer = group.consumer("c");
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Delivery one() {
    List<Delivery> got = consumer.receive(1, AT_ONCE);
    assertEquals(1, got.size());
    return got.get(0);
  }

  private Map<String, String> letter() {
    List<Message> letters = new ArrayList<>();
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
      assertEquals(1, reader.poll(view -> letters.add(view.toMessage()), 10));
    }
    return letters.get(0).headers();
  }

  private void assertComesAfter(Duration wait) {
    clock.advance(wait.minusMillis(1));
    assertEquals(List.of(), consumer.receive(1, AT_ONCE));
    clock.advance(Duration.ofMillis(1));
  }

  @Test
  void aFatalErrorMakesADeadLetterAtOnceThatTellsTheError() {
    assertEquals(Settled.DONE, one().nack(new FileNotFoundException("no such order")));
    Map<String, String> headers = letter();
    assertEquals("fatal", headers.get("dlq.reason"));
    assertEquals("java.io.FileNotFoundException", headers.get("dlq.error.class"));
    assertEquals("no such order", headers.get("dlq.error.message"));
    assertTrue(headers.get("dlq.error.stack").contains(getClass().getName()));
    assertEquals("1", headers.get("dlq.attempts"));
    assertEquals("0", headers.get("dlq.failures"));
    assertEquals(0, group.lag().get(0).unfinished());
  }

  @Test
  void aDelayOfItsOwnDoesNotKeepAFatalErrorAlive() {
    assertEquals(Settled.DONE, one().nack(new FileNotFoundException(), SECOND));
    assertEquals("fatal", letter().get("dlq.reason"));
  }

  @Test
  void aThrottledErrorGivesTheMessageBackForTheRulesDelayAndCountsNothing() {
    for (int attempt = 1; attempt <= 5; attempt++) { // more often than maxAttempts
      Delivery delivery = one();
      assertEquals(attempt, delivery.attempt());
      assertFalse(delivery.lastError().isPresent());
      assertEquals(Settled.DONE, delivery.nack(new ConnectException("busy")));
      assertEquals(Settled.ALREADY_SETTLED, delivery.ack());
      assertComesAfter(SECOND.multipliedBy(5));
    }
  }

  @Test
  void aDelayOfItsOwnReplacesThatOfTheRuleAndStillCountsNothing() {
    for (int i = 0; i < 5; i++) {
      assertEquals(Settled.DONE, one().nack(new IOException(), Duration.ofMinutes(1)));
      assertComesAfter(Duration.ofMinutes(1));
    }
    one().nack(new IOException(), Duration.ZERO);
    assertEquals(7, one().attempt());
  }

  @Test
  void anErrorWithoutARuleIsAFailureLikeOthersAlsoWhereItsCauseHasOne() {
    one().nack(new IllegalStateException(new FileNotFoundException()));
    assertComesAfter(SECOND);
    one().nack(new IllegalStateException("again"));
    assertEquals("attempts", letter().get("dlq.reason"));
  }

  @Test
  void theReasonIsKeptWhereTheProcessDiesBeforeTheDeadLetter(@TempDir Path copies) {
    one().release();
    List<Path> images = new ArrayList<>();
    engine.close();
    engine =
        Engine.open(
            dir,
            EngineConfig.defaults().withClock(clock),
            step -> images.add(TestStores.image(dir, copies.resolve(step.name()))));
    engine.group("g").consumer("c").receive(1, AT_ONCE).get(0).nack(new FileNotFoundException("f"));
    engine.close();
    engine = Engine.open(images.get(0), EngineConfig.defaults().withClock(clock));
    assertEquals("fatal", letter().get("dlq.reason"));
    assertEquals("f", letter().get("dlq.error.message"));
  }

  @Test
  void theRulesHoldForHandlersToo() throws Exception {
    CountDownLatch handled = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          handled.countDown();
          throw new FileNotFoundException("of the handler");
        };
    try (Subscription open = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      assertTrue(handled.await(30, TimeUnit.SECONDS), open::toString);
    }
    assertEquals("fatal", letter().get("dlq.reason"));
    assertEquals("of the handler", letter().get("dlq.error.message"));
  }
}
