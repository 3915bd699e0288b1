package io.holdfast.engine.group;

/**
 * The word of a slot: state, suspicion, generation, failures and attempts in one long, so that one
 * compare-and-set decides every race.
 *
 * <p>The generation has 27 bits and is raised by each delivery; it comes round after 134 million
 * deliveries through one slot. Failures and attempts stop at 65,535. A suspect's message was out
 * when a process died; it stays one until it has been settled.
 */
public final class SlotWord {
  private static final int STATE_SHIFT = 60;
  private static final int GENERATION_SHIFT = 32;
  private static final int FAILURES_SHIFT = 16;
  private static final long GENERATION_MASK = (1L << 27) - 1;
  private static final long SUSPECT = 1L << 59;
  private static final int COUNT_MASK = 0xFFFF;

  private SlotWord() {}

  /**
   * The state.
   *
   * @param word of a slot
   * @return FREE also for a code that is not known
   */
  public static SlotState state(long word) {
    return SlotState.of((int) (word >>> STATE_SHIFT));
  }

  /**
   * The generation.
   *
   * @param word of a slot
   * @return which delivery through this slot was the last
   */
  public static int generation(long word) {
    return (int) (word >>> GENERATION_SHIFT & GENERATION_MASK);
  }

  /**
   * How often the message has failed.
   *
   * @param word of a slot
   * @return nacks and timeouts
   */
  public static int failures(long word) {
    return (int) (word >>> FAILURES_SHIFT) & COUNT_MASK;
  }

  /**
   * How often the message has been handed out.
   *
   * @param word of a slot
   * @return deliveries
   */
  public static int attempts(long word) {
    return (int) word & COUNT_MASK;
  }

  /**
   * Whether the message is suspected of the death of a process.
   *
   * @param word of a slot
   * @return true until it has been settled
   */
  public static boolean isSuspect(long word) {
    return (word & SUSPECT) != 0;
  }

  static long suspect(long word) {
    return withState(word, SlotState.AVAILABLE) | SUSPECT;
  }

  static long withState(long word, SlotState state) {
    return word & ~(0xFL << STATE_SHIFT) | (long) state.ordinal() << STATE_SHIFT;
  }

  /** The word of a delivery that begins now. */
  static long delivered(long word) {
    long generation = generation(word) + 1 & GENERATION_MASK;
    long attempts = Math.min(attempts(word) + 1, COUNT_MASK);
    return of(SlotState.RUNNING, generation, failures(word), attempts) | word & SUSPECT;
  }

  /** The word of a free slot whose next message will not be handed out. */
  static long passedOver(long word) {
    return of(SlotState.FREE, generation(word) + 1 & GENERATION_MASK, 0, 0);
  }

  /** The word of a slot whose details are about to be written; a lease of before is stale. */
  static long raised(long word) {
    long generation = generation(word) + 1 & GENERATION_MASK;
    return of(state(word), generation, failures(word), attempts(word)) | word & SUSPECT;
  }

  /** The word after one more failure; whoever fails has not killed its process. */
  static long failed(long word, SlotState next) {
    long failures = Math.min(failures(word) + 1, COUNT_MASK);
    return of(next, generation(word), failures, attempts(word));
  }

  /** The word of a message whose last failure does not count: it has been told to nobody. */
  static long untold(long word, int mostFailures) {
    long failures = Math.min(failures(word), mostFailures);
    return of(SlotState.AVAILABLE, generation(word), failures, attempts(word));
  }

  /** The word of a slot that holds no message; the generation stays. */
  static long free(long word) {
    return of(SlotState.FREE, generation(word), 0, 0);
  }

  private static long of(SlotState state, long generation, long failures, long attempts) {
    return (long) state.ordinal() << STATE_SHIFT
        | generation << GENERATION_SHIFT
        | failures << FAILURES_SHIFT
        | attempts;
  }
}
