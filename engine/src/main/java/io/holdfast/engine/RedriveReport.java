package io.holdfast.engine;

/**
 * What a redrive did, or would do if it was a dry run.
 *
 * @param lookedAt dead letters that were still there and were looked at
 * @param matched those of them that passed the filter
 * @param redriven those of them that were sent back to their group
 * @param exhausted those of them that stay, because they came back maxRedrives times before
 */
public record RedriveReport(long lookedAt, long matched, long redriven, long exhausted) {}
