package io.holdfast.storage.history;

/** What may be wrong with a history. */
public enum Fault {
  /** Confirmed, or seen before, and not dropped: a reader passed its place without seeing it. */
  LOST,
  /** Seen twice: an offset by a reader that did not go back, or a message at two offsets. */
  DUPLICATED,
  /** Before a message that the same writer sent earlier. */
  REORDERED,
  /** Delivered in the order of keys, while an earlier message of its key was not finished. */
  REORDERED_IN_KEY,
  /** Sent by nobody. */
  PHANTOM,
  /** Sent, but with another offset: of an earlier life of a file, or from before a power cut. */
  STALE,
  /** A group is through, and never got it, or got it and was never told what became of it. */
  SKIPPED,
  /** Delivered again although the group was told that it is done, or it is a dead letter. */
  REDELIVERED_AFTER_ACK,
  /** Delivered with a number of attempts that does not rise. */
  FORGOTTEN_ATTEMPT,
  /** Failed for good, or was a dead letter once, and is none. */
  LETTER_LOST,
  /** A dead letter more than once. */
  LETTER_DOUBLED,
  /** A dead letter although it was acked, or had attempts left. */
  LETTER_UNDUE,
  /** A process said that something failed which never should. */
  ERROR
}
