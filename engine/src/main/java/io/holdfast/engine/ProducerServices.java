package io.holdfast.engine;

import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.engine.group.GroupTimer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * What the producers of an engine share.
 *
 * @param clock epoch milliseconds, which delays and times to live count from
 * @param monotonic nanoseconds, for timeouts and rates
 * @param timer told of timeouts
 * @param sends told of messages with a time to live
 */
record ProducerServices(
    EpochClock clock, NanoClock monotonic, GroupTimer timer, ExpiringSends sends) {}
