package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.StoreClosedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that is closed under senders that roll and force, and under readers. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CloseRaceTest {
  private static final int ROUNDS = 8;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void everybodyIsToldAndWhatWasConfirmedIsThere(String durability) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      raceOnce(LogFixture.open(directory), Durability.parse(durability));
      assertNull(unexpected.get(), () -> "found " + unexpected.get());
      assertEquals(4 * (round + 1), told.get(), "threads told that the store was closed");
    }
    try (Store store = LogFixture.open(directory)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, store.recovery().get(0).outcome());
      TopicLog log = store.topic("t").orElseThrow();
      assertTrue(log.endOffset() >= confirmed.get());
      assertEquals(log.endOffset(), LogFixture.offsets(log, 0).size());
    }
  }

  private void raceOnce(Store store, Durability durability) throws InterruptedException {
    if (store.topicNames().isEmpty()) {
      store.createTopic("t", LogFixture.small(durability));
    }
    TopicLog log = store.topic("t").orElseThrow();
    assertTrue(log.endOffset() >= confirmed.get());
    Signal signal = new Signal();
    log.addSignal(signal);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(start(() -> sendForEver(log)));
    }
    threads.add(start(() -> readForEver(log)));
    for (int i = 0; i < 40; i++) {
      signal.await(signal.version(), TimeUnit.SECONDS.toNanos(1));
    }
    store.close();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private Thread start(Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (StoreClosedException e) {
                told.incrementAndGet();
              } catch (Throwable e) { // told to the test, whatever it is
                unexpected.set(e);
              }
            });
    thread.start();
    return thread;
  }

  private void sendForEver(TopicLog log) {
    RecordBatch batch = log.newBatch();
    while (true) {
      batch.clear();
      batch.add(new byte[0], 0, new byte[50_000], 0, 50_000);
      log.append(batch);
      long end = batch.firstOffset() + 1;
      log.force(end);
      confirmed.accumulateAndGet(end, Math::max);
    }
  }

  private static void readForEver(TopicLog log) {
    long[] next = {0};
    try (LogReader reader = log.reader(0)) {
      while (true) {
        reader.poll(record -> assertEquals(next[0]++, record.offset()), 10);
      }
    }
  }
}
