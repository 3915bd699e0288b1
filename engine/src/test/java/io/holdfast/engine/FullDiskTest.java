package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.error.DiskFullException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system of 6 MiB that is filled by a file: what groups do when there is no room. */
class FullDiskTest {
  private static final byte[] FILLING = new byte[4096];

  @TempDir Path dir;
  private final TestClock clock = new TestClock();

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor() == 0;
  }

  private Path filler() {
    return dir.resolve("filler");
  }

  private void fill() {
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(FILLING);
      }
    } catch (IOException e) {
      assertEquals("No space left on device", e.getMessage());
    }
  }

  @Test
  void aFullDiskStopsFirstAttemptsAndDeadLettersAndLosesNothing() throws Exception {
    boolean mounted =
        Files.isExecutable(Path.of("/bin/mount"))
            && run("/bin/mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir.toString());
    if (!mounted) {
      System.out.println("FullDiskTest is skipped: it mounts a tmpfs, which takes root");
    }
    assumeTrue(mounted, "a tmpfs can be mounted");
    try {
      playOnAFullDisk();
    } finally {
      run("/bin/umount", dir.toString());
    }
  }

  private void playOnAFullDisk() throws IOException {
    EngineConfig engineConfig = EngineConfig.defaults().withClock(clock);
    try (Engine engine = Engine.open(dir.resolve("store"), engineConfig)) {
      Topic topic =
          engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        messages.add(message("m" + i));
      }
      topic.producer(ProducerConfig.named("p")).sendAll(messages);
      GroupConfig config = GroupConfig.builder().maxAttempts(1).build();
      Group group = topic.group("g", config);
      Consumer consumer = group.consumer("c");

      fill();
      assertThrows(DiskFullException.class, () -> consumer.receive(1, AT_ONCE), "no bitmap");
      assertEquals(300, group.lag().get(0).unfinished());

      Files.delete(filler());
      assertEquals(List.of("m0"), texts(consumer.receive(1, AT_ONCE)));
      fill();
      List<Delivery> got = new ArrayList<>(consumer.receive(1_000, AT_ONCE));
      assertEquals(127, got.size(), "the slots that are there are used");
      assertThrows(DiskFullException.class, () -> consumer.receive(1, AT_ONCE), "no slots");

      assertEquals(Settled.DONE, got.get(0).ack(), "settling needs no room");
      assertEquals(Settled.DONE, got.get(1).nack(new IllegalStateException("poison")));
      assertEquals(1, group.lag().get(0).dying(), "no room for a dead letter");
      assertEquals(List.of("m128"), texts(consumer.receive(1_000, AT_ONCE)));

      Files.delete(filler());
      clock.advance(Duration.ofSeconds(1));
      engine.tick();
      assertEquals(TestStores.stats("t", 0, 300, 298, 127, 0, 0, 1), TestStores.stats(group));
      assertEquals(171, consumer.receive(1_000, AT_ONCE).size());
    }
  }
}
