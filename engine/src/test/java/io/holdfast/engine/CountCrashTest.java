package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a group has lost is still counted when its process is killed right behind it. */
class CountCrashTest extends ExpiryFixture {
  private static final byte[] LARGE = new byte[4_000]; // the first file has room for some 15

  private void sendLarge(int count) {
    for (int i = 0; i < count; i++) {
      send(Message.of(LARGE));
    }
  }

  @Test
  void aRetryWhoseMessageIsGoneWhenItsTurnComes() {
    open(TestStores.small().retention(Retention.byCount(10)));
    topic.group("g", config().build());
    EngineInside.whileKept(
        engine,
        "t",
        () -> {
          sendLarge(40);
          receive(2).get(0).nack(new Exception("later"), HOUR);
        });
    EngineInside.retain(engine, "t");
    long before = stats().dropped();
    assertTrue(topic.firstOffset() > 2 && before > 0, () -> stats().toString());
    clock.advance(HOUR);
    receive();
    assertEquals(before + 1, stats().dropped());
    die();
    assertEquals(before + 2, stats().dropped(), "the other one was out");
  }

  @Test
  void aMessageThatBecameADeadLetterByItsAge() {
    open(hour());
    topic.group("g", config().build());
    send("a1", "b1");
    receive(1).get(0).nack(new Exception(), HOUR);
    clock.advance(HOUR);
    receive();
    settle();
    assertEquals(2, stats().expired());
    die();
    assertEquals(2, stats().expired());
    assertEquals(2, stats().dead());
    assertEquals(List.of("a1 expired", "b1 expired"), reasons());
  }

  @Test
  void aMessageThatWasCancelled() {
    open(TestStores.small());
    topic.group("g", config().build());
    topic.cancel(sendLate("a1"));
    assertEquals(1, stats().cancelled());
    die();
    assertEquals(1, stats().cancelled());
  }

  @Test
  void aMessageThatWasCancelledBeforeTheGroupCame() {
    open(TestStores.small());
    topic.cancel(sendLate("a1"));
    topic.group("g", config().build());
    assertEquals(1, stats().cancelled());
    die();
    assertEquals(1, stats().cancelled());
    reopen();
    assertEquals(1, stats().cancelled());
  }

  private Receipt sendLate(String text) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      return producer.send(message(text).delay(HOUR).build());
    }
  }

  @Test
  void aMessageThatADamagedTopicHasLost() {
    open(TestStores.small().retention(Retention.forever()));
    topic.group("g", config().build());
    send("a1", "b1", "c1", "d1");
    receive(2).get(0).nack(new Exception(), HOUR);
    engine.close();
    Path store = dir.resolve("store");
    SalvagedTopicTest.lose(store, "t", 0, 2);
    reopen();
    receive();
    assertEquals(1, stats().lost());
    die();
    assertEquals(1, stats().lost());
    clock.advance(HOUR);
    receive();
    assertEquals(2, stats().lost(), "the other one was in a slot");
    die();
    assertEquals(2, stats().lost());
  }
}
