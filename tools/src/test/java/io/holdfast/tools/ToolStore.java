package io.holdfast.tools;

import io.holdfast.engine.Backoff;
import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.agrona.concurrent.CachedEpochClock;

/** Stores that the tests of the tools look at, the same in every run but for salts and ids. */
final class ToolStore {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private ToolStore() {}

  static EngineConfig noon() {
    CachedEpochClock clock = new CachedEpochClock();
    clock.update(NOON.toEpochMilli());
    return EngineConfig.defaults().withClock(clock).withSeed(1);
  }

  /** Four orders, of which billing has acked one, failed one, rejected one, and holds none. */
  static Path orders(Path directory) {
    try (Engine engine = Engine.open(directory, noon())) {
      Topic orders = engine.topic("orders", TopicConfig.defaults());
      try (Producer producer = orders.producer(ProducerConfig.named("shop-1"))) {
        producer.send(
            order("{\"id\":1,\"customer\":\"c-42\"}", "c-42")
                .deliverAt(NOON)
                .timeToLive(Duration.ofDays(1))
                .build());
        producer.send(order("{\"id\":2,\"customer\":\"c-7\"}", "c-7").build());
        producer.send(order("no \u001b[31mJSON\n", "c-7").build());
        producer.send(Message.of(new byte[] {(byte) 0xff, 0, 1}));
      }
      GroupConfig config =
          GroupConfig.builder().backoff(Backoff.fixed(Duration.ofMinutes(1))).build();
      try (Consumer consumer = orders.group("billing", config).consumer("worker-1")) {
        List<Delivery> deliveries = consumer.receive(3, Duration.ZERO);
        deliveries.get(0).ack();
        deliveries.get(1).nack(new IllegalStateException("no such customer"));
        deliveries.get(2).reject("not JSON");
      }
    }
    return directory;
  }

  /** A topic whose first segment is sealed, so that it has its index: messages of 1,000 bytes. */
  static Path rolled(Path directory) {
    try (Engine engine = Engine.open(directory, noon())) {
      Topic topic = engine.topic("orders", TopicConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("shop-1"))) {
        for (int i = 0; i < 100; i++) {
          producer.send(Message.of(new byte[1_000]));
        }
      }
    }
    return directory;
  }

  private static Message.Builder order(String payload, String key) {
    return Message.builder(payload.getBytes(StandardCharsets.UTF_8))
        .key(key)
        .subject("orders.created")
        .header("type", "created");
  }

  static Path segment(Path store, String topic, long number) {
    return SegmentFiles.log(store.resolve("topics").resolve(topic), number);
  }

  /** Where the record of an offset stands. */
  static int position(Path segment, long offset) {
    try (SegmentScanner scanner = SegmentScanner.open(segment)) {
      scanner.begin();
      while (scanner.next()) {
        if (scanner.offset() == offset) {
          return scanner.position();
        }
      }
    }
    throw new IllegalArgumentException("no offset " + offset + " in " + segment);
  }

  static void flip(Path file, long position) {
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.seek(position);
      int found = content.read();
      content.seek(position);
      content.write(found ^ 0x20);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
