package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.WatchedFileSystem;
import io.holdfast.storage.history.History;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** One process under a steady load for a time, and samples of what it holds. */
final class SoakRun {
  private static final int SAMPLES = 60;
  private static final int SMALLEST_SEGMENT = 1 << 20; // that is recycled; rolls are many

  private final Path directory;
  private final long seed;
  private final SoakPace pace;
  private final History history = new History();
  private final SoakSamples samples = new SoakSamples();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CountDownLatch failed = new CountDownLatch(1);
  private volatile boolean sending = true; // the test ends it, writers read
  private volatile boolean working = true; // the same, for all others
  // Files of dropped segments that were used again; the store's threads count.
  private final AtomicLong recycled = new AtomicLong();
  private String counts = "nothing";

  SoakRun(Path directory, SoakPace pace, long seed) {
    this.directory = directory;
    this.pace = pace;
    this.seed = seed;
  }

  private interface Lap {
    void run() throws Exception;
  }

  void run(long seconds) throws InterruptedException, IOException {
    WatchedFileSystem files = new WatchedFileSystem(this::count);
    try (Engine engine = Engine.open(files.path(directory))) {
      Topic topic =
          engine.topic(
              "t",
              TopicConfig.builder()
                  .durability(Durability.processCrash())
                  .maxMessageSize(4_096)
                  .segmentSize(SMALLEST_SEGMENT)
                  .retention(Retention.forever()) // it drops by hand, and says so
                  .build());
      SoakWork work = new SoakWork(topic, group(topic), history, pace, seed);
      try {
        workAndSample(work, TimeUnit.SECONDS.toNanos(seconds));
      } finally {
        counts = work.toString();
      }
    }
    assertEquals(List.of(), history.violations());
    assertEquals(List.of(), samples.growth(), this::toString);
    assertTrue(recycled.get() > 0, "nothing was recycled");
  }

  private void count(Call call) {
    boolean used = call.kind() == Call.Kind.RENAME && call.path().toString().contains("/recycled-");
    recycled.addAndGet(used ? 1 : 0);
  }

  private static Group group(Topic topic) {
    return topic.group(
        "g",
        GroupConfig.builder()
            .unlimitedAttempts()
            .ackTimeout(Duration.ofHours(1))
            .backoff(Backoff.fixed(Duration.ofMillis(5)))
            .maxInFlight(2_000)
            .build());
  }

  private void workAndSample(SoakWork work, long nanos) throws InterruptedException, IOException {
    Random one = new Random(seed + 1);
    Random two = new Random(seed + 2);
    List<Thread> writers = new ArrayList<>();
    List<Thread> others = new ArrayList<>();
    writers.add(start(() -> sending, () -> work.sendBatches(one)));
    writers.add(start(() -> sending, () -> work.sendAsync(two)));
    for (int i = 0; i < 2; i++) {
      Random choices = new Random(seed + 3 + i);
      String name = "c" + i;
      others.add(start(() -> working, () -> work.consume(name, choices)));
    }
    others.add(start(() -> working, work::stream));
    others.add(start(() -> working, work::seek));
    for (int i = 0; i < SAMPLES && !failed.await(nanos / SAMPLES, TimeUnit.NANOSECONDS); i++) {
      samples.add(SoakSample.take(directory));
    }
    sending = false;
    join(writers);
    working = false;
    join(others);
    if (failure.get() != null) {
      throw new AssertionError("one of the threads failed", failure.get());
    }
    work.finish();
  }

  private Thread start(BooleanSupplier goesOn, Lap lap) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (goesOn.getAsBoolean()) {
                  lap.run();
                }
              } catch (Throwable e) { // told to the test, whatever it is
                failure.compareAndSet(null, e);
                failed.countDown();
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public String toString() {
    return "%s, %,d files used again, %,d violations; in the middle %s; in the end %s"
        .formatted(counts, recycled.get(), history.faults(), samples.middle(), samples.end());
  }
}
