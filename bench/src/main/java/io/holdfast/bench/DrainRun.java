package io.holdfast.bench;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Settled;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The drain of {@code bench/bin/drain}: a backlog many times as large as the heap is worked off to
 * its end, and each message is checked.
 */
public final class DrainRun {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int BATCH = 1024;
  private static final int LINES = 10; // of progress in each half
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final DrainOptions options;
  private final PrintStream out;

  private DrainRun(DrainOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Runs once and ends the JVM with 0, or 1 when the run failed, or 2 for wrong options.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    if (List.of(args).contains("--help")) {
      out.println(DrainOptions.USAGE);
      return PASSED;
    }
    try {
      DrainOptions options = DrainOptions.parse(args);
      WorkDirectory.checkRoom(options.directory(), options.diskBytes(), "take fewer --messages");
      try (WorkDirectory directory = new WorkDirectory(options.directory())) {
        return new DrainRun(options, out).run(directory.path());
      }
    } catch (UsageException e) {
      err.println("drain: " + e.getMessage());
      return USAGE;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      out.println("FAILED: " + e);
      return FAILED;
    }
  }

  private int run(Path directory) throws IOException {
    try (Engine engine = Engine.open(directory)) {
      fill(topic(engine));
    }
    long start = System.nanoTime();
    try (Engine engine = Engine.open(directory)) {
      out.printf("opened in %,d ms%n", (System.nanoTime() - start) / 1_000_000);
      Topic topic = topic(engine);
      Group group = topic.group("group", GroupConfig.defaults());
      Faults faults = drain(group);
      long left = group.lag().get(0).unfinished();
      boolean passed = faults.none() && left == 0;
      out.printf(
          "%s: %,d messages of %d bytes, %,d not finished, %s; %s%n",
          passed ? "passed" : "FAILED",
          options.messages(),
          options.payload(),
          left,
          faults,
          ProcessMemory.now());
      return passed ? PASSED : FAILED;
    }
  }

  private static Topic topic(Engine engine) {
    return engine.topic(
        "backlog", TopicConfig.builder().durability(Durability.processCrash()).build());
  }

  private void fill(Topic topic) throws IOException {
    Payload payload = new Payload(options.payload());
    List<Message> batch = new ArrayList<>(BATCH);
    try (Producer producer = topic.producer(ProducerConfig.named("sender"))) {
      for (int sent = 0; sent < options.messages(); ) {
        payload.number(sent);
        batch.add(Message.of(payload.bytes().clone()));
        sent++;
        if (batch.size() == BATCH || sent == options.messages()) {
          producer.sendAll(batch);
          progress("sent", sent - batch.size(), sent);
          batch.clear();
        }
      }
    }
  }

  private Faults drain(Group group) throws IOException {
    Checker checker = new Checker(options.payload());
    try (Consumer consumer = group.consumer("receiver")) {
      for (int acked = 0; acked < options.messages(); ) {
        List<Delivery> deliveries = consumer.receive(BATCH, PATIENCE);
        if (deliveries.isEmpty()) {
          break; // the checker and the group say what is missing
        }
        for (Delivery delivery : deliveries) {
          byte[] payload = delivery.message().payload();
          checker.check(payload, 0, payload.length);
          if (delivery.ack() != Settled.DONE) {
            throw new IllegalStateException(delivery + ": expected the ack to be DONE");
          }
        }
        progress("acked", acked, acked + deliveries.size());
        acked += deliveries.size();
      }
    }
    return checker.faults(options.messages());
  }

  /** A line each time that a tenth is done. */
  private void progress(String what, long from, long to) throws IOException {
    long part = Math.max(1, options.messages() / LINES);
    if (from / part != to / part) {
      out.printf("%s %,d: %s%n", what, to, ProcessMemory.now());
    }
  }
}
