package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The sections of a comparison, run round by round so that all of them see the same machine. */
final class Comparison {
  /** What filling the stores takes that are opened, and opening them once. */
  private static final int SECONDS_TO_OPEN = 75;

  private static final int SECONDS_TO_OPEN_AGAIN = 18;

  private final List<Section> sections;

  Comparison(Scale scale, Predicate<Section> wanted) {
    List<Section> all =
        List.of(
            new StreamSection(),
            new AppendSection(),
            new LatencySection(),
            new ManyProducersSection(),
            new QueueSection(),
            new SharingSection(),
            new AckSection(scale),
            new PowerLossSection(),
            new ProducersSection(),
            new FootprintSection(),
            new AllocationSection(),
            new SeekSection(scale),
            new LockSection(),
            new RestartSection(scale),
            new GrowthSection(scale),
            new OpenSection(scale));
    sections = all.stream().filter(wanted).toList();
  }

  /** Runs everything; a run that fails does not end the others. */
  void run(Session session) {
    Scale scale = session.scale();
    // The stores to be opened again and again would take room from the others: they come last.
    for (Section section : sections) {
      if (!section.isLast() && section.rounds(scale) == 1 && scale.rounds() > 1) {
        session.round(0);
        section.round(session);
      }
    }
    long began = session.seconds();
    for (int round = 0; round < scale.rounds(); round++) {
      long spent = session.seconds() - began;
      if (round > 0 && session.isLate(spent / round + SECONDS_TO_OPEN)) {
        break; // one more would leave no time for what comes last
      }
      session.round(round);
      for (Section section : sections) {
        boolean once = section.rounds(scale) == 1 && scale.rounds() > 1;
        if (!section.isLast() && !once) {
          section.round(session);
        }
      }
    }
    open(sections.stream().filter(Section::isLast).toList(), session);
  }

  private static void open(List<Section> last, Session session) {
    try {
      for (int round = 0; round < session.scale().rounds(); round++) {
        if (round > 0 && session.isLate(SECONDS_TO_OPEN_AGAIN)) {
          return;
        }
        session.round(round);
        last.forEach(section -> section.round(session));
      }
    } finally {
      last.forEach(section -> section.end(session));
    }
  }

  List<Verdict> verdicts(Samples samples) {
    List<Verdict> verdicts = new ArrayList<>();
    sections.forEach(section -> verdicts.addAll(section.verdicts(samples)));
    return verdicts;
  }
}
