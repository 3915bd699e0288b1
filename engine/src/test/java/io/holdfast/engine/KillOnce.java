package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.history.HistoryPipe;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * The producer of a process that is killed that has each message taken once. Message n has sequence
 * n, an id made of n, or both, and stands at offset n: each life first sends what the one before
 * may have sent, and more, and goes on from there.
 */
final class KillOnce {
  static final String TOPIC = "once";
  /** Said of the highest message that is confirmed. */
  static final String CONFIRMED = "ONCE";

  private static final int AGAIN = 300; // messages that are sent again by the next life
  private static final int LONGEST = 2_000;
  private static final long PAUSE_NANOS = 2_000_000; // leaves others some of the machine

  private final Topic topic;
  private final HistoryPipe pipe;
  private final Random random;
  private long next;

  KillOnce(Engine engine, Durability durability, HistoryPipe pipe, long seed) {
    this.topic = engine.topic(TOPIC, config(durability));
    this.pipe = pipe;
    this.random = new Random(seed);
  }

  static TopicConfig config(Durability durability) {
    return TopicConfig.builder()
        .durability(durability)
        .maxMessageSize(10_000)
        .segmentSize(1 << 20)
        .retention(Retention.byCount(3_000)) // so that files go
        .dedupWindow(Duration.ofHours(1), 100_000)
        .build();
  }

  private Message message(long number) {
    int length = Long.BYTES + random.nextInt(LONGEST);
    Message.Builder message =
        Message.builder(ByteBuffer.allocate(length).putLong(number).array());
    if (number % 3 != 1) {
      message.sequence(number);
    }
    if (number % 3 != 0) {
      message.dedupId("id-" + number);
    }
    return message.build();
  }

  void send() {
    ProducerConfig config = ProducerConfig.builder("once").maxPendingMessages(100).build();
    try (Producer producer = topic.producer(config)) {
      next = Math.max(0, producer.lastSequence().orElse(0) - AGAIN);
      while (true) {
        for (int i = random.nextInt(5); i > 0; i--) {
          confirm(List.of(producer.send(message(next))));
        }
        List<Message> together = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
          together.add(message(next + together.size()));
        }
        confirm(producer.sendAll(together));
        List<CompletableFuture<Receipt>> sent = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
          sent.add(producer.sendAsync(message(next + sent.size())));
        }
        confirm(sent.stream().map(CompletableFuture::join).toList());
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void confirm(List<Receipt> receipts) {
    for (Receipt receipt : receipts) {
      assertEquals(next, receipt.offset(), () -> "message " + next + " at " + receipt);
      next++;
    }
    if (!receipts.isEmpty()) {
      pipe.say(CONFIRMED, "" + (next - 1));
    }
  }

  /** What the topic must be between two lives. For one thread. */
  static final class Judge {
    private long confirmed = -1; // the highest one
    private long read; // how far

    void confirmed(long number) {
      confirmed = Math.max(confirmed, number);
    }

    long messages() {
      return read;
    }

    void look(Engine engine) {
      if (!engine.topics().contains(TOPIC)) {
        return;
      }
      Topic topic = engine.topic(TOPIC);
      assertTrue(topic.endOffset() > confirmed, () -> "message " + confirmed + " is lost");
      read = Math.max(read, topic.firstOffset());
      try (Reader reader = topic.reader(StartAt.offset(read))) {
        while (reader.poll(this::read, 1_000) > 0) {
          // to the end
        }
      }
    }

    private void read(MessageView view) {
      long number = ByteBuffer.wrap(view.toMessage().payload()).getLong();
      assertEquals(view.offset(), number, "a message was taken twice, or swallowed");
      read = view.offset() + 1;
    }
  }
}
