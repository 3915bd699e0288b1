package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.MemoryTempDir;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A message whose handler ends the JVM, again and again, while others are at work. {@link
 * SuspectsTest} has who is blamed in each case, without processes.
 */
class PoisonTest {
  static final String GROUP = "g";
  static final String POISON = "m17";
  static final int HANDLERS = 4;

  private static final int MESSAGES = 50;
  private static final int MAX_ATTEMPTS = 3;
  /** The first death makes suspects, each of the others counts; a few to spare. */
  private static final int MOST_STARTS = HANDLERS + MAX_ATTEMPTS;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final Set<String> acked = new TreeSet<>();
  private final List<String> blamed = new ArrayList<>();
  private final List<Integer> out = new ArrayList<>(); // beside the poison, by death

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aMessageThatKillsItsProcessIsFoundAndItsNeighboursAreHandled() throws Exception {
    send();
    int deaths = 0;
    while (run() == PoisonChild.CRASHED) {
      deaths++;
      assertTrue(deaths < MOST_STARTS, "the poison message was not found");
    }
    assertEquals(1 + MAX_ATTEMPTS, deaths, "one that makes suspects, and those that count");
    assertEquals(HANDLERS - 1, out.get(0), "neighbours were out");
    assertEquals(List.of(), blamed);
    Set<String> others = new TreeSet<>();
    for (int i = 0; i < MESSAGES; i++) {
      others.add("m" + i);
    }
    others.remove(POISON);
    assertEquals(others, acked);
    assertEquals(List.of(POISON + ": crash, failures " + MAX_ATTEMPTS), letters());
  }

  private void send() {
    try (Engine engine = Engine.open(directory)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      topic.group(
          GROUP,
          GroupConfig.builder()
              .maxAttempts(MAX_ATTEMPTS)
              .backoff(Backoff.fixed(Duration.ofMillis(1)))
              .build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < MESSAGES; i++) {
          producer.send(TestStores.message("m" + i));
        }
      }
    }
  }

  /** Runs a process to its end; returns how it ended. */
  private int run() throws IOException, InterruptedException {
    Process child = PoisonChild.start(directory);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line.split(" ", 3));
      }
      int code = child.waitFor();
      assertTrue(code == 0 || code == PoisonChild.CRASHED, () -> "ended with " + code);
      return code;
    } finally {
      child.destroyForcibly();
    }
  }

  private void take(String[] words) {
    switch (words[0]) {
      case "got" -> {
        if (!words[1].equals(POISON) && !words[2].equals("unblamed")) {
          blamed.add(words[1] + ": " + words[2]);
        }
      }
      case "acked" -> assertTrue(acked.add(words[1]), () -> words[1] + " was acked before");
      case "dies" -> out.add(Integer.valueOf(words[1]));
      default -> throw new AssertionError(String.join(" ", words));
    }
  }

  private List<String> letters() {
    List<String> letters = new ArrayList<>();
    try (Engine engine = Engine.open(directory);
        Reader reader = engine.topic("t." + GROUP + ".dlq").reader(StartAt.earliest())) {
      reader.poll(
          letter ->
              letters.add(
                  new String(letter.toMessage().payload(), StandardCharsets.UTF_8)
                      + ": " + letter.header("dlq.reason").orElseThrow()
                      + ", failures " + letter.header("dlq.failures").orElseThrow()),
          10);
      assertEquals(0, engine.group(GROUP).lag().get(0).unfinished());
    }
    return letters;
  }
}
