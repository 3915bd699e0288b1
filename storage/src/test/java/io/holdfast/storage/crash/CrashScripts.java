package io.holdfast.storage.crash;

import java.util.Collections;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs scripts of consecutive seeds, several at once, until their crashes have left enough states.
 * Each script has files of its own.
 */
public final class CrashScripts {
  private static final int STATES_FOR_A_THREAD = 500; // each finishes its script

  private final String harness;
  private final long seed;
  private final long wanted;
  private final AtomicLong scripts = new AtomicLong();
  private final AtomicLong states = new AtomicLong();
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicLong recycled = new AtomicLong();
  private final AtomicBoolean failed = new AtomicBoolean();

  private CrashScripts(String harness, long seed, long wanted) {
    this.harness = harness;
    this.seed = seed;
    this.wanted = wanted;
  }

  /**
   * What a script came to.
   *
   * @param states distinct ones that were opened and judged
   * @param repeated states that equalled one that was judged, and were not opened again
   * @param recycled segments that were used for another life
   */
  public record Counts(long states, long repeated, long recycled) {}

  /** A script with all its crashes. */
  @FunctionalInterface
  public interface Script {
    /**
     * Runs it.
     *
     * @param seed of all that is chosen
     * @return what was opened
     */
    Counts run(long seed);
  }

  /**
   * Runs scripts and prints what was done.
   *
   * @param harness who prints
   * @param seed of the first script
   * @param wanted states at least
   * @param script run by several threads at once
   * @throws AssertionError the first violation, with the line that replays its script
   */
  public static void run(String harness, long seed, long wanted, Script script) {
    new CrashScripts(harness, seed, wanted).run(script);
  }

  private void run(Script script) {
    long threads = Math.min(AtOnce.threads(), 1 + wanted / STATES_FOR_A_THREAD);
    long began = System.nanoTime();
    AtOnce.each(Collections.nCopies((int) threads, script), this::work);
    System.out.printf(
        "%s: %,d states, %,d found again, %,d scripts, %,d segments used again, %,d s,"
            + " 0 violations; -Dholdfast.powerloss.seed=%d%n",
        harness, states.get(), repeated.get(), scripts.get(), recycled.get(),
        (System.nanoTime() - began) / 1_000_000_000, seed);
  }

  private void work(Script script) {
    while (states.get() < wanted && !failed.get()) {
      long mine = seed + scripts.getAndIncrement();
      try {
        Counts counts = script.run(mine);
        states.addAndGet(counts.states());
        repeated.addAndGet(counts.repeated());
        recycled.addAndGet(counts.recycled());
      } catch (RuntimeException | AssertionError e) {
        failed.set(true);
        throw new AssertionError(
            ("%s: after %,d states of %,d scripts: -Dholdfast.powerloss.seed=%d"
                    + " -Dholdfast.powerloss.states=1: %s")
                .formatted(harness, states.get(), scripts.get(), mine, e.getMessage()),
            e);
      }
    }
  }
}
