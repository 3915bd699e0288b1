package io.holdfast.engine.group;

/** A message that the dispatcher comes to, wherever it was read: enough to judge it by. */
interface Candidate {
  /** Where it stands in its topic. */
  long offset();

  /** As {@link KeyOrder} knows it, or {@link KeyOrder#NO_KEY}. */
  long key();

  /** Before when it is not handed out, epoch milliseconds; 0 where it may be at once. */
  long deliverAt();

  /** When the topic took it, epoch milliseconds. */
  long timestamp();

  /** From when on it is not handed out, by a time of its own; epoch ms, or the end of time. */
  long expiresAt();

  /** The message itself, which may have to be copied only now. */
  RecordContent content();
}
