package io.holdfast.engine.group;

/** What becomes of a message that the dispatcher comes to. */
enum Verdict {
  /** It is handed out, or waits for its turn. */
  DELIVER,
  /** It is too old: a dead letter, or dropped. */
  EXPIRED
}
