package io.holdfast.engine;

/**
 * What became of one send.
 *
 * @param receipt where the message stands; null where it was not taken
 * @param error why; null where it was
 */
record Answer(Receipt receipt, Throwable error) {}
