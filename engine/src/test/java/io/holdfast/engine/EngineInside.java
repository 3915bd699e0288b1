package io.holdfast.engine;

import io.holdfast.engine.delay.DelayIndex;
import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What tests in other packages need of an engine and its users do not. */
public final class EngineInside {
  private EngineInside() {}

  /**
   * Opens a store and is told of the steps of dead letters.
   *
   * @param directory of the store
   * @param config how
   * @param steps told of each step, on the thread that does it
   * @return to be closed
   */
  public static Engine open(
      Path directory, EngineConfig config, Consumer<DeadLetterStep> steps) {
    return Engine.open(directory, config, steps);
  }

  /**
   * Opens a store with small indexes of delayed messages.
   *
   * @param directory of the store
   * @param config how
   * @param delays how small
   * @return to be closed
   */
  public static Engine open(Path directory, EngineConfig config, DelayLimits delays) {
    return Engine.open(directory, config, step -> {}, delays);
  }

  /**
   * The delayed messages of a topic.
   *
   * @param engine that is open
   * @param topic its name
   * @return the index
   */
  public static DelayIndex delays(Engine engine, String topic) {
    return engine.runtime(engine.log(topic)).delays();
  }

  /**
   * Waits until the store's agent has done what it was given.
   *
   * @param engine that is open
   */
  public static void awaitAgent(Engine engine) {
    engine.awaitAgent();
  }

  /**
   * Does what is due by the clock, on the caller's thread.
   *
   * @param engine that is open
   */
  public static void tick(Engine engine) {
    engine.tick();
  }

  /**
   * The log of a topic.
   *
   * @param engine that is open
   * @param topic its name; dead-letter topics are topics too
   * @return the log
   */
  public static TopicLog log(Engine engine, String topic) {
    return engine.log(topic);
  }

  /**
   * Has what a topic keeps no longer dropped, on the caller's thread.
   *
   * @param engine that is open
   * @param topic its name
   */
  public static void retain(Engine engine, String topic) {
    engine.runtime(engine.log(topic)).askRetention();
    engine.tick();
  }

  /**
   * Does work while nothing of a topic is dropped.
   *
   * @param engine that is open
   * @param topic its name
   * @param work what is to be done
   */
  public static void whileKept(Engine engine, String topic, Runnable work) {
    engine
        .runtime(engine.log(topic))
        .whileKept(
            () -> {
              work.run();
              return null;
            });
  }

  /**
   * Has somebody told of the steps of commits.
   *
   * @param engine that is open
   * @param steps told of each step, on the thread that does it
   */
  public static void transactionSteps(Engine engine, Consumer<TransactionStep> steps) {
    engine.transactions().tell(steps);
  }

  /**
   * Has a mark pass the transactions that are applied.
   *
   * @param engine that is open
   */
  public static void markTransactions(Engine engine) {
    engine.transactions().whileNone(() -> null);
  }
}
