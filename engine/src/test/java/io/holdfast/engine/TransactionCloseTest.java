package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A close, an interrupt and a failing device come while a transaction commits. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class TransactionCloseTest {
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final Path store = disk.getPath("/data/store");
  private final CountDownLatch atDevice = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicReference<Thread> committer = new AtomicReference<>();

  private Engine open() {
    return Engine.open(store, EngineConfig.defaults().withMaxTransactionBytes(1 << 16));
  }

  /** The next force of the committing thread waits until it is told to go on. */
  private void hold(Call call) {
    if (call.kind() == Call.Kind.FORCE
        && committer.compareAndSet(Thread.currentThread(), null)) {
      atDevice.countDown();
      boolean interrupted = false;
      while (answer.getCount() > 0) {
        try {
          answer.await();
        } catch (InterruptedException e) {
          interrupted = true; // a force in the kernel does not end either
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Commits on a thread of its own; gives whether it was interrupted at its end. */
  private Thread commit(Transaction transaction, CompletableFuture<Boolean> done) {
    Thread thread =
        new Thread(
            () -> {
              try {
                transaction.commit();
                done.complete(Thread.currentThread().isInterrupted());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    thread.start();
    return thread;
  }

  /** Has a commit wait for the device, when its record is written. */
  private Thread commitAtDevice(Engine engine, CompletableFuture<Boolean> done) throws Exception {
    engine.topic("out", TestStores.small().build());
    EngineInside.transactionSteps(
        engine,
        step -> {
          if (step == TransactionStep.WRITTEN) {
            committer.set(Thread.currentThread());
            disk.watch(this::hold);
          }
        });
    Thread thread = commit(engine.transaction().send("out", message("1")), done);
    assertTrue(atDevice.await(30, TimeUnit.SECONDS));
    return thread;
  }

  @Test
  void aCommitThatWaitsForTheDeviceIsNotBrokenByAnInterrupt() throws Exception {
    try (Engine engine = open()) {
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      Thread thread = commitAtDevice(engine, done);
      thread.interrupt();
      assertFalse(done.isDone());
      answer.countDown();
      assertTrue(done.get(30, TimeUnit.SECONDS), "the flag is kept");
      assertEquals(1, engine.topic("out").endOffset());
    }
  }

  @Test
  void aCloseWaitsForACommitThatWaitsForTheDevice() throws Exception {
    Engine engine = open();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    commitAtDevice(engine, done);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    new Thread(
            () -> {
              engine.close();
              closed.complete(done.isDone());
            })
        .start();
    assertFalse(closed.isDone());
    answer.countDown();
    assertTrue(closed.get(30, TimeUnit.SECONDS), "the commit had no answer");
    assertFalse(done.get());
    try (Engine again = open()) {
      assertEquals(1, again.topic("out").endOffset());
    }
  }

  private static void fail(Call call) throws IOException {
    if (call.kind() == Call.Kind.FORCE) {
      throw new IOException("Input/output error");
    }
  }

  @Test
  void aDeviceThatFailsLeavesTheOutcomeToTheNextOpening() {
    Logger log = Logger.getLogger("io.holdfast");
    log.setLevel(Level.OFF); // the failure with its stack
    try {
      Engine engine = open();
      Topic out = engine.topic("out", TestStores.small().build());
      Topic in = engine.topic("in", TestStores.small().build());
      try (Producer producer = in.producer(ProducerConfig.named("p"))) {
        producer.send(message("a"));
      }
      Delivery delivery =
          in.group("g", GroupConfig.defaults()).consumer("c").receive(1, AT_ONCE).get(0);
      EngineInside.transactionSteps(
          engine,
          step -> {
            if (step == TransactionStep.WRITTEN) {
              disk.watch(TransactionCloseTest::fail);
            }
          });
      Transaction transaction = engine.transaction().send(out, message("1")).ack(delivery);
      assertThrows(SendOutcomeUnknownException.class, transaction::commit);
      assertEquals(0, out.endOffset());
      assertThrows(StorePoisonedException.class, engine::close);
      disk.watch(call -> {});
      disk.unmapAll();
      try (Engine again = open()) {
        long sent = again.topic("out").endOffset();
        int left = again.group("g").consumer("c").receive(1, AT_ONCE).size();
        assertEquals(1, sent + left, "all or nothing");
      }
    } finally {
      log.setLevel(null);
    }
  }

  private static void awaitInLine(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING
        || Stream.of(thread.getStackTrace())
            .noneMatch(frame -> frame.getClassName().equals(SendLine.class.getName()))) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static Topic full(Engine engine) {
    Topic out =
        engine.topic(
            "out",
            TestStores.small()
                .durability(Durability.processCrash())
                .maxMessages(2)
                .onFull(OnFull.block(Duration.ofHours(1)))
                .build());
    out.group("g", GroupConfig.defaults());
    engine.topic("other", TestStores.small().maxMessages(1).onFull(OnFull.reject()).build());
    engine.topic("other").group("h", GroupConfig.defaults());
    engine.transaction().send("out", message("1")).commit();
    return out;
  }

  @Test
  void anInterruptEndsAWaitForRoomAndNothingIsDone() throws Exception {
    try (Engine engine = open()) {
      Topic out = full(engine);
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      Transaction transaction = engine.transaction();
      List.of("2", "3").forEach(text -> transaction.send("out", message(text)));
      Thread thread = commit(transaction, done);
      awaitInLine(thread);
      thread.interrupt();
      ExecutionException e =
          assertThrows(ExecutionException.class, () -> done.get(30, TimeUnit.SECONDS));
      assertInstanceOf(HoldfastInterruptedException.class, e.getCause());
      assertEquals(1, out.endOffset());
      engine.group("g").consumer("c").receive(1, AT_ONCE).get(0).ack();
      transaction.commit();
      assertEquals(3, out.endOffset());
    }
  }

  @Test
  void anAckElsewhereEndsAWaitForRoom() throws Exception {
    try (Engine engine = open()) {
      Topic out = full(engine);
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      Transaction transaction = engine.transaction();
      List.of("2", "3").forEach(text -> transaction.send("out", message(text)));
      Thread thread = commit(transaction, done);
      awaitInLine(thread);
      engine.group("g").consumer("c").receive(1, AT_ONCE).get(0).ack();
      assertFalse(done.get(30, TimeUnit.SECONDS));
      assertEquals(3, out.endOffset());
    }
  }

  @Test
  void permitsOfATransactionThatFailsAreGivenBack() {
    try (Engine engine = open()) {
      full(engine);
      engine.transaction().send("other", message("x")).commit();
      // The number of the second topic is higher: the permit of the first is taken by then.
      Transaction transaction =
          engine.transaction().send("out", message("2")).send("other", message("y"));
      assertThrows(TopicFullException.class, transaction::commit);
      engine.transaction().send("out", message("2")).commit();
      assertEquals(2, engine.topic("out").endOffset());
    }
  }
}
