package io.holdfast.bench.quick;

/**
 * How long and how much each run measures. Immutable.
 *
 * @param rounds of each comparison
 * @param warmupMillis before the clock starts
 * @param warmupBytes payload bytes before the clock starts
 * @param millis that are measured
 * @param maxBytes payload bytes of a run, at most
 * @param floorBytes that the floor goes round in
 * @param sizes of what is measured by its size
 * @param seconds after which nothing is done that may be left out
 */
record Scale(
    int rounds,
    long warmupMillis,
    long warmupBytes,
    long millis,
    long maxBytes,
    long floorBytes,
    Sizes sizes,
    int seconds) {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /**
   * How large the topics and stores are that are appended to, opened and sought in.
   *
   * @param appendMillis that an append alone is measured for, at most
   * @param appendBytes payload bytes of an append alone, at most
   * @param backlogBytes payload bytes of the larger store that is opened after a kill
   * @param topics of the store with many
   * @param queueMessages of a topic that consumers of a group work off
   * @param inFlight deliveries that are out at once, to be acked in random order
   * @param seekMessages of the larger topic that is sought in, or that a group has behind it
   * @param backlogMessages in front of which a group receives
   * @param growth times that the larger one is as large as the smaller
   * @param cold whether stores are opened from the device too
   * @param diskBytes that all may take at any moment
   * @param overdueSeconds after which a run is killed
   */
  record Sizes(
      long appendMillis,
      long appendBytes,
      long backlogBytes,
      int topics,
      int queueMessages,
      int inFlight,
      int seekMessages,
      long backlogMessages,
      int growth,
      boolean cold,
      long diskBytes,
      int overdueSeconds) {}

  /** For {@code bench/bin/quick}: rounds that do not fit into the time are left out. */
  static Scale quick(int rounds, int seconds) {
    Sizes sizes =
        new Sizes(
            1000,
            3 * GIB,
            GIB,
            1000,
            500_000,
            200_000,
            4_000_000,
            10_000_000,
            4,
            false,
            6 * GIB,
            90);
    return new Scale(rounds, 300, 256 * MIB, 500, 3 * GIB, 256 * MIB, sizes, seconds);
  }

  /** For {@code bench/bin/quick --full}: the sizes of the targets, however long that takes. */
  static Scale full(int rounds) {
    Sizes sizes =
        new Sizes(
            600_000,
            4 * GIB,
            10 * GIB,
            1000,
            10_000_000,
            1_000_000,
            100_000_000,
            100_000_000,
            10,
            true,
            36 * GIB,
            1800);
    return new Scale(
        rounds, 500, 256 * MIB, 2000, 8 * GIB, 256 * MIB, sizes, Integer.MAX_VALUE);
  }

  /** The least that goes through everything, for tests. */
  static Scale tiny() {
    Sizes sizes = new Sizes(
            100, 4 * MIB, 2 * MIB, 3, 20_000, 2000, 20_000, 20_000, 4, true, GIB, 60);
    return new Scale(1, 50, MIB, 100, 4 * MIB, 128 * MIB, sizes, 60);
  }

  /** Messages that are sent before the clock starts. */
  long warmupMessages(int payload) {
    return warmupBytes / payload;
  }

  /** The arguments that most workloads share. */
  Arguments arguments(int payload) {
    return Arguments.none()
        .with("payload", payload)
        .with("warmupMillis", warmupMillis)
        .with("warmupMessages", warmupMessages(payload))
        .with("millis", millis)
        .with("windowBytes", StreamRun.WINDOW_BYTES)
        .with("maxBytes", maxBytes)
        .with("floorBytes", floorBytes);
  }
}
