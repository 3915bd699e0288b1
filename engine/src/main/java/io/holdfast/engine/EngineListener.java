package io.holdfast.engine;

/**
 * Is told what happens inside an engine that a user may have to know of.
 *
 * <p>It is called on one thread of the engine's own, for one event after the other, in their order.
 * It may take its time and call anything, but what it waits for must not be another event: they
 * queue behind it, and beyond {@value #MAX_WAITING} of them the newest are dropped, which {@link
 * EngineEvent.EventsDropped} tells. What it throws is logged and harms nobody.
 */
@FunctionalInterface
public interface EngineListener {
  /** How many events wait for the listener at most. */
  int MAX_WAITING = 1_024;

  /**
   * Is told of an event.
   *
   * @param event what happened; new kinds may come with a new version
   */
  void onEvent(EngineEvent event);
}
