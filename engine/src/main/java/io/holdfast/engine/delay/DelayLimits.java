package io.holdfast.engine.delay;

/**
 * The sizes of a delay index. Users get those of {@link #DEFAULTS}; tests take small ones to see
 * every step with few messages.
 *
 * @param tail entries of a tail that is full
 * @param frozen most tails that wait to be written; then groups go no further
 * @param leastRun fewer entries than this are not worth a run at the close: they are read again
 * @param fanIn runs of about one size that are merged into one
 * @param mostMerged a run with more entries is merged no more: the agent has other work
 * @param leastInChunk a chunk of bits is made for so many entries; fewer are read again
 */
public record DelayLimits(
    int tail, int frozen, int leastRun, int fanIn, int mostMerged, int leastInChunk) {
  /** Tails of 128 KiB, 2 MiB of them at most; a run of up to 1 MiB is merged with others. */
  public static final DelayLimits DEFAULTS = new DelayLimits(8_192, 16, 1_024, 8, 65_536, 64);
}
