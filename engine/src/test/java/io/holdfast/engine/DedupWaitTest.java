package io.holdfast.engine;

import static io.holdfast.engine.SequenceFixture.isDuplicate;
import static io.holdfast.engine.SequenceFixture.isNew;
import static io.holdfast.engine.SequenceFixture.numbered;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A duplicate is confirmed once the message that it is one of is as durable as promised. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class DedupWaitTest {
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final CountDownLatch atDevice = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicReference<Thread> held = new AtomicReference<>();

  /** The first force of a thread waits until it is told to go on. */
  private void hold(Call call) {
    if (call.kind() == Call.Kind.FORCE && held.compareAndSet(Thread.currentThread(), null)) {
      atDevice.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aDuplicateWaitsForTheOriginal() throws Exception {
    try (Engine engine = Engine.open(disk.getPath("/data/store"))) {
      Topic topic = engine.topic("t", TestStores.small().build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        isNew(producer.send(numbered(0)), 0);
        disk.watch(this::hold);
        CompletableFuture<Receipt> original =
            CompletableFuture.supplyAsync(
                () -> {
                  held.set(Thread.currentThread());
                  return producer.send(numbered(1));
                });
        assertTrue(atDevice.await(30, TimeUnit.SECONDS));
        CompletableFuture<Receipt> again =
            CompletableFuture.supplyAsync(() -> producer.send(numbered(1)));
        CompletableFuture<Receipt> later = producer.sendAsync(numbered(1));
        isDuplicate(producer.send(numbered(0)), 0); // which the device has
        boolean isEarly = again.isDone() || later.isDone() || original.isDone();
        answer.countDown();
        assertFalse(isEarly);
        isNew(original.get(30, TimeUnit.SECONDS), 1);
        isDuplicate(again.get(30, TimeUnit.SECONDS), 1);
        isDuplicate(later.get(30, TimeUnit.SECONDS), 1);
        assertEquals(2, topic.endOffset());
      }
    }
  }

  @Test
  void aDuplicateIsForcedWhereMoreIsAskedForThanTheTopicPromises() {
    try (Engine engine = Engine.open(disk.getPath("/data/store"))) {
      Topic topic =
          engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        isNew(producer.send(numbered(0)), 0);
        assertEquals(0, EngineInside.log(engine, "t").durableOffset());
        isDuplicate(producer.send(numbered(0), Durability.powerLoss()), 0);
        assertEquals(1, EngineInside.log(engine, "t").durableOffset());
      }
    }
  }
}
