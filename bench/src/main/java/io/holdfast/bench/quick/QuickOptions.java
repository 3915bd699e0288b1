package io.holdfast.bench.quick;

import io.holdfast.bench.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a quick comparison was asked for. Immutable.
 *
 * @param directory in which it makes its own
 * @param peerPath class path of a build with the peers
 * @param rounds of each comparison
 * @param seconds after which no round is begun
 * @param only the targets to measure; empty for all
 * @param full whether with the sizes of the targets
 */
record QuickOptions(
    Path directory,
    Optional<String> peerPath,
    int rounds,
    int seconds,
    List<String> only,
    boolean full) {
  static final String USAGE =
      """
      Measures Holdfast beside Chronicle Queue, Artemis and the floor, and judges each target.

        --dir DIR       works in a new directory there, and removes it   (.)
        --rounds N      rounds of each comparison, 1 to 50, however      (5, or what fits
                        long they take                                   into five minutes)
        --only P1,P3    measures these targets only                      (all)
                        or "lock": locks that an append could use
        --full          with the sizes of the targets: appends of 4 GiB,
                        a backlog of 10 GiB, 100,000,000 messages, a
                        million deliveries out; takes hours, and 36 GiB
                        of disk
        --peers PATH    class path of a build with the peers             (none)
        --help          prints this

      Exit code: 0 when it ran, whatever the verdicts; 1 when a run failed, or lost, repeated
      or disordered a message; 2 for wrong options.""";

  private static final int DEFAULT_ROUNDS = 5;
  private static final int MAX_ROUNDS = 50;

  /** So that all of it takes less than five minutes. */
  private static final int DEFAULT_SECONDS = 290;

  private static final int ALL_THE_TIME = Integer.MAX_VALUE;

  /**
   * Reads a command line.
   *
   * @throws UsageException when it is wrong
   */
  static QuickOptions parse(String... args) {
    QuickOptions options =
        new QuickOptions(
            Path.of("."), Optional.empty(), DEFAULT_ROUNDS, DEFAULT_SECONDS, List.of(), false);
    int next = 0;
    while (next < args.length) {
      String name = args[next];
      if (name.equals("--full")) {
        options = options.inFull();
        next++;
      } else if (next + 1 == args.length) {
        throw new UsageException(name + ": expected a value behind it; see --help");
      } else {
        options = options.with(name, args[next + 1]);
        next += 2;
      }
    }
    return options;
  }

  private QuickOptions with(String name, String value) {
    return switch (name) {
      case "--dir" -> new QuickOptions(Path.of(value), peerPath, rounds, seconds, only, full);
      case "--peers" ->
          new QuickOptions(directory, Optional.of(value), rounds, seconds, only, full);
      case "--rounds" ->
          new QuickOptions(directory, peerPath, rounds(value), ALL_THE_TIME, only, full);
      case "--only" ->
          new QuickOptions(
              directory, peerPath, rounds, seconds, List.of(value.split(",")), full);
      default -> throw new UsageException(name + ": there is no such option; see --help");
    };
  }

  private QuickOptions inFull() {
    return new QuickOptions(directory, peerPath, rounds, ALL_THE_TIME, only, true);
  }

  Scale scale() {
    return full ? Scale.full(rounds) : Scale.quick(rounds, seconds);
  }

  private static int rounds(String value) {
    String expected = "--rounds: expected 1 to %d, found '%s'".formatted(MAX_ROUNDS, value);
    try {
      int rounds = Integer.parseInt(value);
      if (rounds < 1 || rounds > MAX_ROUNDS) {
        throw new UsageException(expected);
      }
      return rounds;
    } catch (NumberFormatException e) {
      throw new UsageException(expected);
    }
  }

  boolean wants(Section section) {
    return only.isEmpty() ? !section.onlyByName() : only.contains(section.target());
  }
}
