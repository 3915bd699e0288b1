package io.holdfast.storage;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * The group commit as a model checker sees it: whoever appends returns, and finds durable what it
 * appended, whoever led and however the hand-over went.
 */
public final class CommitModel {
  private final AtomicLong appended = new AtomicLong();
  private final AtomicLong durable = new AtomicLong();
  private final GroupCommit commit = new GroupCommit(durable::get, this::force);

  /** Nothing is appended yet. */
  public CommitModel() {
    // The fields are set where they are declared.
  }

  /** One at a time, or the point goes down here. */
  private void force() {
    long to = appended.get();
    durable.set(to);
  }

  /**
   * Appends and waits.
   *
   * @return whether it is durable
   */
  @Operation
  public boolean append() {
    long end = appended.incrementAndGet();
    commit.await(end);
    return durable.get() >= end;
  }

  /** What one thread alone would see. */
  public static final class Alone {
    /** Knows nothing. */
    public Alone() {
      // Nothing is kept.
    }

    /**
     * Appends.
     *
     * @return true
     */
    public boolean append() {
      return true;
    }
  }
}
