package io.holdfast.engine.group;

/**
 * What a slot tells about its message beside the state.
 *
 * @param firstDelivery epoch milliseconds of the first delivery
 * @param consumer who had the last delivery
 * @param errorClass class of the last error, or empty
 * @param errorMessage message of the last error, or empty
 * @param reason why it is Dying; one of the codes below, or 0
 */
record SlotDetails(
    long firstDelivery, String consumer, String errorClass, String errorMessage, int reason) {
  /** Dying because its failures reached maxAttempts. */
  static final int ATTEMPTS = 1;

  /** Dying because a consumer rejected it. */
  static final int REJECTED = 2;

  /** Dying because the process died of it. */
  static final int CRASH = 3;

  /** Dying because a rule of its group calls its error fatal. */
  static final int FATAL = 4;

  /** Dying because a message of its key died before it. */
  static final int KEY = 5;

  /** Dying because it was too old to be handed out. */
  static final int EXPIRED = 6;

  /** Whether the message itself is why it is Dying. */
  boolean isOfItsOwn() {
    return reason != KEY && reason != EXPIRED;
  }

  /** Returns the last error in one line, or null. */
  String lastError() {
    if (errorClass.isEmpty()) {
      return null;
    }
    return errorMessage.isEmpty() ? errorClass : errorClass + ": " + errorMessage;
  }
}
