package io.holdfast.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * What an error of a certain class means, other than a failure to be retried after the group's
 * backoff. Immutable.
 */
public final class ErrorRule {
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final ErrorRule FATAL = new ErrorRule(null);

  private final Duration delay; // null: fatal

  private ErrorRule(Duration delay) {
    this.delay = delay;
  }

  /**
   * No further try makes sense: the message becomes a dead letter at once.
   *
   * @return the rule
   */
  public static ErrorRule fatal() {
    return FATAL;
  }

  /**
   * The message is not to blame, what it needs is busy: it is given back to come again after a
   * delay, and no failure is counted.
   *
   * @param delay 1 ms to 365 days
   * @return the rule
   */
  public static ErrorRule throttle(Duration delay) {
    return new ErrorRule(Limits.within("delay", delay, Duration.ofMillis(1), LONGEST));
  }

  /**
   * Returns whether the message becomes a dead letter at once.
   *
   * @return false where it is given back
   */
  public boolean isFatal() {
    return delay == null;
  }

  /**
   * Returns how long a message that is given back waits.
   *
   * @return nothing where the error is fatal
   */
  public Optional<Duration> delay() {
    return Optional.ofNullable(delay);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ErrorRule that && delay().equals(that.delay());
  }

  @Override
  public int hashCode() {
    return delay().hashCode();
  }

  @Override
  public String toString() {
    return isFatal() ? "fatal" : "throttle " + delay;
  }

  static ErrorRule parse(String text) {
    if (text.equals("fatal")) {
      return FATAL;
    }
    String[] words = text.split(" ", 2);
    if (words.length != 2 || !words[0].equals("throttle")) {
      throw new IllegalArgumentException(
          "an error rule is 'fatal' or 'throttle <duration>', not '" + text + "'");
    }
    return throttle(Duration.parse(words[1]));
  }
}
