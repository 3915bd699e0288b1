package io.holdfast.engine;

/**
 * The answer to ack, nack, release, reject and extend.
 *
 * <p>Losing the race for a lease is an ordinary outcome that most callers have nothing to do about,
 * so it is an answer and not an exception.
 */
public enum Settled {
  /** The call took effect. */
  DONE,
  /** This delivery had been settled before; nothing was changed. */
  ALREADY_SETTLED,
  /**
   * The lease ran out and the message is no longer this delivery's: it is out again, on its way to
   * the dead letters, or finished. Nothing was changed.
   */
  STALE
}
