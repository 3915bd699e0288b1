package io.holdfast.engine;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Counts dead letters by their causes. One thread at a time. */
final class DeadLetterTally {
  private final Map<String, Cause> causes = new HashMap<>(); // by fingerprint
  private long letters;
  private long others;

  void add(DeadLetter letter) {
    letters++;
    String fingerprint = letter.fingerprint();
    Cause cause = causes.get(fingerprint);
    if (cause == null) {
      if (causes.size() == DeadLetterSummary.MAX_CAUSES) {
        others++;
        return;
      }
      cause = new Cause(letter);
      causes.put(fingerprint, cause);
    }
    cause.add(letter);
  }

  DeadLetterSummary summary() {
    List<DeadLetterCause> all =
        causes.entrySet().stream()
            .map(entry -> entry.getValue().of(entry.getKey()))
            .sorted(
                Comparator.comparingLong(DeadLetterCause::count)
                    .reversed()
                    .thenComparing(DeadLetterCause::fingerprint))
            .toList();
    return new DeadLetterSummary(letters, all, others);
  }

  /** What is known of one cause so far. */
  private static final class Cause {
    private final String errorClass;
    private final String message;
    private final SortedSet<String> reasons = new TreeSet<>(); // there are few
    private long count;
    private Instant first = Instant.MAX;
    private Instant last = Instant.MIN;

    Cause(DeadLetter sample) {
      errorClass = sample.errorClass();
      message = sample.errorMessage();
    }

    void add(DeadLetter letter) {
      reasons.add(letter.reason());
      count++;
      first = letter.time().isBefore(first) ? letter.time() : first;
      last = letter.time().isAfter(last) ? letter.time() : last;
    }

    DeadLetterCause of(String fingerprint) {
      return new DeadLetterCause(
          fingerprint,
          errorClass,
          message,
          Collections.unmodifiableSortedSet(reasons),
          count,
          first,
          last);
    }
  }
}
