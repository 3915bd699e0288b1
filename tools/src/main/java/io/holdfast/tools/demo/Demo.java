package io.holdfast.tools.demo;

import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.NotAStoreException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.JvmFlags;
import io.holdfast.tools.ToolCommand;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast demo}: the whole life of messages on real input, a kill in the middle. */
@Command(
    name = "demo",
    description = {
      "Show the whole life of messages on real input, in well under a minute.",
      "Webhook events are published to a topic, two groups consume them, one in the order of",
      "their keys, one with retries and dead letters; in the middle the process that does all",
      "this is killed with SIGKILL. Another one goes on, and sends some dead letters back. Then",
      "a message kills each process that it is handed to, until it is found. One message comes",
      "later, one expires, and a group is moved back in time. At the end the store is held",
      "against a record that was kept outside it; the exit code is 1 when they differ.",
      "It needs some 200 MB of disk. The store stays, so that you can look at it.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast demo",
      "  holdfast demo --dir data/demo",
    })
public final class Demo extends ToolCommand {
  private static final int BURST_ROUNDS = 60;
  private static final int STEADY_ROUNDS = 15;
  private static final int STEADY_RATE = 1_000;
  private static final int MOST_DEATHS = 12; // of one message: more than twice what it takes
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long PROGRESS_NANOS = Duration.ofMillis(1_000).toNanos();

  @Option(
      names = "--dir",
      paramLabel = "D",
      description = "Where the store is made, missing or empty; else a temporary directory.")
  private Path given;

  private final int burstRounds;
  private final int steadyRounds;
  private final DemoEvents events = DemoEvents.load();
  private DemoReport report;
  private DemoRecord record;
  private DemoPlan plan;
  private long lastProgress;

  /** Picocli makes it. */
  public Demo() {
    this(BURST_ROUNDS, STEADY_ROUNDS);
  }

  /** A shorter one, for tests. */
  Demo(int burstRounds, int steadyRounds) {
    this.burstRounds = burstRounds;
    this.steadyRounds = steadyRounds;
  }

  @Override
  public Integer call() throws IOException {
    JvmFlags.check();
    long begin = System.nanoTime();
    long burst = (long) burstRounds * events.size();
    long total = burst + (long) steadyRounds * events.size();
    plan = new DemoPlan(directory(), burst, total, STEADY_RATE);
    report = new DemoReport(terminal(), json(), plan, events);
    record = new DemoRecord(burst, events);
    report.intro();
    firstWorker();
    secondWorker();
    poisonWorkers();
    timeWorkers();
    DemoCheck check = DemoCheck.run(plan, events, record);
    report.summary(record, check, (System.nanoTime() - begin) / 1e9);
    return check.holds() ? 0 : 1;
  }

  private Path directory() throws IOException {
    if (given == null) {
      return Files.createTempDirectory("holdfast-demo-");
    }
    if (Files.isDirectory(given)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(given)) {
        if (entries.iterator().hasNext()) {
          throw new NotAStoreException(
              given + ": expected a directory that is missing or empty, found files in it");
        }
      }
    } else if (Files.exists(given)) {
      throw new NotAStoreException(given + ": expected a directory, found a file");
    }
    DurableFiles.makeDirectories(given); // here, where it fails with one line
    return given;
  }

  /** Publishes and consumes until audit is nearly half through the burst; then it is killed. */
  private void firstWorker() throws IOException {
    lastProgress = System.nanoTime();
    report.heading("1  A process publishes and consumes, as fast as it can");
    long enough = plan.burst() * 2 / 5;
    boolean killed = false;
    try (WorkerProcess worker = WorkerProcess.start(DemoWorker.class, plan, LIMIT)) {
      for (String line = worker.nextLine(); line != null; line = worker.nextLine()) {
        take(line);
        if (!killed && record.group(DemoPlan.AUDIT).acked().cardinality() >= enough) {
          worker.kill();
          killed = true;
        }
      }
    }
    if (!killed || record.finished()) {
      throw new HoldfastException("the first process ended before it could be killed");
    }
    report.killed(record);
  }

  private void secondWorker() throws IOException {
    report.heading("3  Another process goes on, and then publishes at a steady rate");
    lastProgress = System.nanoTime();
    try (WorkerProcess worker = WorkerProcess.start(DemoWorker.class, plan, LIMIT)) {
      for (String line = worker.nextLine(); line != null; line = worker.nextLine()) {
        take(line);
        if (line.startsWith("opened")) {
          report.goesOn(record);
        } else if (line.equals("redriving")) {
          report.redriving(record);
        }
      }
    }
    if (!record.finished()) {
      throw new HoldfastException("the second process ended before its work was done");
    }
    report.redriven(record);
  }

  /** One message kills one process after the other, until it is found. */
  private void poisonWorkers() throws IOException {
    report.poison();
    PoisonRecord poison = record.poison();
    while (!poison.finished()) {
      try (WorkerProcess worker = WorkerProcess.start(PoisonWorker.class, plan, LIMIT)) {
        for (String line = worker.nextLine(); line != null; line = worker.nextLine()) {
          poison.take(line);
        }
      }
      if (!poison.finished()) {
        poison.died();
        report.died(poison);
      }
      if (poison.deaths() > MOST_DEATHS) {
        throw new HoldfastException("the message that kills its process was not found");
      }
    }
    report.found(poison);
  }

  /** One process sends and is killed, the next one handles what was sent. */
  private void timeWorkers() throws IOException {
    report.time();
    TimeRecord time = record.time();
    for (int life = 0; life < 2; life++) {
      try (WorkerProcess worker = WorkerProcess.start(TimeWorker.class, plan, LIMIT)) {
        for (String line = worker.nextLine(); line != null; line = worker.nextLine()) {
          time.take(line);
        }
      }
      if (life == 0) {
        report.timeKilled(time);
      }
    }
    if (!time.finished()) {
      throw new HoldfastException("the process with the reminders ended before its work was done");
    }
    report.timeOver(time);
  }

  private void take(String line) {
    long now = System.nanoTime();
    record.take(line, now);
    boolean begun = !record.sent().isEmpty();
    if (begun && now - lastProgress > PROGRESS_NANOS) {
      lastProgress = now;
      report.progress(record);
    }
  }
}
