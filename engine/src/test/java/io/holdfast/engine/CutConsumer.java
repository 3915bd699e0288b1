package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A consumer in a process whose power is cut: it acks most of what it gets, tells failures of some,
 * rejects some where there are dead letters, and keeps some until its process dies.
 */
final class CutConsumer {
  private final Map<CutTopic, CutPipe> pipes;
  private final Group group;
  private final Random random;
  private final boolean strict;

  CutConsumer(Map<CutTopic, CutPipe> pipes, Group group, long seed) {
    this.pipes = pipes;
    this.group = group;
    this.random = new Random(seed);
    this.strict = group.name().equals(CutTopic.STRICT);
  }

  void run(AtomicReference<Throwable> failure) {
    try (Consumer consumer = group.consumer("c")) {
      while (failure.get() == null) {
        int most = 1 + random.nextInt(20);
        for (Delivery delivery : consumer.receive(most, Duration.ofSeconds(1))) {
          settle(delivery);
        }
      }
    }
  }

  private void settle(Delivery delivery) {
    HistoryPipe pipe = pipes.get(CutTopic.named(delivery.topic())).history();
    long offset = delivery.offset();
    Stamp stamp = Stamp.of(delivery.message().payload());
    pipe.got(group.name(), offset, delivery.attempt(), stamp);
    int choice = random.nextInt(100);
    if (choice < (strict ? 20 : 10)) {
      pipe.settles("FAILING", group.name(), offset);
      answered(delivery.nack(new IllegalStateException("on purpose")), "FAILED", delivery, pipe);
    } else if (choice < 35 && strict) {
      pipe.settles("REJECTING", group.name(), offset);
      answered(delivery.reject("on purpose"), "REJECTED", delivery, pipe);
    } else if (choice < 38) {
      delivery.release();
    } else if (choice < 98) {
      pipe.settles("ACKING", group.name(), offset);
      answered(delivery.ack(), "ACKED", delivery, pipe);
    } // else it stays out until this process dies
  }

  private void answered(Settled answer, String word, Delivery delivery, HistoryPipe pipe) {
    if (answer == Settled.DONE) {
      pipe.settles(word, group.name(), delivery.offset());
    } else {
      pipe.error(new IllegalStateException(word + " " + delivery + ": " + answer));
    }
  }
}
