package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.WatchedFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups on many topics: what opening them costs, and what they hold. */
class ManyGroupsTest {
  private static final int TOPICS = 40;
  private static final int GROUPS = 2;
  private static final int MAPS = 2; // of each topic of a group: its head and its slots

  @TempDir Path directory;

  private final Map<String, Integer> forces = new ConcurrentHashMap<>(); // of directories

  private void count(Call call) {
    if (call.kind() == Call.Kind.FORCE_DIRECTORY) {
      forces.merge(directory.relativize(Path.of(call.path().toString())).toString(), 1,
          Integer::sum);
    }
  }

  @BeforeEach
  void fill() {
    try (Engine engine = Engine.open(directory)) {
      for (int i = 0; i < TOPICS; i++) {
        Topic topic =
            engine.topic(
                "t" + i, TopicConfig.builder().durability(Durability.processCrash()).build());
        try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
          producer.send(Message.of("m".getBytes(StandardCharsets.UTF_8)));
        }
      }
      for (int i = 0; i < GROUPS; i++) {
        engine
            .group("g" + i, GroupConfig.defaults())
            .topics(engine.topics().toArray(new String[0]));
      }
    }
  }

  @Test
  void anOpeningForcesTheNamesOfEachStateOnce() throws InterruptedException {
    Path watched = new WatchedFileSystem(this::count).path(directory);
    try (Engine engine = Engine.open(watched)) {
      for (int i = 0; i < GROUPS; i++) {
        assertEquals(1, forces.get("groups/g" + i), forces::toString);
        for (int j = 0; j < TOPICS; j++) {
          assertEquals(1, forces.get("groups/g" + i + "/t" + j), forces::toString);
        }
        Group group = engine.group("g" + i);
        try (Consumer consumer = group.consumer("c")) {
          int received = 0;
          while (received < TOPICS) {
            var deliveries = consumer.receive(TOPICS, Duration.ofSeconds(30));
            deliveries.forEach(Delivery::ack);
            received += deliveries.size();
          }
        }
        assertEquals(0, group.lag().stream().mapToLong(GroupStats::unfinished).sum());
      }
    }
  }

  @Test
  void anIdleTopicOfAGroupTakesTwoMaps() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.exists(maps), "Linux says what is mapped");
    try (Engine engine = Engine.open(directory)) {
      assertEquals(GROUPS, engine.groups().size());
      String groups = directory.toRealPath().resolve("groups").toString();
      try (Stream<String> lines = Files.lines(maps)) {
        long count = lines.filter(line -> line.contains(groups)).count();
        assertTrue(count <= (long) GROUPS * TOPICS * MAPS, "maps of states: " + count);
        assertTrue(count > 0, "the states are mapped");
      }
    }
  }
}
