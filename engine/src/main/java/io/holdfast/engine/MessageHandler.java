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
}
