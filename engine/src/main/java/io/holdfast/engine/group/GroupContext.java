package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.storage.Signal;
import io.holdfast.storage.Store;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;

/**
 * What the state of a group on each of its topics has in common.
 *
 * @param group name of the group
 * @param live the configuration of the group, which may be replaced
 * @param store where it lives
 * @param clock epoch milliseconds
 * @param seed of the jitter
 * @param signal raised when a receive that waits may find something
 * @param timer told of deadlines
 * @param events where what users may have to know is told
 * @param clockWatch says whether messages may be thrown away by the clock
 * @param readAhead how much is read before anybody asks for it
 * @param sends told of messages with a time to live
 * @param suspects of the death of the last process, in the whole store
 * @param committed what transactions have acked, while the engine opens
 * @param forcedNames of directories with states, while the engine opens
 * @param steps told of each step of a dead letter; for tests
 */
public record GroupContext(
    String group,
    AtomicReference<GroupConfig> live,
    Store store,
    EpochClock clock,
    long seed,
    Signal signal,
    GroupTimer timer,
    Events events,
    ClockWatch clockWatch,
    ReadAhead readAhead,
    ExpiringSends sends,
    Suspects suspects,
    CommittedAcks committed,
    ForcedNames forcedNames,
    Consumer<DeadLetterStep> steps) {
  /**
   * The configuration that holds now.
   *
   * @return what was stored last
   */
  public GroupConfig config() {
    return live.get();
  }

  /**
   * The same with a signal of its own, for one topic.
   *
   * @param own raises this one's, too
   * @return a copy
   */
  public GroupContext with(Signal own) {
    return new GroupContext(
        group,
        live,
        store,
        clock,
        seed,
        own,
        timer,
        events,
        clockWatch,
        readAhead,
        sends,
        suspects,
        committed,
        forcedNames,
        steps);
  }
}
