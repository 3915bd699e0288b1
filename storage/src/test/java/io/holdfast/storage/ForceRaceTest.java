package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Forces that race with appends, with rolls, with interrupts and with each other. */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ForceRaceTest {
  private static final long KEPT = 1_000;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void theDurablePointNeverPassesWhatTheForcesTook() throws InterruptedException {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Store store = Store.open(CrashRun.directory(disk), LogFixture.config())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      AtomicLong endAtForce = new AtomicLong();
      disk.watch(
          call -> {
            if (call.kind() == Call.Kind.FORCE) {
              // A force takes along the message that is whole already while its end is not said.
              endAtForce.accumulateAndGet(log.endOffset() + 1, Math::max);
            }
          });
      Race race = new Race("ForceRaceTest: durable point");
      race.add(() -> appendAndDrop(race, log));
      race.add(
          () -> {
            while (!race.isOver()) {
              log.force(log.endOffset());
              long durable = log.durableOffset();
              long most = endAtForce.get(); // read later, so it may only be more
              assertTrue(durable <= most, durable + " durable, a force took at most " + most);
              race.round();
            }
          });
      race.run();
      disk.watch(call -> {});
    }
  }

  private static void appendAndDrop(Race race, TopicLog log) {
    RecordBatch batch = log.newBatch();
    while (!race.isOver()) {
      batch.clear();
      batch.add(new byte[0], 0, new byte[200], 0, 200);
      log.append(batch);
      if (batch.firstOffset() % KEPT == 0) {
        log.dropBefore(log.endOffset() - KEPT);
      }
    }
  }

  @Test
  void whatWasAppendedLastIsForcedWithinTheInterval() throws InterruptedException {
    try (Store store = LogFixture.open(directory)) {
      Durability level = Durability.interval(Duration.ofMillis(1));
      TopicLog log = store.createTopic("t", LogFixture.small(level));
      Race race = new Race("ForceRaceTest: interval");
      Random random = new Random(race.seed());
      race.add(
          () -> {
            RecordBatch batch = log.newBatch();
            while (!race.isOver()) {
              for (int i = random.nextInt(3); i >= 0; i--) {
                batch.clear();
                batch.add(new byte[0], 0, new byte[20], 0, 20);
                LockSupport.parkNanos(random.nextInt(1_200_000)); // about when the flusher looks
                log.append(batch);
              }
              long end = log.endOffset(); // nothing is appended until that is forced
              Eventually.holds(() -> log.durableOffset() >= end, () -> "never forced: " + end);
              assertEquals(end, log.durableOffset());
              race.round();
            }
          });
      race.run();
    }
  }

  @Test
  void everyWaiterIsServedThoughItIsInterrupted() throws InterruptedException {
    AtomicLong appended = new AtomicLong();
    AtomicLong durable = new AtomicLong();
    AtomicInteger inForce = new AtomicInteger();
    Runnable force =
        () -> {
          assertEquals(1, inForce.incrementAndGet(), "leaders at a time");
          long end = appended.get();
          Thread.onSpinWait();
          durable.set(end);
          inForce.decrementAndGet();
        };
    GroupCommit commit = new GroupCommit(durable::get, force);
    Race race = new Race("ForceRaceTest: hand-over");
    for (int i = 0; i < 5; i++) {
      Random random = new Random(race.seed() + i);
      race.add(
          () -> {
            while (!race.isOver()) {
              boolean interrupted = random.nextInt(4) == 0;
              if (interrupted) {
                Thread.currentThread().interrupt();
              }
              long end = appended.incrementAndGet();
              commit.await(end);
              assertTrue(durable.get() >= end, "returned before it was durable");
              assertEquals(interrupted, Thread.interrupted(), "the flag of an interrupt");
              race.round();
            }
          });
    }
    race.run();
    assertEquals(appended.get(), durable.get());
  }
}
