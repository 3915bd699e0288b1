package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills a process that produces and consumes, at random moments, many times over on one store; the
 * confirmations that it gave before it died are held against what the store has in the end.
 */
class KillTest {
  @TempDir Path directory;

  private final KillHistory history = new KillHistory();

  @ParameterizedTest
  @CsvSource({"processCrash, 70", "powerLoss, 30"})
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aKillLosesNothingConfirmedAndRepeatsNothingAcked(String level, int defaultKills)
      throws Exception {
    Durability durability = Durability.parse(level);
    long seed = Long.getLong("holdfast.seed", System.nanoTime());
    int kills = Integer.getInteger("holdfast.kills", defaultKills);
    Random random = new Random(seed);
    for (int generation = 0; generation < kills; generation++) {
      runAndKill(durability, generation, random);
    }
    int acked = history.acknowledged();
    List<String> log = new ArrayList<>();
    try (Engine engine = Engine.open(directory)) {
      Topic topic = engine.topic("t", KillChild.topic(durability));
      readAll(topic, log);
      drain(topic, log.size());
      GroupStats stats = topic.group("g", KillChild.group()).lag().get(0);
      assertEquals(0, stats.unfinished(), "replay with -Dholdfast.seed=" + seed);
    }
    assertEquals(List.of(), history.judge(log), "replay with -Dholdfast.seed=" + seed);
    assertTrue(history.confirmed() > kills && acked > kills, "nothing happened");
    System.getLogger(KillTest.class.getName())
        .log(
            System.Logger.Level.INFO,
            "%s: %d kills, %d messages, %d confirmed and %d acked before a kill, seed %d"
                .formatted(level, kills, log.size(), history.confirmed(), acked, seed));
  }

  private void runAndKill(Durability durability, int generation, Random random)
      throws Exception {
    Process child = KillChild.start(directory, durability, generation, random.nextLong());
    CountDownLatch ready = new CountDownLatch(1);
    Thread listener = new Thread(() -> listen(child, ready));
    listener.start();
    try {
      assertTrue(ready.await(60, TimeUnit.SECONDS), "the child did not begin");
      // A timed wait for an end that does not come: the moment of the kill.
      child.waitFor(random.nextInt(250), TimeUnit.MILLISECONDS);
    } finally {
      // Through the handle: Process.destroyForcibly would close the pipe with lines still in it.
      child.toHandle().destroyForcibly();
      child.waitFor();
      listener.join();
    }
    assertEquals(128 + 9, child.exitValue(), "the child should have been killed");
  }

  private void listen(Process child, CountDownLatch ready) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("READY")) {
          ready.countDown();
        }
        history.line(line);
      }
    } catch (IOException e) {
      history.line("FAILED reading the child's lines: " + e);
    }
  }

  private static void readAll(Topic topic, List<String> log) {
    try (Reader reader = topic.reader(StartAt.earliest())) {
      while (reader.poll(view -> log.add(view.header("text").orElseThrow()), 1_000) > 0) {
        // until nothing more is visible
      }
    }
  }

  /** Takes what is left and acks it: whatever was acked before must not be among it. */
  private void drain(Topic topic, int size) throws Exception {
    try (Consumer consumer = topic.group("g", KillChild.group()).consumer("drain")) {
      while (consumer.group().lag().get(0).unfinished() > 0) {
        for (Delivery delivery : consumer.receive(500, Duration.ofSeconds(5))) {
          history.line(
              "GOT " + delivery.offset() + " " + delivery.attempt() + " "
                  + KillChild.text(delivery));
          assertTrue(delivery.offset() < size, "phantom offset " + delivery.offset());
          delivery.ack();
          history.line("ACKED " + delivery.offset());
        }
      }
    }
  }
}
