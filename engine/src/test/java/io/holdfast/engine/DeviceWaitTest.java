package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A close and an interrupt come while a send waits for the device, which is slow or fails. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class DeviceWaitTest {
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final Path store = disk.getPath("/data/store");
  private final CountDownLatch atDevice = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicReference<Thread> held = new AtomicReference<>();

  private Producer producer(Engine engine, ProducerConfig config) {
    return engine.topic("t", TestStores.small().build()).producer(config);
  }

  /** The first force of a thread waits until it is told to go on; an interrupt is kept. */
  private void hold(Call call) {
    if (call.kind() == Call.Kind.FORCE && held.compareAndSet(Thread.currentThread(), null)) {
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

  /** Returns the offset of the message, and whether the thread was interrupted then. */
  private record Sent(long offset, boolean interrupted) {}

  private Thread sending(Producer producer, CompletableFuture<Sent> sent) throws Exception {
    disk.watch(this::hold);
    Thread sender =
        new Thread(
            () -> {
              held.set(Thread.currentThread());
              try {
                long offset = producer.send(message("m")).offset();
                sent.complete(new Sent(offset, Thread.currentThread().isInterrupted()));
              } catch (Throwable e) {
                sent.completeExceptionally(e);
              }
            });
    sender.start();
    assertTrue(atDevice.await(30, TimeUnit.SECONDS));
    return sender;
  }

  @Test
  void aSendThatWasAppendedEndsInSpiteOfAnInterruptAndKeepsTheFlag() throws Exception {
    try (Engine engine = Engine.open(store)) {
      CompletableFuture<Sent> sent = new CompletableFuture<>();
      Thread sender = sending(producer(engine, ProducerConfig.named("p")), sent);
      sender.interrupt();
      assertFalse(sent.isDone());
      answer.countDown();
      assertEquals(new Sent(0, true), sent.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoWaitsForAnothersForceKeepsItsInterruptToo() throws Exception {
    try (Engine engine = Engine.open(store)) {
      Producer producer = producer(engine, ProducerConfig.named("p"));
      CompletableFuture<Sent> first = new CompletableFuture<>();
      sending(producer, first);
      CompletableFuture<Sent> second = new CompletableFuture<>();
      Thread follower =
          new Thread(
              () -> {
                Thread.currentThread().interrupt();
                long offset = producer.send(message("n")).offset();
                second.complete(new Sent(offset, Thread.currentThread().isInterrupted()));
              });
      follower.start();
      answer.countDown();
      assertEquals(new Sent(0, false), first.get(30, TimeUnit.SECONDS));
      assertEquals(new Sent(1, true), second.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void aCloseWaitsForASendThatWaitsForTheDevice() throws Exception {
    Engine engine = Engine.open(store);
    CompletableFuture<Sent> sent = new CompletableFuture<>();
    sending(producer(engine, ProducerConfig.named("p")), sent);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    Thread closer =
        new Thread(
            () -> {
              engine.close();
              closed.complete(sent.isDone());
            });
    closer.start();
    assertFalse(closed.isDone());
    answer.countDown();
    assertTrue(closed.get(30, TimeUnit.SECONDS), "the send had no answer");
    assertEquals(new Sent(0, false), sent.get());
    try (Engine again = Engine.open(store)) {
      assertEquals(1, again.topic("t").endOffset());
    }
  }

  @Test
  void pendingSendsAreAnsweredByACloseWhoseDeviceFails() {
    Logger log = Logger.getLogger("io.holdfast");
    log.setLevel(Level.OFF); // the failure with its stack
    try {
      Engine engine = Engine.open(store);
      ProducerConfig slow = ProducerConfig.builder("p").linger(Duration.ofSeconds(1)).build();
      Producer producer = producer(engine, slow);
      List<CompletableFuture<Receipt>> futures = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        futures.add(producer.sendAsync(message("m" + i)));
      }
      disk.watch(
          call -> {
            if (call.kind() == Call.Kind.FORCE) {
              throw new IOException("Input/output error");
            }
          });
      assertThrows(StorePoisonedException.class, engine::close);
      for (CompletableFuture<Receipt> future : futures) {
        assertTrue(future.isDone());
        CompletionException e = assertThrows(CompletionException.class, future::join);
        assertInstanceOf(SendOutcomeUnknownException.class, e.getCause());
      }
    } finally {
      log.setLevel(null);
    }
  }
}
