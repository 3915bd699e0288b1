package io.holdfast.bench.quick;

import java.util.List;

/** The runs of one target, its rows and its verdicts. */
interface Section {

  /** P1 to P12, or another name that {@code --only} takes. */
  String target();

  /** Whether it is left out unless it is asked for by its name. */
  default boolean onlyByName() {
    return false;
  }

  /** Rounds that it takes, of those that the session has. */
  default int rounds(Scale scale) {
    return scale.rounds();
  }

  /** Whether it keeps stores from round to round, which would take room from the others. */
  default boolean isLast() {
    return false;
  }

  /** Runs each contender once, one after the other. */
  void round(Session session);

  /** Frees what was kept from round to round. */
  default void end(Session session) {
    // Most keep nothing.
  }

  /** What came of it, also when some or all of it was not measured. */
  List<Verdict> verdicts(Samples samples);
}
