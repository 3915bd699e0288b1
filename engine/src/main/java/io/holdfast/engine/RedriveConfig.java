package io.holdfast.engine;

/**
 * How dead letters are redriven. Immutable.
 *
 * @param rate messages a second on average, 0.001 to 1,000,000, or infinity for no limit
 * @param most messages after which a redrive ends, at least 1
 * @param dryRun whether nothing is written, and the report says what would be
 */
public record RedriveConfig(double rate, long most, boolean dryRun) {
  private static final double LEAST_RATE = 0.001;
  private static final double MOST_RATE = 1_000_000;

  /**
   * Checks the values.
   *
   * @param rate see above
   * @param most at least 1
   * @param dryRun any
   */
  public RedriveConfig {
    boolean unlimited = rate == Double.POSITIVE_INFINITY;
    if (!unlimited && !(rate >= LEAST_RATE && rate <= MOST_RATE)) {
      throw new IllegalArgumentException(
          "rate is between 0.001 and 1,000,000 messages a second, not " + rate);
    }
    if (most < 1) {
      throw new IllegalArgumentException("most is at least 1 message, not " + most);
    }
  }

  /**
   * Returns the usual configuration: all of them, as fast as it goes.
   *
   * @return the configuration
   */
  public static RedriveConfig defaults() {
    return new RedriveConfig(Double.POSITIVE_INFINITY, Long.MAX_VALUE, false);
  }

  /**
   * Returns this configuration with a rate.
   *
   * @param perSecond messages a second on average, 0.001 to 1,000,000
   * @return a new configuration
   */
  public RedriveConfig withRate(double perSecond) {
    return new RedriveConfig(perSecond, most, dryRun);
  }

  /**
   * Returns this configuration with an end.
   *
   * @param messages after which a redrive ends, at least 1
   * @return a new configuration
   */
  public RedriveConfig withMost(long messages) {
    return new RedriveConfig(rate, messages, dryRun);
  }

  /**
   * Returns this configuration for a redrive that writes nothing and says what it would do.
   *
   * @return a new configuration
   */
  public RedriveConfig asDryRun() {
    return new RedriveConfig(rate, most, true);
  }
}
