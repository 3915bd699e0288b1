package io.holdfast.engine.dedup;

/**
 * What a topic knows of a message that somebody wants to send.
 *
 * @param kind whether it has the message
 * @param place where: an offset, or an index in the batch
 * @param time when it was taken, epoch milliseconds; 0 where that is not known
 */
public record Verdict(Kind kind, long place, long time) {
  static final Verdict NEW = new Verdict(Kind.NEW, 0, 0);
  static final Verdict SOMEWHERE = new Verdict(Kind.SOMEWHERE, 0, 0);

  /** Whether a topic has a message. */
  public enum Kind {
    /** It has not. */
    NEW,
    /** It has, at an offset that is known. */
    AT_OFFSET,
    /** The batch that is being filled has it. */
    IN_BATCH,
    /** It has, or had, at an offset that is not known any more. */
    SOMEWHERE
  }
}
