package io.holdfast.engine;

/**
 * How a subscription runs its handler.
 *
 * @param concurrency how many handlers run at once, 1 to 1,024; each has a thread of its own
 */
public record SubscribeConfig(int concurrency) {
  /**
   * Checks the value.
   *
   * @param concurrency 1 to 1,024
   */
  public SubscribeConfig {
    Limits.within("concurrency", concurrency, 1, 1024);
  }

  /**
   * Returns a configuration that runs so many handlers at once.
   *
   * @param handlers 1 to 1,024
   * @return the configuration
   */
  public static SubscribeConfig concurrency(int handlers) {
    return new SubscribeConfig(handlers);
  }
}
