package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The producers of one topic in a process whose power is cut: one sends message by message, one in
 * batches, one without waiting. They say what they send before, and each confirmation behind it.
 */
final class CutProducers {
  /** Writers of one process: three of each topic, with room for more. */
  static final int WRITERS = 10;

  private static final int MOST_KEPT = 2_000; // messages that wait for the groups
  private static final long A_MOMENT = 1_000_000; // nanoseconds

  private final Topic topic;
  private final HistoryPipe pipe;
  private final int generation;
  private final AtomicReference<Throwable> failure;

  CutProducers(
      Topic topic, CutPipe pipe, int generation, AtomicReference<Throwable> failure) {
    this.topic = topic;
    this.pipe = pipe.history();
    this.generation = generation;
    this.failure = failure;
  }

  void addWork(int writer, Random random, Consumer<CutChild.Work> begin) {
    long seed = random.nextLong();
    begin.accept(() -> send(writer, new Random(seed)));
    begin.accept(() -> sendBatches(writer + 1, new Random(seed + 1)));
    begin.accept(() -> sendAsync(writer + 2, new Random(seed + 2)));
  }

  private boolean goesOn() {
    while (topic.endOffset() - topic.firstOffset() > MOST_KEPT && failure.get() == null) {
      LockSupport.parkNanos(A_MOMENT);
    }
    return failure.get() == null;
  }

  private Producer producer(int writer, String name) {
    pipe.writer(writer, topic.name() + "-" + name, generation);
    return topic.producer(ProducerConfig.named(name));
  }

  private static Message message(int writer, long sequence, int longest, Random random) {
    int length = Stamp.LEAST_LENGTH + random.nextInt(longest);
    return Message.of(new Stamp(writer, sequence).bytes(length));
  }

  private void send(int writer, Random random) {
    try (Producer producer = producer(writer, "sync")) {
      for (long i = 0; goesOn(); i++) {
        pipe.sends(writer, 1);
        Receipt receipt = producer.send(message(writer, i, 3_000, random));
        pipe.confirmed(writer, 1, receipt.offset());
      }
    }
  }

  private void sendBatches(int writer, Random random) {
    try (Producer producer = producer(writer, "batches")) {
      long next = 0;
      while (goesOn()) {
        List<Message> batch = new ArrayList<>();
        for (int left = 1 + random.nextInt(8); left > 0; left--) {
          batch.add(message(writer, next++, 15_000, random));
        }
        pipe.sends(writer, batch.size());
        for (Receipt receipt : producer.sendAll(batch)) {
          pipe.confirmed(writer, 1, receipt.offset());
        }
      }
    }
  }

  private void sendAsync(int writer, Random random) {
    ProducerConfig config = ProducerConfig.builder("async").maxPendingMessages(50).build();
    pipe.writer(writer, topic.name() + "-async", generation);
    try (Producer producer = topic.producer(config)) {
      for (long i = 0; goesOn(); i++) {
        pipe.sends(writer, 1);
        producer.sendAsync(
            message(writer, i, 100, random),
            (receipt, error) -> {
              if (error == null) {
                pipe.confirmed(writer, 1, receipt.offset());
              } else {
                failure.compareAndSet(null, error);
                pipe.error(error);
              }
            });
      }
    }
  }
}
