package io.holdfast.engine.group;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says in the log that something failed, at the first, second, fourth, eighth, ... failure in a
 * row: what is tried again each second may fail for days. Each thing that may fail is counted by
 * itself. Thread-safe.
 */
public final class Complaints {
  private final Logger log;
  private final Map<Object, Long> failures = new ConcurrentHashMap<>(); // in a row; of what failed

  /**
   * Begins without any.
   *
   * @param log where they go
   */
  public Complaints(Logger log) {
    this.log = log;
  }

  /**
   * Something failed.
   *
   * @param one that failed
   * @param what happened, and what follows
   * @param error why
   */
  public void failed(Object one, String what, Throwable error) {
    long failure = failures.merge(one, 1L, Long::sum);
    if (Long.bitCount(failure) == 1) {
      log.log(Level.WARNING, what + ", failure " + failure, error);
    }
  }

  /**
   * Something did not fail, or is gone: its next failure is the first one again.
   *
   * @param one that may have failed before
   */
  public void worked(Object one) {
    if (!failures.isEmpty()) {
      failures.remove(one);
    }
  }
}
