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
 * @param backlogBytes payload bytes of the larger store that is opened after a kill
 * @param topics of the store with many
 * @param seekMessages of the larger topic that is sought in
 * @param seconds after which nothing is done that may be left out
 */
record Scale(
    int rounds,
    long warmupMillis,
    long warmupBytes,
    long millis,
    long maxBytes,
    long floorBytes,
    long backlogBytes,
    int topics,
    int seekMessages,
    int seconds) {

  /** The larger one is this many times the smaller, where growth is shown. */
  static final int GROWTH = 4;

  /** For {@code bench/bin/quick}: rounds that do not fit into the time are left out. */
  static Scale quick(int rounds, int seconds) {
    return new Scale(
        rounds, 300, 64L << 20, 500, 3L << 30, 256L << 20, 1L << 30, 1000, 4_000_000, seconds);
  }

  /** The least that goes through everything, for tests. */
  static Scale tiny() {
    return new Scale(1, 50, 1L << 20, 100, 4L << 20, 128L << 20, 2L << 20, 3, 20_000, 60);
  }

  /** The arguments that most workloads share. */
  Arguments arguments(int payload) {
    return Arguments.none()
        .with("payload", payload)
        .with("warmupMillis", warmupMillis)
        .with("warmupMessages", warmupBytes / payload)
        .with("millis", millis)
        .with("maxBytes", maxBytes)
        .with("floorBytes", floorBytes);
  }
}
