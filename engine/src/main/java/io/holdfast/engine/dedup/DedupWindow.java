package io.holdfast.engine.dedup;

/**
 * How long a topic remembers ids of messages.
 *
 * @param millis from the time at which it took the message
 * @param ids how many of the last ones
 */
public record DedupWindow(long millis, int ids) {}
