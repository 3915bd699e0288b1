package io.holdfast.engine;

import java.time.Instant;

/**
 * A receipt says that a message is in its topic, as durable as the topic promises.
 *
 * @param messageId unsigned 64-bit, unique in the store: topic number and offset
 * @param offset the place in the topic, counted from 0 without gaps
 * @param timestamp when the topic took the message, in milliseconds; never before an earlier one
 */
public record Receipt(long messageId, long offset, Instant timestamp) {}
