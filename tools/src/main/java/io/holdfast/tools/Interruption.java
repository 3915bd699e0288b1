package io.holdfast.tools;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns an interrupt from the keyboard, or a termination, into an interrupt of the command's
 * thread, and gives the command time to close what it has open. The JVM then ends with 130 or 143.
 */
final class Interruption implements AutoCloseable {
  private final Thread hook;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final long graceMillis;

  private Interruption(Thread command, long graceMillis) {
    this.hook = new Thread(() -> interrupt(command), "holdfast-interrupt");
    this.graceMillis = graceMillis;
  }

  /**
   * From now on the calling thread is the one that is interrupted.
   *
   * @param grace how long it may take to close
   */
  static Interruption ofThisThread(Duration grace) {
    Interruption made = new Interruption(Thread.currentThread(), grace.toMillis());
    Runtime.getRuntime().addShutdownHook(made.hook);
    return made;
  }

  private void interrupt(Thread command) {
    command.interrupt();
    try {
      closed.await(graceMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the calling thread should come to its end. */
  boolean requested() {
    return Thread.currentThread().isInterrupted();
  }

  /** The command has closed everything. */
  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      Thread.interrupted(); // the hook runs already, and has done what it is for
    }
  }
}
