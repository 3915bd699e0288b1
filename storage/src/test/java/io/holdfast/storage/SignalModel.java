package io.holdfast.storage;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * A signal as a model checker sees it: of two that meet, each waits until the other has come. A
 * wake-up that is lost leaves one waiting for ever.
 */
public final class SignalModel {
  private final AtomicInteger came = new AtomicInteger();
  private final Signal signal = new Signal();

  /** Nobody has come yet. */
  public SignalModel() {
    // The fields are set where they are declared.
  }

  /**
   * Comes, says so, and waits for the other.
   *
   * @return true
   * @throws InterruptedException never, here
   */
  @Operation
  public boolean meet() throws InterruptedException {
    int both = came.incrementAndGet() + 1 & -2;
    signal.raise();
    while (true) {
      long version = signal.version();
      if (came.get() >= both) {
        return true;
      }
      signal.await(version, Long.MAX_VALUE);
    }
  }

  /** What one thread alone would see, could it meet itself. */
  public static final class Alone {
    /** Knows nothing. */
    public Alone() {
      // Nothing is kept.
    }

    /**
     * Comes.
     *
     * @return true
     */
    public boolean meet() {
      return true;
    }
  }
}
