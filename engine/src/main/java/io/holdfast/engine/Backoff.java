package io.holdfast.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A backoff says how long a message waits after its first, second, ... failure.
 *
 * <p>After the last step the last one is used again. Each delay is spread by the jitter in both
 * directions, so that what failed together does not come back together. Immutable.
 */
public final class Backoff {
  private static final double DEFAULT_JITTER = 0.2;

  private final List<Duration> steps;
  private final double jitter;

  private Backoff(List<Duration> steps, double jitter) {
    if (steps.isEmpty() || steps.size() > 100) {
      throw new IllegalArgumentException("a backoff has 1 to 100 steps, not " + steps.size());
    }
    for (Duration step : steps) {
      if (step.isNegative() || step.compareTo(Duration.ofDays(365)) > 0) {
        throw new IllegalArgumentException("a step of a backoff is 0 to 365 days, not " + step);
      }
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("a jitter is between 0 and 1, not " + jitter);
    }
    this.steps = steps;
    this.jitter = jitter;
  }

  /**
   * Returns a backoff with these steps and a jitter of 20 %.
   *
   * @param first the delay after the first failure, in milliseconds, 0 to 365 days
   * @param more the delays after the following failures
   * @return the backoff
   */
  public static Backoff of(Duration first, Duration... more) {
    List<Duration> steps = new ArrayList<>();
    steps.add(first);
    steps.addAll(List.of(more));
    return new Backoff(List.copyOf(steps), DEFAULT_JITTER);
  }

  /**
   * Returns a backoff of always the same delay, without jitter.
   *
   * @param delay 0 to 365 days
   * @return the backoff
   */
  public static Backoff fixed(Duration delay) {
    return new Backoff(List.of(delay), 0);
  }

  /**
   * Returns the same steps with another jitter.
   *
   * @param share 0 for none to 1: the delay is multiplied by a number in [1 - share, 1 + share]
   * @return a new backoff
   */
  public Backoff withJitter(double share) {
    return new Backoff(steps, share);
  }

  /**
   * Returns the steps.
   *
   * @return an unmodifiable list, at least one
   */
  public List<Duration> steps() {
    return steps;
  }

  /**
   * Returns the jitter.
   *
   * @return between 0 and 1
   */
  public double jitter() {
    return jitter;
  }

  /**
   * Returns the delay after a failure.
   *
   * @param failures how many there have been, this one included; at least 1
   * @param random where the jitter comes from
   * @return milliseconds
   */
  public long delayMillis(int failures, RandomGenerator random) {
    long base = steps.get(Math.min(failures, steps.size()) - 1).toMillis();
    if (jitter == 0) {
      return base;
    }
    return Math.round(base * (1 + jitter * (2 * random.nextDouble() - 1)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Backoff that
        && steps.equals(that.steps)
        && Double.compare(jitter, that.jitter) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * steps.hashCode() + Double.hashCode(jitter);
  }

  @Override
  public String toString() {
    return "Backoff" + steps + " +-" + Math.round(jitter * 100) + " %";
  }
}
