package io.holdfast.engine.fuzz;

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
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.fuzz.FuzzDisk;
import io.holdfast.storage.fuzz.FuzzStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.CachedEpochClock;

/**
 * The files of a small closed store with a group {@code g} on a topic {@code t}: of eight messages
 * one is done below the low-water mark and one above it, one is delayed, one was rejected.
 */
final class GroupFiles {
  static final GroupConfig GROUP =
      GroupConfig.builder().backoff(Backoff.fixed(Duration.ofMinutes(1))).build();

  private GroupFiles() {}

  static FuzzDisk disk() {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = Engine.open(FuzzStore.directory(disk), config())) {
      Topic topic =
          engine.topic(
              "t", TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4_096).build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 8; i++) {
          producer.send(Message.of(new byte[] {(byte) i}));
        }
      }
      try (Consumer consumer = topic.group("g", GROUP).consumer("c")) {
        List<Delivery> deliveries = consumer.receive(5, Duration.ZERO);
        deliveries.get(0).ack();
        deliveries.get(1).nack(new IllegalStateException("later"));
        deliveries.get(2).ack();
        deliveries.get(3).reject("never");
      }
    }
    Map<String, byte[]> files = FuzzStore.read(FuzzStore.directory(disk));
    files.keySet().removeIf(name -> name.equals("store.lock") || name.equals("store.owner"));
    return new FuzzDisk(files, "groups/");
  }

  static EngineConfig config() {
    CachedEpochClock clock = new CachedEpochClock();
    clock.update(2_000_000);
    return EngineConfig.defaults()
        .withClock(clock)
        .withSeed(1)
        .withCloseTimeout(Duration.ofSeconds(5));
  }
}
