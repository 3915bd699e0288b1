package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A step that consumes, produces and acks in one transaction, in pull and in handler style. */
class ProcessTest extends HandlerFixture {
  private Group group;
  private Topic out;

  @BeforeEach
  void openGroup() {
    engine.close();
    open(EngineConfig.defaults().withClock(clock).withMaxTransactionBytes(1 << 16));
    group = topic.group("g", config().build());
    out = engine.topic("out", TestStores.small().build());
  }

  private List<String> read() {
    List<String> texts = new ArrayList<>();
    engine.tick(); // forces what was sent in transactions
    try (Reader reader = out.reader(StartAt.earliest())) {
      while (reader.poll(view -> texts.add(new String(view.toMessage().payload())), 100) > 0) {
        // to the end
      }
    }
    return texts;
  }

  private static List<Output> twice(Delivery delivery) {
    String text = text(delivery);
    return List.of(Output.to("out", message(text + "1")), Output.to("out", message(text + "2")));
  }

  private int pull(ProcessStep step) {
    try (Consumer consumer = group.consumer("c")) {
      return consumer.process(10, Duration.ZERO, step);
    }
  }

  @Test
  void pullingCommitsWhatWasReceivedTogether() {
    send("a", "b");
    assertEquals(2, pull(ProcessTest::twice));
    assertEquals(List.of("a1", "a2", "b1", "b2"), read());
    assertEquals(0, TestStores.stats(group).unfinished());
    assertEquals(0, pull(ProcessTest::twice));
  }

  @Test
  void aMessageWithoutOutputsIsAcked() {
    send("a");
    assertEquals(1, pull(delivery -> List.of()));
    assertEquals(0, TestStores.stats(group).unfinished());
  }

  @Test
  void whatTheStepThrowsForIsNackedAndTheOthersAreCommitted() {
    send("a", "bad", "c");
    assertEquals(
        2,
        pull(
            delivery -> {
              if (text(delivery).equals("bad")) {
                throw new IllegalStateException("no stock");
              }
              return twice(delivery);
            }));
    assertEquals(List.of("a1", "a2", "c1", "c2"), read());
    assertEquals(1, TestStores.stats(group).retrying());
    clock.advance(Duration.ofSeconds(1));
    assertEquals(
        1,
        pull(
            delivery -> {
              assertTrue(delivery.lastError().orElseThrow().contains("no stock"));
              return List.of();
            }));
  }

  @Test
  void outputsThatCannotBeSentAreTheStepsFault() {
    send("a", "b", "c");
    byte[] tooLarge = new byte[5_000];
    assertEquals(
        1,
        pull(
            delivery ->
                switch (text(delivery)) {
                  case "a" -> List.of(Output.to("nowhere", message("x")));
                  case "b" -> List.of(
                      Output.to("out", message("b")), Output.to("out", Message.of(tooLarge)));
                  default -> twice(delivery);
                }));
    assertEquals(List.of("c1", "c2"), read());
    assertEquals(2, TestStores.stats(group).retrying());
  }

  @Test
  void whatDoesNotFitIntoOneTransactionTakesSeveral() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add("m" + i);
    }
    send(all.toArray(String[]::new));
    byte[] large = new byte[4_000];
    int done =
        pull(
            delivery -> {
              int count = text(delivery).equals("m3") ? 100 : 7; // 100 do not fit at all
              List<Output> outputs = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                outputs.add(Output.to("out", Message.of(large)));
              }
              return outputs;
            });
    assertEquals(9, done);
    assertEquals(63, out.endOffset());
    assertEquals(1, TestStores.stats(group).retrying());
  }

  @Test
  void whereALeaseIsLostTheOthersAreCommittedAllTheSame() {
    send("a", "b", "c");
    assertEquals(
        2,
        pull(
            delivery -> {
              if (text(delivery).equals("b")) {
                delivery.release(Duration.ofSeconds(1)); // as if it had run out
              }
              return twice(delivery);
            }));
    assertEquals(List.of("a1", "a2", "c1", "c2"), read());
    clock.advance(Duration.ofSeconds(1));
    assertEquals(1, pull(ProcessTest::twice));
    assertEquals(List.of("a1", "a2", "c1", "c2", "b1", "b2"), read());
  }

  @Test
  void whatCannotBeCommittedIsGivenBackUncounted() {
    Topic full =
        engine.topic("full", TestStores.small().maxMessages(1).onFull(OnFull.reject()).build());
    full.group("h", GroupConfig.defaults());
    engine.transaction().send(full, message("x")).commit();
    send("a");
    assertThrows(
        TopicFullException.class,
        () -> pull(delivery -> List.of(Output.to("full", message("y")))));
    assertEquals(0, TestStores.stats(group).inFlight());
    assertEquals(
        1,
        pull(
            delivery -> {
              assertEquals(2, delivery.attempt());
              assertFalse(delivery.lastError().isPresent());
              return List.of();
            }));
  }

  @Test
  void handlersCommitEachMessage() throws Exception {
    Subscription subscription =
        group.process(
            delivery -> {
              events.add(text(delivery) + " " + delivery.attempt());
              if (text(delivery).equals("bad") && delivery.attempt() == 1) {
                throw new IllegalStateException("no stock");
              }
              return twice(delivery);
            },
            SubscribeConfig.concurrency(1));
    send("a", "bad");
    await("a 1");
    await("bad 1");
    awaitRetrying();
    clock.advance(Duration.ofSeconds(1));
    engine.tick();
    await("bad 2");
    subscription.close();
    assertEquals(List.of("a1", "a2", "bad1", "bad2"), read());
    assertEquals(0, TestStores.stats(group).unfinished());
  }

  private void awaitRetrying() throws InterruptedException {
    Eventually.holds(
        () -> TestStores.stats(group).retrying() == 1, () -> "the nack should have come");
  }
}
