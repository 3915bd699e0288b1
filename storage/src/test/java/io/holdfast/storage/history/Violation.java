package io.holdfast.storage.history;

/**
 * One fault of a history.
 *
 * @param fault its kind
 * @param what was found, and where
 */
public record Violation(Fault fault, String what) {}
