package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import io.holdfast.storage.MemoryTempDir;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline of three stages is killed many times, at random moments and at the steps of commits:
 * in the end each message that went in has come out exactly once.
 *
 * <p>{@code -Dholdfast.pipeline.kills=n} kills so often, {@code -Dholdfast.pipeline.seed=n} replays
 * the plan of a run, though not its moments.
 */
class PipelineKillTest {
  private static final int MOST_STEPS = 400;
  private static final int LONGEST_OPENING = 120; // milliseconds
  private static final int LONGEST_WORK = 400; // milliseconds

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final int kills = Integer.getInteger("holdfast.pipeline.kills", 10);
  private final long seed = Long.getLong("holdfast.pipeline.seed", System.nanoTime() % 1_000_000);
  private final Map<String, Integer> deaths = new TreeMap<>();

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void whatGoesInComesOutExactlyOnce() throws Exception {
    Random random = new Random(seed);
    for (int kill = 0; kill < kills; kill++) {
      runAndKill(random);
    }
    long in;
    try (Engine engine = PipelineChild.open(directory)) {
      List<Subscription> running = PipelineChild.begin(engine);
      in = engine.topic(PipelineChild.IN).endOffset();
      Eventually.holds(
          () -> engine.topic(PipelineChild.OUT).endOffset() >= 2 * in,
          () -> engine.topic(PipelineChild.OUT).endOffset() + " of " + 2 * in + " came out");
      running.forEach(Subscription::close);
      check(engine, in);
    }
    System.out.printf(
        "PipelineKillTest: %,d kills %s, %,d messages in, %,d out;"
            + " -Dholdfast.pipeline.kills=%d -Dholdfast.pipeline.seed=%d%n",
        kills, deaths, in, 2 * in, kills, seed);
  }

  private void runAndKill(Random random) throws IOException, InterruptedException {
    int how = random.nextInt(10);
    long steps = how < 5 ? 1 + random.nextInt(MOST_STEPS) : 0;
    Process child = PipelineChild.start(directory, steps);
    String last = null;
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      assertEquals(PipelineChild.OPENING, said.readLine());
      if (how == 9) {
        // A timed wait for an end that does not come: the moment of the kill.
        child.waitFor(random.nextInt(LONGEST_OPENING), TimeUnit.MILLISECONDS);
        last = "in an opening";
      } else {
        assertEquals(PipelineChild.READY, said.readLine());
        last = steps > 0 ? said.readLine() : "at work";
        if (steps == 0) {
          child.waitFor(random.nextInt(LONGEST_WORK), TimeUnit.MILLISECONDS);
        }
      }
    } finally {
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
    assertEquals(KillChild.KILLED, child.exitValue(), "the child should have been killed");
    deaths.merge(last, 1, Integer::sum);
  }

  private static void check(Engine engine, long in) {
    Map<String, Integer> found = new HashMap<>();
    try (Reader reader = engine.topic(PipelineChild.OUT).reader(StartAt.earliest())) {
      while (reader.poll(
              view -> found.merge(new String(view.toMessage().payload(), UTF_8), 1, Integer::sum),
              1_000)
          > 0) {
        // to the end
      }
    }
    for (long i = 0; i < in; i++) {
      assertEquals(1, found.remove(i + "a"), i + "a");
      assertEquals(1, found.remove(i + "b"), i + "b");
    }
    assertTrue(found.isEmpty(), found::toString);
  }
}
