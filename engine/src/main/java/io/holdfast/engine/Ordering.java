package io.holdfast.engine;

import java.util.Objects;

/**
 * In which order a group hands out the messages of a topic. Immutable.
 *
 * <p>An order holds within one topic, through nack, timeout and the death of the process. A message
 * that was redriven does not regain its place. What an order costs is concurrency: a message waits
 * until the one before it is done, or has become a dead letter.
 *
 * @param kind which messages wait for each other
 * @param onPoison what becomes of those behind a message that fails as often as the group allows
 * @param lookahead by key: how many unfinished messages the dispatcher passes by, because their key
 *     is not free, before it waits for one of them; 1 to 1,000,000
 */
public record Ordering(Kind kind, OnPoison onPoison, int lookahead) {
  private static final int USUAL_LOOKAHEAD = 100_000;
  private static final int MOST_LOOKAHEAD = 1_000_000;

  /** Which messages wait for each other. */
  public enum Kind {
    /** None do: whatever is available may be handed out. */
    NONE,
    /** One message of a key is out at a time; those without a key wait for nobody. */
    BY_KEY,
    /** One message of a topic is out at a time. */
    TOTAL
  }

  /** What becomes of the messages behind one that fails as often as the group allows. */
  public enum OnPoison {
    /** It becomes a dead letter, and they go on. */
    SKIP,
    /**
     * It is tried again, at the backoff's last delay, until it succeeds or is rejected; they wait.
     */
    BLOCK,
    /**
     * It becomes a dead letter, and so does whatever comes with its key until the key is resumed;
     * only by key.
     */
    DEAD_LETTER_REST_OF_KEY
  }

  /**
   * Checks the values.
   *
   * @param kind not null
   * @param onPoison not null; SKIP without an order
   * @param lookahead 1 to 1,000,000
   */
  public Ordering {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(onPoison, "onPoison");
    Limits.within("lookahead", lookahead, 1, MOST_LOOKAHEAD);
    if (kind == Kind.NONE && onPoison != OnPoison.SKIP) {
      throw new IllegalArgumentException(
          "without an order nothing stands behind a poison message; onPoison is SKIP, not "
              + onPoison);
    }
    if (kind == Kind.TOTAL && onPoison == OnPoison.DEAD_LETTER_REST_OF_KEY) {
      throw new IllegalArgumentException(
          "a total order knows no keys; onPoison is SKIP or BLOCK, not " + onPoison);
    }
  }

  /**
   * Returns the ordering of a group that has none.
   *
   * @return any message may be handed out at any time
   */
  public static Ordering none() {
    return new Ordering(Kind.NONE, OnPoison.SKIP, USUAL_LOOKAHEAD);
  }

  /**
   * Returns an order within each key.
   *
   * @return with SKIP and a lookahead of 100,000
   */
  public static Ordering byKey() {
    return new Ordering(Kind.BY_KEY, OnPoison.SKIP, USUAL_LOOKAHEAD);
  }

  /**
   * Returns the order of the topic.
   *
   * @return with SKIP
   */
  public static Ordering total() {
    return new Ordering(Kind.TOTAL, OnPoison.SKIP, USUAL_LOOKAHEAD);
  }

  /**
   * Returns this ordering with another answer to poison messages.
   *
   * @param other what becomes of the messages behind one
   * @return a new ordering
   */
  public Ordering withOnPoison(OnPoison other) {
    return new Ordering(kind, other, lookahead);
  }

  /**
   * Returns this ordering with another lookahead.
   *
   * @param messages 1 to 1,000,000
   * @return a new ordering
   */
  public Ordering withLookahead(int messages) {
    return new Ordering(kind, onPoison, messages);
  }
}
