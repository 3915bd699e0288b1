package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.history.Fault;
import io.holdfast.storage.history.HistoryLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Many processes, one after the other on one store, each killed, and a judge in between. */
final class KillRun {
  private static final int LOOKS = 3; // one death in so many is looked at before the next life

  private static final long LONGEST_MILLIS = 8_000; // that a process works

  private final Path directory;
  private final Durability durability;
  private final Random random;
  private final KillJudge judge;
  private final HistoryLines lines;
  private final Map<String, Integer> deaths = new TreeMap<>(); // by how; the listener's, then ours
  private long recycled; // the listener's
  private CountDownLatch opening;
  private CountDownLatch ready;
  private String cut; // kind of the call before which the process ended itself, if it did

  KillRun(Path directory, Durability durability, long seed) {
    this.directory = directory;
    this.durability = durability;
    this.random = new Random(seed);
    KillPlan first = KillPlan.random(directory, durability, 0, new Random(seed));
    this.judge = new KillJudge(directory, first.topic());
    this.lines = new HistoryLines(judge.history(), this::line);
  }

  void run(int kills) throws IOException, InterruptedException {
    for (int generation = 0; generation < kills; generation++) {
      KillPlan plan = KillPlan.random(directory, durability, generation, random);
      try {
        runAndKill(plan);
        judge.died();
        if (random.nextInt(LOOKS) == 0) {
          judge.look();
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(plan + ": " + e.getMessage(), e);
      }
    }
    judge.finish();
  }

  private void runAndKill(KillPlan plan) throws IOException, InterruptedException {
    opening = new CountDownLatch(1);
    ready = new CountDownLatch(1);
    cut = null;
    Process child = KillChild.start(plan);
    KillPipe pipe = new KillPipe(child.getInputStream(), plan.bytes());
    Thread listener = new Thread(() -> listen(pipe));
    listener.start();
    boolean worked;
    try {
      if (plan.millis() >= 0) {
        await(opening);
        // A timed wait for an end that need not come: the moment of the kill.
        child.waitFor(plan.millis(), TimeUnit.MILLISECONDS);
      } else {
        await(ready);
        pipe.awaitEnough(LONGEST_MILLIS);
      }
      worked = ready.getCount() == 0;
    } finally {
      // Through the handle: Process.destroyForcibly would close the pipe with lines still in it.
      child.toHandle().destroyForcibly();
      child.waitFor();
      listener.join();
    }
    assertEquals(KillChild.KILLED, child.exitValue(), "the child should have been killed");
    deaths.merge(cut != null ? cut : worked ? "at work" : "in an opening", 1, Integer::sum);
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(60, TimeUnit.SECONDS), "the child did not begin");
  }

  private void listen(KillPipe pipe) {
    try {
      lines.readAll(pipe);
    } catch (IOException e) {
      judge.history().add(Fault.ERROR, "reading the child's lines: %s", e);
    } finally {
      opening.countDown();
      ready.countDown();
    }
  }

  private void line(String line) {
    String[] words = line.split(" ", 3);
    switch (words[0]) {
      case KillChild.OPENING -> opening.countDown();
      case KillChild.READY -> ready.countDown();
      case KillChild.RECYCLED -> recycled++;
      case KillOnce.CONFIRMED -> judge.once().confirmed(Long.parseLong(words[1]));
      case KillChild.CUT -> cut = words[2] + " before a " + words[1];
      case "ERROR" -> System.out.println(line); // the history has it
      default -> judge.history().add(Fault.ERROR, "an unknown line: %s", line);
    }
  }

  long acked() {
    return lines.acked();
  }

  long letters() {
    return judge.letters();
  }

  long expired() {
    return judge.expired();
  }

  long inOrder() {
    return judge.inOrder();
  }

  /** What was done. */
  String counts() {
    String what =
        "%s, %,d messages, %,d taken once, %,d confirmed, %,d acked, %,d in order,"
            + " %,d dead letters, %,d of them expired, %,d dropped, %,d files used again,"
            + " %,d violations";
    return what
        .formatted(
            deaths,
            judge.messages(),
            judge.once().messages(),
            lines.confirmed(),
            lines.acked(),
            judge.inOrder(),
            judge.letters(),
            judge.expired(),
            judge.dropped(),
            recycled,
            judge.history().faults());
  }
}
