package io.holdfast.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that race each other for a time. The first that fails ends the others, and is what the
 * race fails with.
 *
 * <p>{@code -Dholdfast.concurrency.seconds=n} is about what all tests of concurrency together may
 * take; each race has a share of it.
 */
public final class Race {
  private static final int SHARES = 20;

  private final String name;
  private final long seconds = Long.getLong("holdfast.concurrency.seconds", 60);
  private final long seed = Long.getLong("holdfast.concurrency.seed", System.nanoTime());
  private final long ends = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) / SHARES;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong rounds = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * A race that begins now.
   *
   * @param name for what is printed
   */
  public Race(String name) {
    this.name = name;
  }

  /** What a thread does. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Does it, until the race {@linkplain Race#isOver is over}.
     *
     * @throws Exception fails the race
     */
    void run() throws Exception;
  }

  /**
   * What random choices begin with.
   *
   * @return the same for all threads
   */
  public long seed() {
    return seed;
  }

  /**
   * Whether its time is over, or a thread has failed.
   *
   * @return true once that is so
   */
  public boolean isOver() {
    return failure.get() != null || System.nanoTime() - ends >= 0;
  }

  /** Counts what was done. */
  public void round() {
    rounds.incrementAndGet();
  }

  /**
   * Adds a thread that begins with {@link #run}.
   *
   * @param runner what it does
   */
  public void add(Runner runner) {
    threads.add(
        new Thread(
            () -> {
              try {
                runner.run();
              } catch (Throwable e) { // told to whoever runs the race, whatever it is
                if (failure.compareAndSet(null, e)) {
                  threads.forEach(Thread::interrupt);
                }
              }
            },
            "race-" + threads.size()));
  }

  /**
   * Runs all threads to their end, and prints how much they did.
   *
   * @throws InterruptedException when the caller is interrupted
   */
  public void run() throws InterruptedException {
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    String replay =
        "-Dholdfast.concurrency.seed=%d -Dholdfast.concurrency.seconds=%d".formatted(seed, seconds);
    if (failure.get() != null) {
      Throwable cause = failure.get();
      throw new AssertionError(
          "%s: after %,d rounds: %s; %s".formatted(name, rounds.get(), cause, replay), cause);
    }
    if (rounds.get() == 0) {
      throw new AssertionError(name + ": nothing was done in its time; " + replay);
    }
    System.out.printf("%s: %,d rounds, 0 violations; %s%n", name, rounds.get(), replay);
  }
}
