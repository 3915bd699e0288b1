package io.holdfast.engine;

/**
 * A send callback is told the outcome of one asynchronous send.
 *
 * <p>It runs on the producer's own thread and holds up the producer's other messages while it does.
 * What it throws is logged and harms nobody.
 */
@FunctionalInterface
public interface SendCallback {
  /**
   * Takes the outcome; exactly one of the two arguments is not null.
   *
   * @param receipt the receipt of a message that is in the topic
   * @param error why the message is not known to be in the topic; a {@link
   *     io.holdfast.engine.error.SendOutcomeUnknownException} says that it may be
   */
  void onComplete(Receipt receipt, Throwable error);
}
