package io.holdfast.bench;

import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.format.RecordLayout;
import java.nio.file.Path;
import java.util.Map;

/**
 * How a drain was asked for. Immutable.
 *
 * @param messages of the backlog
 * @param payload bytes of each
 * @param directory in which the run makes its own, to be removed at its end
 */
record DrainOptions(int messages, int payload, Path directory) {
  /** What --help prints. */
  static final String USAGE =
      """
      usage: bench/bin/drain [option value]...

      Fills a topic, closes the engine, opens it, and has one consumer of a group receive and ack
      everything, in a heap of 64 MB. Each message must come once, in order and whole.

        --messages N      of the backlog, 1 to 1000000000 (20000000)
        --payload BYTES   of a message, 16 to 65536 (64)
        --dir DIRECTORY   the run makes its store in a new directory there, and removes it (.)

      Exit code: 0 all came as they should, 1 it FAILED, 2 these options are wrong.""";

  private static final int MAX_PAYLOAD = 64 << 10;

  /**
   * Reads the command line.
   *
   * @throws UsageException that says what was expected
   */
  static DrainOptions parse(String... args) {
    Map<String, String> given = LatencyOptions.given(args);
    DrainOptions options =
        new DrainOptions(
            LatencyOptions.number(given, "--messages", 20_000_000, 1, 1_000_000_000),
            LatencyOptions.number(given, "--payload", 64, Payload.MIN_BYTES, MAX_PAYLOAD),
            LatencyOptions.path(given, "--dir").orElse(Path.of(".")));
    LatencyOptions.refuseOthers(given);
    return options;
  }

  /** About what the run writes, with segments that are prepared and not used yet. */
  long diskBytes() {
    long records = (long) messages * RecordLayout.aligned(RecordLayout.HEADER + payload);
    return records + records / 50 + 3L * TopicSettings.DEFAULT_SEGMENT_SIZE;
  }
}
