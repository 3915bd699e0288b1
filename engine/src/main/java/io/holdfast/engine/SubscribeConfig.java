package io.holdfast.engine;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * How a subscription runs its handler. Immutable.
 *
 * @param concurrency how many handlers, or stages of async handlers, run at once, 1 to 1,024
 * @param executor runs the handlers; without one they have threads of the engine
 * @param idles gives each thread that waits for messages its idle strategy; without it they park
 */
public record SubscribeConfig(
    int concurrency,
    Optional<Executor> executor,
    Optional<Supplier<? extends IdleStrategy>> idles) {
  /**
   * Checks the values.
   *
   * @param concurrency 1 to 1,024
   * @param executor not null
   * @param idles not null
   */
  public SubscribeConfig {
    Limits.within("concurrency", concurrency, 1, 1024);
    Objects.requireNonNull(executor, "executor");
    Objects.requireNonNull(idles, "idles");
  }

  /**
   * Returns a configuration that runs so many handlers at once, each on a thread of the engine that
   * parks while there is no message.
   *
   * @param handlers 1 to 1,024
   * @return the configuration
   */
  public static SubscribeConfig concurrency(int handlers) {
    return new SubscribeConfig(handlers, Optional.empty(), Optional.empty());
  }

  /**
   * Returns this configuration with an executor to run the handlers on; one thread of the engine
   * receives for it. It should have room for {@code concurrency} handlers and must run or reject
   * what it is given: a task that it drops keeps its message until the subscription is closed. What
   * it rejects is given back, uncounted, and the next try comes after a second.
   *
   * @param handlers of threads of any kind, virtual ones too; not closed by the subscription
   * @return a new configuration
   */
  public SubscribeConfig withExecutor(Executor handlers) {
    return new SubscribeConfig(concurrency, Optional.of(handlers), idles);
  }

  /**
   * Returns this configuration with another way to wait for messages. One that spins answers
   * soonest and takes a core for each thread that waits: {@code concurrency} threads for a handler
   * without an executor, else one.
   *
   * @param strategies asked once for each of those threads
   * @return a new configuration
   */
  public SubscribeConfig withIdleStrategy(Supplier<? extends IdleStrategy> strategies) {
    return new SubscribeConfig(concurrency, executor, Optional.of(strategies));
  }
}
