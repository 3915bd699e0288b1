package io.holdfast.engine;

import java.time.Instant;

/**
 * An event is something that happened inside an engine, which no call of a user was the answer to.
 */
public sealed interface EngineEvent {
  /** Why messages were lost. */
  enum Cause {
    /** They were lost in a damaged topic before it was salvaged. */
    DAMAGE,
    /** The topic's retention did not let them stay. */
    RETENTION,
    /** They made room in a topic that had met a limit. */
    LIMIT,
    /** They were too old, and the topic's onExpiry is DROP; what becomes a dead letter is none. */
    EXPIRY
  }

  /**
   * A group will never see messages that it was not done with.
   *
   * @param group its name
   * @param topic its name
   * @param from first offset of the range
   * @param to one past the last
   * @param count how many in the range the group was not done with
   * @param cause why
   */
  record MessagesLost(
      String group, String topic, long from, long to, long count, Cause cause)
      implements EngineEvent {}

  /**
   * The clock left the monotonic one by more than an hour. Until both agree again, or {@link
   * Engine#trustClock} is called, nothing expires by age or time.
   *
   * @param from the time that was expected
   * @param to the time that the clock says
   */
  record ClockJumped(Instant from, Instant to) implements EngineEvent {}

  /**
   * A group was deleted because nobody had used it for the time that its configuration gives.
   *
   * @param group its name
   */
  record GroupExpired(String group) implements EngineEvent {}

  /**
   * A topic has met one of its limits; what happens to sends is said by its onFull. Told once in 10
   * seconds for each limit of a topic.
   *
   * @param topic its name
   * @param limit which one, with its value
   */
  record TopicFull(String topic, String limit) implements EngineEvent {}

  /**
   * Events were dropped because the listener did not keep up; the next one came after them.
   *
   * @param count how many
   */
  record EventsDropped(long count) implements EngineEvent {}
}
