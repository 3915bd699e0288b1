package io.holdfast.engine;

/** What becomes of a message that is sent to a topic which no group is on. */
public enum WhenNoGroup {
  /** It is kept, and the first group gets it. */
  KEEP,
  /**
   * It is appended, so that readers see it, and counts as done: no group that comes later gets it,
   * and its file is dropped like others that were consumed.
   */
  DROP,
  /**
   * It goes to the topic {@code <topic>.dead} instead, which is made when it is first needed and
   * has no limits. The receipt gives the message's place there. Readers of the topic do not see it.
   */
  DEAD_TOPIC
}
