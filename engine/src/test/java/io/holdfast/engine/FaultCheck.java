package io.holdfast.engine;

import io.holdfast.storage.error.HoldfastException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens the store that a {@link FaultScript} left, on a file system that does not fail any more,
 * works through all of it and compares with what was answered.
 */
final class FaultCheck {
  private static final int ROUNDS = 500;

  private final TestClock clock = new TestClock();
  private final Engine engine; // closed by of()

  private FaultCheck(Path store) {
    engine = Engine.open(store, EngineConfig.defaults().withClock(clock));
    clock.advance(Duration.ofDays(1));
  }

  /**
   * Does it.
   *
   * @param store closed
   * @param ledgers of its topics
   * @param whole whether nothing was lost but the process
   * @return everything that is wrong
   */
  static List<String> of(Path store, List<FaultLedger> ledgers, boolean whole) {
    try {
      FaultCheck check = new FaultCheck(store);
      try (check.engine) {
        List<String> wrong = new ArrayList<>();
        for (FaultLedger ledger : ledgers) {
          wrong.addAll(ledger.judge(check.look(ledger), whole));
        }
        return wrong;
      }
    } catch (HoldfastException e) {
      return List.of("cannot be opened or used: " + e + " at " + List.of(e.getStackTrace()));
    }
  }

  private FaultLedger.Found look(FaultLedger ledger) {
    if (!engine.topics().contains(ledger.topic())) {
      return new FaultLedger.Found(List.of(), 0, 0, List.of(), List.of());
    }
    Topic topic = engine.topic(ledger.topic());
    long end = topic.endOffset();
    if (ledger.topic().equals("d")) {
      return new FaultLedger.Found(texts(topic), topic.firstOffset(), end, List.of(), List.of());
    }
    Group group = topic.group(FaultScript.GROUP, FaultScript.group());
    try (Producer producer = topic.producer(ProducerConfig.named("check"))) {
      for (int i = 0; i < 3; i++) { // offsets that a cut has given back are not born done
        String text = ledger.next();
        ledger.confirmed(text, producer.send(FaultScript.message(text, 10)).offset());
      }
    }
    List<Long> drained = drain(group, topic.name());
    return new FaultLedger.Found(
        texts(topic), topic.firstOffset(), end, drained, letters(topic.name()));
  }

  private static List<String> texts(Topic topic) {
    List<String> texts = new ArrayList<>();
    try (Reader reader = topic.reader(StartAt.earliest())) {
      while (reader.poll(view -> texts.add(view.header("text").orElseThrow()), 1_000) > 0) {
        // to the end
      }
    }
    return texts;
  }

  private List<Long> letters(String topic) {
    List<Long> offsets = new ArrayList<>();
    String name = topic + "." + FaultScript.GROUP + ".dlq";
    if (engine.topics().contains(name)) {
      try (Reader reader = engine.topic(name).reader(StartAt.earliest())) {
        MessageHandler note =
            view -> offsets.add(view.header("dlq.offset").map(Long::valueOf).orElseThrow());
        while (reader.poll(note, 1_000) > 0) {
          // to the end
        }
      }
    }
    return offsets;
  }

  /**
   * Acks everything that is left of one topic, and gives back what comes of another. Suspects of a
   * death come one at a time.
   */
  private List<Long> drain(Group group, String topic) {
    List<Long> offsets = new ArrayList<>();
    Consumer consumer = group.consumer("check");
    for (int i = 0; i < ROUNDS && unfinished(group, topic) > 0; i++) {
      clock.advance(Duration.ofSeconds(2));
      engine.tick();
      for (Delivery delivery : consumer.receive(100, Duration.ZERO)) {
        if (delivery.topic().equals(topic)) {
          offsets.add(delivery.offset());
          delivery.ack();
        } else {
          delivery.release(Duration.ofSeconds(1));
        }
      }
    }
    return offsets;
  }

  private static long unfinished(Group group, String topic) {
    Optional<GroupStats> stats =
        group.lag().stream().filter(each -> each.topic().equals(topic)).findFirst();
    return stats.orElseThrow().unfinished();
  }
}
