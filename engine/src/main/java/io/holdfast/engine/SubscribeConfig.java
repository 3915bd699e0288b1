package io.holdfast.engine;

import io.holdfast.engine.group.ReadAhead;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * How a subscription runs its handler. Immutable.
 *
 * @param concurrency how many handlers, or stages of async handlers, run at once, 1 to 1,024
 * @param buffer how many messages of each topic are read before a handler is free, 0 to 65,536
 * @param executor runs the handlers; without one they have threads of the engine
 * @param idles gives each thread that waits for messages its idle strategy; without it they park
 */
public record SubscribeConfig(
    int concurrency,
    int buffer,
    Optional<Executor> executor,
    Optional<Supplier<? extends IdleStrategy>> idles) {
  /** The buffer of a subscription that says nothing else. */
  public static final int DEFAULT_BUFFER = 256;

  /** Bytes of messages at which the buffers of a group, for all its topics, have no room. */
  public static final int MAX_BUFFER_BYTES = ReadAhead.MAX_BYTES;

  private static final int MAX_BUFFER = 65_536;

  /**
   * Checks the values.
   *
   * @param concurrency 1 to 1,024
   * @param buffer 0 to 65,536
   * @param executor not null
   * @param idles not null
   */
  public SubscribeConfig {
    Limits.within("concurrency", concurrency, 1, 1024);
    Limits.within("buffer", buffer, 0, MAX_BUFFER);
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
    return new SubscribeConfig(handlers, DEFAULT_BUFFER, Optional.empty(), Optional.empty());
  }

  /**
   * Returns this configuration with another buffer: so many messages of each topic of the group may
   * be read before a handler is free for them, and {@value #MAX_BUFFER_BYTES} bytes in all its
   * topics; of several subscriptions of a group the largest buffer counts. What is read ahead is in
   * memory only. It is not out: it counts as no attempt and not against maxInFlight, and whoever
   * asks first gets it. A full buffer makes nobody lose a message: what has no room is read later.
   *
   * @param messages 0 to 65,536; 0 to read each message when it is handed out
   * @return a new configuration
   */
  public SubscribeConfig withBuffer(int messages) {
    return new SubscribeConfig(concurrency, messages, executor, idles);
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
    return new SubscribeConfig(concurrency, buffer, Optional.of(handlers), idles);
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
    return new SubscribeConfig(concurrency, buffer, executor, Optional.of(strategies));
  }
}
