package io.holdfast.engine;

import java.util.List;

/**
 * The dead letters of a group and topic that are still there, by their causes.
 *
 * @param letters how many there are; those that were redriven do not count
 * @param causes those with the most letters first; at most {@value #MAX_CAUSES}
 * @param others letters of causes that were met when there were as many already
 */
public record DeadLetterSummary(long letters, List<DeadLetterCause> causes, long others) {
  /** Most causes that are told apart, so that a summary takes at most some megabytes. */
  public static final int MAX_CAUSES = 1_000;
}
