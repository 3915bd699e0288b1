package io.holdfast.engine.transaction;

/** The steps of a commit after which a process may die; for tests. */
public enum TransactionStep {
  /** What is acked in one group and topic is Committing. */
  PREPARED,
  /** The record is written. */
  WRITTEN,
  /** The record is forced. */
  FORCED,
  /** The messages of one topic are there. */
  APPENDED,
  /** What is acked in one group and topic is Done. */
  ACKED
}
