package io.holdfast.engine;

/** A message handler is called by a reader for one message after another. */
@FunctionalInterface
public interface MessageHandler {
  /**
   * Takes one message.
   *
   * @param message valid during the call only
   */
  void onMessage(MessageView message);

  /**
   * Is told of messages that are missing because a damaged topic was salvaged; called before the
   * message behind them, where there is one. Does nothing unless it is overridden.
   *
   * @param from first offset that is missing
   * @param to one past the last that is missing
   */
  default void onGap(long from, long to) {
    // Who only wants what is there sees the jump in the offsets.
  }
}
