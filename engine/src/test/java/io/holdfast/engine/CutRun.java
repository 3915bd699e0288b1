package io.holdfast.engine;

import io.holdfast.engine.check.GroupCheck;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.kernel.LoopDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Many power cuts on one store, each of which ends a process, and what was wrong after them. */
final class CutRun {
  private static final int FEWEST_LINES = 100; // that a life says of its work
  private static final int MOST_LINES = 1_500;
  private static final int LONGEST_OPENING = 600; // milliseconds

  private final LoopDisk disk;
  private final Path store;
  private final Random random;
  private final Map<CutTopic, CutJudge> judges = new EnumMap<>(CutTopic.class);
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private int generation;
  private int cutOpenings;
  private boolean isThere; // whether a process has had the store open

  CutRun(LoopDisk disk, long seed) {
    this.disk = disk;
    this.store = disk.root().resolve("store");
    this.random = new Random(seed);
    for (CutTopic topic : CutTopic.values()) {
      judges.put(topic, new CutJudge(topic));
    }
  }

  /** One life and its end: in the middle of its work, or at any moment before that. */
  void cut() throws Exception {
    boolean opens = generation != 1 && random.nextInt(4) == 0;
    int lines = FEWEST_LINES + random.nextInt(MOST_LINES - FEWEST_LINES);
    CutDownLife life = new CutDownLife(generation, lines);
    try {
      if (opens) {
        // A timed wait for an end that does not come: the moment of the cut.
        life.process.waitFor(random.nextInt(LONGEST_OPENING), TimeUnit.MILLISECONDS);
      } else if (!life.worked.await(120, TimeUnit.SECONDS)) {
        wrong.add("generation %d hangs".formatted(generation));
      }
      if (!life.process.isAlive()) {
        wrong.add("generation %d ended by itself".formatted(generation));
      }
      generation++;
    } finally {
      disk.cut(life.process.toHandle(), random);
      life.listener.join();
    }
    boolean ready = life.ready.getCount() == 0;
    cutOpenings += ready ? 0 : 1;
    isThere |= ready;
    if (isThere) {
      verify();
    }
  }

  /** A cut damages nothing: what was not forced is cut off, and that is all there is to say. */
  private void verify() {
    StoreView view = StoreView.open(store);
    List<Finding> findings = new ArrayList<>(GroupCheck.of(view));
    StoreVerifier.verify(view, view.topics(), report -> findings.addAll(report.findings()))
        .findings()
        .forEach(findings::add);
    for (Finding finding : findings) {
      if (finding.severity() == Finding.Severity.DAMAGE) {
        wrong.add("cut %d: %s".formatted(generation, finding));
      }
    }
  }

  /** The last life: the groups get what is left, and everything is read once more. */
  void drain() throws Exception {
    CutDownLife life = new CutDownLife(-1, 0);
    try {
      if (!life.process.waitFor(2, TimeUnit.MINUTES)) {
        wrong.add("the groups did not get through");
      }
    } finally {
      life.process.destroyForcibly();
      life.listener.join();
    }
    if (life.process.exitValue() != 0) {
      wrong.add("the last process ended with " + life.process.exitValue());
    }
    verify();
  }

  /** A process and what it says. */
  private final class CutDownLife {
    private final Process process;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch worked; // lines left to be said of its work
    private final Thread listener = new Thread(this::listen);

    CutDownLife(int number, int lines) throws IOException {
      worked = new CountDownLatch(lines);
      long letters = judges.get(CutTopic.POWER).lettersEnd();
      process = CutChild.start(store, number, random.nextLong(), letters);
      listener.start();
    }

    private void listen() {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
        StringBuilder line = new StringBuilder();
        for (int next = lines.read(); next >= 0; next = lines.read()) {
          if (next == '\n') {
            line(line.toString());
            line.setLength(0);
          } else {
            line.append((char) next);
          }
        }
      } catch (IOException e) {
        wrong.add("reading what the process says: " + e);
      }
    }

    private void line(String line) {
      int space = line.indexOf(' ');
      if (line.equals("READY")) {
        ready.countDown();
      } else if (line.startsWith("ERROR")) {
        wrong.add(line);
      } else {
        judges.get(CutTopic.named(line.substring(0, space))).line(line.substring(space + 1));
        if (ready.getCount() == 0) {
          worked.countDown();
        }
      }
    }
  }

  /** Everything that is wrong, a line each. */
  String violations() {
    List<String> all = new ArrayList<>(wrong);
    for (CutJudge judge : judges.values()) {
      judge.history().violations().forEach(found -> all.add(judge.topic() + ": " + found));
    }
    return String.join("\n", all);
  }

  long confirmed() {
    return judges.values().stream().mapToLong(CutJudge::confirmed).sum();
  }

  @Override
  public String toString() {
    long faults = judges.values().stream().mapToLong(judge -> judge.history().faults()).sum();
    return "%,d cuts, %,d of them before it worked, %,d confirmed, %,d acked, %,d dead letters,"
        .formatted(
            generation,
            cutOpenings,
            confirmed(),
            judges.values().stream().mapToLong(CutJudge::acked).sum(),
            judges.get(CutTopic.POWER).lettersRead())
        + " %,d runs of pages let through, %,d violations"
            .formatted(disk.written(), wrong.size() + faults);
  }
}
