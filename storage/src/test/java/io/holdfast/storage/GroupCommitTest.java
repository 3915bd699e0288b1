package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupCommitTest {
  private static final int WAITERS = 32;

  private final AtomicLong appended = new AtomicLong();
  private final AtomicLong durable = new AtomicLong();
  private final AtomicInteger forces = new AtomicInteger();
  private final AtomicInteger inForce = new AtomicInteger();
  private final ExecutorService threads = Executors.newFixedThreadPool(WAITERS);
  private final List<Thread> parked = new CopyOnWriteArrayList<>();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  private void force() {
    assertEquals(1, inForce.incrementAndGet(), "one leader at a time");
    long end = appended.get();
    forces.incrementAndGet();
    Thread.yield();
    durable.set(end);
    inForce.decrementAndGet();
  }

  /** Runs it on a thread that {@link #awaitParked} knows. */
  private Future<?> submit(Runnable wait) {
    return threads.submit(
        () -> {
          parked.add(Thread.currentThread());
          wait.run();
        });
  }

  /** Waits for the offsets 1 to WAITERS, each on a thread. */
  private List<Future<?>> submitAll(LongConsumer wait) {
    List<Future<?>> waiting = new ArrayList<>();
    for (int i = 1; i <= WAITERS; i++) {
      long upTo = i;
      waiting.add(submit(() -> wait.accept(upTo)));
    }
    return waiting;
  }

  @Test
  void everyWaiterReturnsWithItsOffsetDurableAndForcesAreShared() throws Exception {
    GroupCommit commit = new GroupCommit(durable::get, this::force);
    List<Future<?>> waiting = new ArrayList<>();
    for (int i = 0; i < WAITERS; i++) {
      waiting.add(
          threads.submit(
              () -> {
                for (int n = 0; n < 2_000; n++) {
                  long mine = appended.incrementAndGet();
                  commit.await(mine);
                  assertTrue(durable.get() >= mine, "returned before it was durable");
                }
              }));
    }
    for (Future<?> each : waiting) {
      each.get();
    }
    assertEquals(WAITERS * 2_000, durable.get());
    assertTrue(forces.get() < WAITERS * 2_000, "no force was shared: " + forces);
  }

  @Test
  void aForceThatFailsReachesEveryWaiterAndLeavesNobodyBehind() throws Exception {
    CountDownLatch allQueued = new CountDownLatch(1);
    GroupCommit commit =
        new GroupCommit(
            durable::get,
            () -> {
              awaitQuietly(allQueued);
              throw new IllegalStateException("the device said no");
            });
    List<Future<?>> waiting =
        submitAll(upTo -> assertThrows(IllegalStateException.class, () -> commit.await(upTo)));
    awaitParked(parked, WAITERS); // the leader too, in its force
    allQueued.countDown();
    for (Future<?> each : waiting) {
      each.get();
    }
  }

  @Test
  void aLeaderThatDiesHandsOver() throws Exception {
    CountDownLatch leading = new CountDownLatch(1);
    CountDownLatch followed = new CountDownLatch(1);
    GroupCommit commit =
        new GroupCommit(
            durable::get,
            () -> {
              if (forces.getAndIncrement() == 0) {
                leading.countDown();
                awaitQuietly(followed);
                throw new StackOverflowError("on purpose");
              }
              durable.set(2);
            });
    Future<?> leader =
        threads.submit(() -> assertThrows(StackOverflowError.class, () -> commit.await(1)));
    leading.await();
    Future<?> follower = submit(() -> commit.await(2));
    awaitParked(parked, 1);
    followed.countDown();
    leader.get();
    follower.get();
    assertEquals(2, durable.get());
  }

  @Test
  void aPointRaisedByOthersWhileSomebodyWasNamedLeaderStrandsNobody() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    GroupCommit commit =
        new GroupCommit(
            durable::get,
            () -> {
              awaitQuietly(go);
              durable.set(Math.max(durable.get(), 1));
            });
    List<Future<?>> waiting = submitAll(commit::await);
    awaitParked(parked, WAITERS); // the leader too, in its force
    durable.set(WAITERS); // as the agent does when it forces a sealed segment
    go.countDown();
    for (Future<?> each : waiting) {
      each.get();
    }
  }

  @Test
  void whoIsServedGoesOnWhileTheNextLeaderForcesForTheOthers() throws Exception {
    CountDownLatch firstForce = new CountDownLatch(1);
    CountDownLatch secondForce = new CountDownLatch(1);
    GroupCommit commit =
        new GroupCommit(
            durable::get,
            () -> {
              boolean first = forces.getAndIncrement() == 0;
              awaitQuietly(first ? firstForce : secondForce);
              durable.set(first ? WAITERS / 2 : WAITERS);
            });
    List<Future<?>> waiting = submitAll(commit::await);
    awaitParked(parked, WAITERS); // the leader too, in its force
    firstForce.countDown();
    for (Future<?> served : waiting.subList(0, WAITERS / 2)) {
      served.get();
    }
    assertTrue(
        waiting.subList(WAITERS / 2, WAITERS).stream().noneMatch(Future::isDone),
        "returned before it was durable");
    secondForce.countDown();
    for (Future<?> each : waiting) {
      each.get();
    }
    assertEquals(2, forces.get(), "one force each for those who waited for it");
  }

  @Test
  void anInterruptDoesNotEndTheWaitAndIsNotForgotten() {
    GroupCommit commit = new GroupCommit(durable::get, this::force);
    appended.set(1);
    Thread.currentThread().interrupt();
    commit.await(1);
    assertTrue(Thread.interrupted());
    assertEquals(1, durable.get());
  }

  private static void awaitParked(List<Thread> threads, int count) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (threads.size() < count
        || threads.stream().anyMatch(t -> t.getState() != Thread.State.WAITING)) {
      assertTrue(System.nanoTime() < deadline, "not parked: " + threads);
      Thread.onSpinWait();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
