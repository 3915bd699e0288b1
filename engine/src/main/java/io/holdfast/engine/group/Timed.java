package io.holdfast.engine.group;

/** What the timer serves: something with deadlines. */
public interface Timed {
  /**
   * Does what is due by the clock.
   *
   * @return the next deadline, epoch milliseconds; the end of time where there is none
   */
  long tick();
}
