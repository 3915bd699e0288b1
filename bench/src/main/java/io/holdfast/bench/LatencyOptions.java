package io.holdfast.bench;

import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.format.RecordLayout;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a latency run was asked for. Immutable.
 *
 * @param level that is measured
 * @param rate messages that become due in a second
 * @param payload bytes of each
 * @param batch most messages of one append
 * @param seconds that are measured
 * @param warmup seconds before that
 * @param durability of the topic
 * @param directory in which the run makes its own, to be removed at its end
 * @param hlog where the histogram log goes, if anywhere
 */
record LatencyOptions(
    RunLevel level,
    int rate,
    int payload,
    int batch,
    int seconds,
    int warmup,
    Durability durability,
    Path directory,
    Optional<Path> hlog) {

  /** What --help prints. */
  static final String USAGE =
      """
      usage: bench/bin/latency [option value]...

        --level L         storage: append and read, or engine: send, receive, ack (storage)
        --rate N          messages a second, 1 to 10000000 (100000)
        --payload BYTES   of a message, 16 to 1048576 (64)
        --batch N         most messages of one append, when several are due, 1 to 4096 (1)
        --seconds N       that are measured, 1 to 3600 (30)
        --warmup N        seconds before that, 0 to 600 (10)
        --durability D    processCrash, powerLoss or interval:PT0.1S (processCrash)
        --dir DIRECTORY   the run makes its store in a new directory there, and removes it (.)
        --hlog FILE       also writes the histograms there, as HdrHistogram's log

      Exit code: 0 the run counts, 1 it FAILED, 2 these options are wrong.""";

  /**
   * Reads the command line.
   *
   * @throws UsageException that says what was expected
   */
  static LatencyOptions parse(String... args) {
    Map<String, String> given = given(args);
    LatencyOptions options =
        new LatencyOptions(
            RunLevel.parse(Optional.ofNullable(given.remove("--level")).orElse("storage")),
            number(given, "--rate", 100_000, 1, 10_000_000),
            number(given, "--payload", 64, Payload.MIN_BYTES, maxPayload()),
            number(given, "--batch", 1, 1, RecordBatch.MAX_SIZE),
            number(given, "--seconds", 30, 1, 3600),
            number(given, "--warmup", 10, 0, 600),
            durability(given.remove("--durability")),
            path(given, "--dir").orElse(Path.of(".")),
            path(given, "--hlog"));
    refuseOthers(given);
    return options;
  }

  /** Options and their values, each once. */
  static Map<String, String> given(String... args) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new UsageException(args[i] + ": expected a value behind it, found nothing");
      }
      if (given.put(args[i], args[i + 1]) != null) {
        throw new UsageException(args[i] + ": expected once, found twice");
      }
    }
    return given;
  }

  /** What nobody has taken out is no option. */
  static void refuseOthers(Map<String, String> given) {
    if (!given.isEmpty()) {
      String unknown = given.keySet().iterator().next();
      throw new UsageException(unknown + ": there is no such option; see --help");
    }
  }

  private static int maxPayload() {
    return TopicSettings.DEFAULT_MAX_MESSAGE_SIZE;
  }

  static int number(
      Map<String, String> given, String option, int usual, int least, int most) {
    String text = given.remove(option);
    if (text == null) {
      return usual;
    }
    String expected =
        "%s: expected a whole number from %d to %d, found '%s'"
            .formatted(option, least, most, text);
    try {
      int number = Integer.parseInt(text);
      if (number < least || number > most) {
        throw new UsageException(expected);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new UsageException(expected);
    }
  }

  private static Durability durability(String text) {
    try {
      return text == null ? Durability.processCrash() : Durability.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--durability: " + e.getMessage());
    }
  }

  static Optional<Path> path(Map<String, String> given, String option) {
    try {
      return Optional.ofNullable(given.remove(option)).map(Path::of);
    } catch (InvalidPathException e) {
      throw new UsageException(option + ": expected a path, found " + e.getMessage());
    }
  }

  /** All messages of the run, those of the warm-up included. */
  long messages() {
    return (long) rate * (warmup + seconds);
  }

  /** About what the run writes, with segments that are prepared and not used yet. */
  long diskBytes() {
    int record = RecordLayout.aligned(RecordLayout.HEADER + payload) + level.extraBytes();
    long records = messages() * record;
    return records + records / 100 + 3L * TopicSettings.DEFAULT_SEGMENT_SIZE;
  }
}
