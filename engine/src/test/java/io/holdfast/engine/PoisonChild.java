package io.holdfast.engine;

import io.holdfast.storage.file.JvmFlags;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The process of {@link PoisonTest}: it handles messages, several at once, and ends at the one that
 * kills it, in the middle of its neighbours.
 */
final class PoisonChild {
  /** How it looks from outside when native code has crashed. */
  static final int CRASHED = 128 + 6;

  private static final int NEIGHBOURS = PoisonTest.HANDLERS - 1;
  private static final long LOOK = Duration.ofMillis(1).toNanos();
  private static final long PATIENCE = Duration.ofSeconds(1).toNanos();

  private final OutputStream out = new FileOutputStream(FileDescriptor.out);
  private final AtomicInteger busy = new AtomicInteger();
  private final CountDownLatch lit = new CountDownLatch(1);
  // The last act takes it alone, so that no ack is made and not told.
  private final ReadWriteLock telling = new ReentrantReadWriteLock();

  private PoisonChild() {}

  static Process start(Path store) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PoisonChild.class.getName(), store.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * The child's side: it ends by itself when nothing is left.
   *
   * @param args the store
   */
  public static void main(String[] args) {
    new PoisonChild().live(Path.of(args[0]));
  }

  private void live(Path store) {
    try (Engine engine = Engine.open(store)) {
      Group group = engine.group(PoisonTest.GROUP);
      group.subscribe(this::handle, SubscribeConfig.concurrency(PoisonTest.HANDLERS));
      while (group.lag().get(0).unfinished() > 0) {
        LockSupport.parkNanos(LOOK); // until handlers have done the work
      }
    }
  }

  private void handle(Delivery delivery) throws InterruptedException {
    String text = TestStores.text(delivery);
    tell("got " + text + " " + delivery.lastError().orElse("unblamed"));
    if (text.equals(PoisonTest.POISON)) {
      lit.countDown();
      awaitNeighbours();
      telling.writeLock().lock();
      tell("dies " + busy.get());
      Runtime.getRuntime().halt(CRASHED);
    }
    busy.incrementAndGet();
    // Long enough that others are out beside a suspect, which is handled alone.
    if (lit.await(2, TimeUnit.MILLISECONDS)) {
      new CountDownLatch(1).await(); // the end comes before
    }
    telling.readLock().lock();
    try {
      delivery.ack();
      tell("acked " + text);
    } finally {
      telling.readLock().unlock();
    }
    busy.decrementAndGet();
  }

  /** Where nothing else may be handed out there are none to wait for. */
  private void awaitNeighbours() {
    long deadline = System.nanoTime() + PATIENCE;
    while (busy.get() < NEIGHBOURS && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LOOK);
    }
  }

  private void tell(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
