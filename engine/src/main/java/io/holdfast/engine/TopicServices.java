package io.holdfast.engine;

import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.engine.group.ClockWatch;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import java.util.function.BiPredicate;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * What the topics of an engine share.
 *
 * @param store where they live
 * @param clock epoch milliseconds
 * @param monotonic nanoseconds
 * @param clockWatch says whether messages may be thrown away by the clock
 * @param timer told of deadlines
 * @param delays bounds of delayed messages
 * @param events where what users may have to know is told
 * @param retention drops what topics keep no longer
 * @param mayDrop whether messages of a topic below an offset may go, as far as transactions are
 *     concerned
 */
record TopicServices(
    Store store,
    EpochClock clock,
    NanoClock monotonic,
    ClockWatch clockWatch,
    GroupTimer timer,
    DelayLimits delays,
    Events events,
    RetentionThread retention,
    BiPredicate<TopicLog, Long> mayDrop) {}
