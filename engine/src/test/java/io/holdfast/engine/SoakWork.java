package io.holdfast.engine;

import io.holdfast.storage.Signal;
import io.holdfast.storage.error.OffsetDroppedException;
import io.holdfast.storage.history.Deliveries;
import io.holdfast.storage.history.Fault;
import io.holdfast.storage.history.History;
import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Stream;
import io.holdfast.storage.history.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the threads of a soak run do: each method is one lap of a thread, which opens what it needs
 * and closes it again, so that what a close leaves behind adds up.
 */
final class SoakWork {
  private static final int LAP = 5_000; // messages
  private static final int MOST_IN_BATCH = 50;
  private static final int LONGEST = 400; // bytes
  private static final int MOST_BEHIND = 10_000; // messages that are sent and not acked
  private static final int MOST_LAPS = 1_000; // what is not finished by then never will be
  private static final int SEEKS = 100;
  private static final int DROP_EVERY = 1_000; // acks
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final Duration WAIT = Duration.ofMillis(50);

  private final Topic topic;
  private final Group group;
  private final History history;
  private final Deliveries told;
  private final Stream streamed;
  private final Stream sought;
  private final Writer batches;
  private final Writer async;
  private final Random random; // the seeker's
  private final SoakPace pace;
  private final Semaphore room = new Semaphore(MOST_BEHIND);
  private final AtomicLong acks = new AtomicLong();
  private volatile long streamedTo; // the streaming reader writes, whoever drops reads
  private volatile long seeks; // the seeker writes

  SoakWork(Topic topic, Group group, History history, SoakPace pace, long seed) {
    this.topic = topic;
    this.group = group;
    this.history = history;
    this.told = history.group(group.name(), Deliveries.UNLIMITED);
    this.streamed = history.stream();
    this.sought = history.stream();
    this.batches = history.writer("batches", 0);
    this.async = history.writer("async", 0);
    this.random = new Random(seed);
    this.pace = pace;
  }

  private boolean makeRoom(int count) throws InterruptedException {
    pace.await(count);
    return room.tryAcquire(count, WAIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Message message(Writer writer, long sequence, Random random) {
    int length = Stamp.LEAST_LENGTH + random.nextInt(LONGEST);
    return Message.of(new Stamp(writer.number(), sequence).bytes(length));
  }

  void sendBatches(Random lengths) throws InterruptedException {
    try (Producer producer = topic.producer(ProducerConfig.named("batches"))) {
      for (int sent = 0; sent < LAP; ) {
        int count = 1 + lengths.nextInt(MOST_IN_BATCH);
        if (!makeRoom(count)) {
          return;
        }
        List<Message> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          messages.add(message(batches, batches.next() + i, lengths));
        }
        batches.sends(count);
        List<Receipt> receipts = producer.sendAll(messages); // small enough for one batch
        batches.confirmed(receipts.get(0).offset());
        sent += count;
      }
    }
  }

  void sendAsync(Random lengths) throws InterruptedException {
    try (Producer producer = topic.producer(ProducerConfig.named("async"))) {
      for (int sent = 0; sent < LAP; sent++) {
        if (!makeRoom(1)) {
          return;
        }
        Message message = message(async, async.next(), lengths);
        async.sends(1);
        producer.sendAsync(
            message,
            (receipt, error) -> {
              if (error == null) {
                async.confirmed(1, receipt.offset());
              } else {
                history.add(Fault.ERROR, "%s", error);
              }
            });
      }
    }
  }

  void consume(String name, Random choices) {
    try (Consumer consumer = group.consumer(name)) {
      for (int settled = 0; settled < LAP; ) {
        List<Delivery> deliveries = consumer.receive(200, WAIT);
        if (deliveries.isEmpty()) {
          return;
        }
        deliveries.forEach(delivery -> settle(delivery, choices.nextInt(500)));
        settled += deliveries.size();
      }
    }
  }

  private void settle(Delivery delivery, int choice) {
    long offset = delivery.offset();
    told.got(offset, delivery.attempt(), Stamp.of(delivery.message().payload()));
    if (choice == 0) {
      told.failing(offset);
      delivery.nack(new Exception("on purpose"));
    } else if (choice == 1) {
      delivery.release();
    } else {
      told.acking(offset);
      delivery.ack();
      told.acked(offset);
      room.release();
      if (acks.incrementAndGet() % DROP_EVERY == 0) {
        drop();
      }
    }
  }

  /** Retention: what the group has finished and the streaming reader has read. */
  private void drop() {
    long finished = Math.min(group.lag().get(0).lowWaterMark(), streamedTo);
    history.mayDrop(finished);
    history.dropped(topic.log().dropBefore(finished));
  }

  /** Reads everything in order. */
  void stream() throws InterruptedException {
    Signal more = new Signal();
    topic.log().addSignal(more);
    try (Reader reader = topic.reader(StartAt.offset(streamed.expected()))) {
      for (int seen = 0; seen < LAP; ) {
        long version = more.version();
        int count = reader.poll(view -> tell(streamed, view), 500);
        streamedTo = streamed.expected();
        if (count == 0 && !more.await(version, WAIT.toNanos())) {
          return;
        }
        seen += count;
      }
    } finally {
      topic.log().removeSignal(more);
    }
  }

  private static void tell(Stream stream, MessageView view) {
    Stamp stamp = Stamp.of(view.array(), view.payloadOffset(), view.payloadLength());
    stream.read(view.offset(), stamp);
  }

  /** Reads a little at any place that is kept. */
  void seek() throws InterruptedException {
    Signal never = new Signal();
    for (int i = 0; i < SEEKS; i++) {
      long first = topic.firstOffset();
      long to = first + (long) (random.nextDouble() * (topic.log().visibleEnd() - first));
      try (Reader reader = topic.reader(StartAt.offset(to))) {
        sought.startsAt(reader.offset());
        reader.poll(view -> tell(sought, view), 1 + random.nextInt(50));
        seeks++;
      } catch (OffsetDroppedException e) {
        if (to >= topic.firstOffset()) {
          throw e;
        }
      }
      never.await(never.version(), PAUSE_NANOS);
    }
  }

  /** When all writers have ended: finishes, and judges what is left. */
  void finish() throws InterruptedException {
    for (int i = 0; i < MOST_LAPS && group.lag().get(0).unfinished() > 0; i++) {
      consume("last", new Random(0));
    }
    for (int i = 0; i < MOST_LAPS && streamed.expected() < topic.endOffset(); i++) {
      stream();
    }
    streamed.ends(topic.endOffset());
    sought.settle();
    told.drained(topic.endOffset());
  }

  @Override
  public String toString() {
    return "%,d messages, %,d acked, %,d sought, %,d dropped"
        .formatted(topic.endOffset(), acks.get(), seeks, topic.firstOffset());
  }
}
