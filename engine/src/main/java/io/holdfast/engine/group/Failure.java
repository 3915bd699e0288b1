package io.holdfast.engine.group;

import java.time.Duration;
import java.time.Instant;

/**
 * Why a delivery did not end well.
 *
 * @param type class of the error, or a word of ours
 * @param message its message, or empty
 * @param error the error itself, for its stack; null where there is none
 */
public record Failure(String type, String message, Throwable error) {
  private static final int TYPE_BYTES = 256;
  private static final int MESSAGE_BYTES = 1024;
  private static final int STACK_BYTES = 4096;
  private static final int MAX_CAUSES = 10; // a chain may lead back into itself
  private static final int MAX_FRAMES = 15; // of each error, so that its causes find room too

  /** The type of a failure by timeout. */
  static final String ACK_TIMEOUT = "ackTimeout";

  /** The type of a rejected message. */
  static final String REJECTED = "rejected";

  /** The type of a message that follows another of its key to the dead letters. */
  static final String KEY = "key";

  /** The type of a message that was too old to be handed out. */
  static final String EXPIRED = "expired";

  /** The type of a message that its process died of. */
  static final String CRASH = "crash";

  /**
   * Returns the failure that an error stands for.
   *
   * @param error of a handler or a consumer
   * @return the failure
   */
  public static Failure of(Throwable error) {
    return new Failure(Utf8.cut(error.getClass().getName(), TYPE_BYTES), messageOf(error), error);
  }

  /**
   * Returns the failure of a message that a consumer rejects.
   *
   * @param reason what it says
   * @return the failure
   */
  public static Failure rejected(String reason) {
    return new Failure(REJECTED, Utf8.cut(reason, MESSAGE_BYTES), null);
  }

  static Failure timeout(String consumer, long millis) {
    return new Failure(
        ACK_TIMEOUT,
        "no answer from consumer " + consumer + " within " + Duration.ofMillis(millis),
        null);
  }

  /** The failure of a message that was out when its process died. */
  static Failure crash(String consumer) {
    return new Failure(CRASH, "the process died while consumer " + consumer + " had it", null);
  }

  /** The failure of a message whose key is poisoned. */
  static Failure behindPoison() {
    return new Failure(KEY, "a message of its key became a dead letter before it", null);
  }

  /** The failure of a message that was too old to be handed out, and had never failed. */
  static Failure expired(long now) {
    return new Failure(EXPIRED, "too old at " + Instant.ofEpochMilli(now), null);
  }

  /** What is left of a failure after the process that saw it has gone. */
  static Failure stored(SlotDetails details) {
    return new Failure(details.errorClass(), details.errorMessage(), null);
  }

  /** Returns the stack, with its causes, in at most 4 KiB of UTF-8; null where there is none. */
  String stack() {
    if (error == null) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    try {
      append(text);
    } catch (RuntimeException | Error e) { // a user's class may do anything here
      text.append("the rest cannot be read: ").append(e.getClass().getName()).append('\n');
    }
    return Utf8.cut(text.toString(), STACK_BYTES);
  }

  private void append(StringBuilder text) {
    Throwable at = error;
    for (int depth = 0; at != null && depth < MAX_CAUSES; depth++) {
      text.append(depth == 0 ? "" : "Caused by: ").append(at.getClass().getName());
      text.append(": ").append(messageOf(at)).append('\n');
      StackTraceElement[] frames = at.getStackTrace();
      for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
        text.append("\tat ").append(frames[i]).append('\n');
      }
      if (frames.length > MAX_FRAMES) {
        text.append("\t... ").append(frames.length - MAX_FRAMES).append(" more\n");
      }
      at = at.getCause();
    }
  }

  private static String messageOf(Throwable error) {
    try {
      String message = error.getMessage();
      return message == null ? "" : Utf8.cut(message, MESSAGE_BYTES);
    } catch (RuntimeException | Error e) { // as above
      return "the message cannot be read: " + e.getClass().getName();
    }
  }
}
