package io.holdfast.storage;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicVerifier;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.StoreLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * Saves what is whole in a topic that is damaged: every message that a check finds good is kept,
 * with its own offset; where others are missing, the topic gets a gap that readers and groups are
 * told of.
 *
 * <p>Segments in which nothing is wrong stay as they are. The whole messages of the others are
 * copied into new segments, and the damaged files go to {@code quarantine/}, whole; nothing there
 * is deleted. It needs room for the copies, and little memory.
 *
 * <p>It may be interrupted at any moment and run again. Until its plan is written nothing is
 * changed; after that it can only be finished, and the topic stays shut until it is.
 */
public final class TopicSalvage {
  private final Path store;
  private final String name;
  private final Path directory;
  private final EpochClock clock;
  private final SecureRandom salts = new SecureRandom();

  private TopicSalvage(Path store, String name, EpochClock clock) {
    this.store = store;
    this.name = TopicName.check(name);
    this.directory = store.resolve("topics").resolve(name);
    this.clock = clock;
  }

  /**
   * Salvages a topic of a store that nobody has open.
   *
   * @param store its directory
   * @param topic name of the topic
   * @return what was done
   * @throws io.holdfast.storage.error.StoreInUseException when a process has the store open
   * @throws DamagedStoreException when the control file or the topic's properties are damaged:
   *     those must be restored first
   * @throws io.holdfast.storage.error.FormatVersionException when a newer version wrote to the
   *     topic
   * @throws io.holdfast.storage.error.DiskFullException when there is no room for the copies;
   *     nothing was changed
   * @throws HoldfastException when there is no such topic
   */
  public static SalvageReport salvage(Path store, String topic) {
    return salvage(store, topic, SystemEpochClock.INSTANCE);
  }

  static SalvageReport salvage(Path store, String topic, EpochClock clock) {
    TopicSalvage salvage = new TopicSalvage(store, topic, clock);
    return owned(store, salvage::run);
  }

  /**
   * Says what {@link #salvage} would do; changes nothing.
   *
   * @param store its directory
   * @param topic name of the topic
   * @return the plan
   * @throws DamagedTopicException when an earlier salvage was interrupted: it must be finished
   * @throws HoldfastException as {@link #salvage}
   */
  public static SalvageReport plan(Path store, String topic) {
    TopicSalvage salvage = new TopicSalvage(store, topic, SystemEpochClock.INSTANCE);
    return owned(store, salvage::plan);
  }

  private static SalvageReport owned(Path store, Supplier<SalvageReport> work) {
    StoreView.open(store); // says what is wrong with a directory that is no store
    StoreLock lock = StoreLock.take(store);
    try {
      return work.get();
    } finally {
      lock.close();
    }
  }

  private SalvageReport plan() {
    if (SalvagePlan.exists(directory)) {
      throw new DamagedTopicException(
          "topic '%s': an earlier salvage was interrupted: finish it with 'holdfast repair'"
              .formatted(name));
    }
    return decide().map(Decision::report).orElseGet(this::notNeeded);
  }

  private SalvageReport run() {
    StoreDirectory.forceNames(directory); // as an opening does: names that were never forced
    if (!SalvagePlan.exists(directory)) {
      SalvageSteps.clear(directory);
      Optional<Decision> decision = decide();
      if (decision.isEmpty()) {
        return notNeeded();
      }
      make(decision.get());
      planOf(decision.get()).write(directory);
    }
    SalvagePlan plan = SalvagePlan.read(directory);
    new SalvageSteps(directory, quarantine(), plan).run();
    return done(plan);
  }

  private Path quarantine() {
    return store.resolve("quarantine");
  }

  /** What was found and is to be done. */
  private record Decision(
      UUID storeId,
      TopicReport found,
      List<SalvageSource> sources,
      Set<SalvageSource> whole,
      SalvagePieces pieces,
      String name) {

    SalvageReport report() {
      long copied = 0;
      for (SalvagePieces.Piece piece : pieces.pieces()) {
        copied += piece.kept() == null ? piece.endOffset() - piece.firstOffset() : 0;
      }
      return new SalvageReport(
          name,
          SalvageReport.Outcome.PLANNED,
          pieces.pieces().get(0).firstOffset(),
          pieces.endOffset(),
          pieces.gaps(),
          copied,
          whole.size(),
          pieces.pieces().size() - whole.size(),
          pieces.timesEstimated(),
          List.of());
    }
  }

  private Optional<Decision> decide() {
    StoreView view = StoreView.open(store);
    UUID storeId =
        view.control()
            .filter(control -> control.newest().isPresent())
            .flatMap(control -> view.id())
            .orElseThrow(
                () ->
                    new DamagedStoreException(
                        store.resolve("store.ctl")
                            + ": expected a whole control file, found none: restore it from a "
                            + "backup first"));
    TopicView topic =
        view.topic(name)
            .orElseThrow(
                () ->
                    new HoldfastException(
                        "%s: expected a topic '%s', found none".formatted(store, name)));
    TopicSettings.Stored stored =
        TopicSettings.read(directory.resolve("topic.properties"), name);
    TopicReport found = TopicVerifier.verify(topic, false);
    if (found.state() != TopicReport.State.DAMAGED) {
      return Optional.empty();
    }
    long first = ControlFile.read(store.resolve("store.ctl")).entry(stored.number()).firstSegment();
    List<SalvageSource> sources = sources(storeId, stored.number(), first);
    Set<SalvageSource> whole = whole(found, sources);
    SalvagePieces pieces =
        SalvagePieces.of(
            stored.number(), sources, whole, first, found.durableOffset(), clock.time());
    return Optional.of(new Decision(storeId, found, sources, whole, pieces, name));
  }

  private List<SalvageSource> sources(UUID storeId, int topic, long first) {
    List<SalvageSource> sources = new ArrayList<>();
    SegmentFiles.list(directory)
        .tailMap(first)
        .forEach(
            (number, file) -> sources.add(SalvageSource.of(number, file, storeId, topic)));
    sources.sort(
        Comparator.comparingLong(SalvageSource::order).thenComparing(SalvageSource::number));
    return sources;
  }

  /** Those of which nothing bad was said, and which are sealed, or the last one. */
  private static Set<SalvageSource> whole(TopicReport found, List<SalvageSource> sources) {
    Set<SalvageSource> whole = new HashSet<>();
    if (found.unlisted() > 0) {
      return whole; // more faults than were told: everything is copied
    }
    Set<Path> bad = new HashSet<>();
    for (Finding finding : found.findings()) {
      if (finding.severity() != Finding.Severity.NOTE) {
        bad.add(finding.file());
      }
    }
    List<SalvageSource> used = sources.stream().filter(SalvageSource::used).toList();
    for (int i = 0; i < used.size(); i++) {
      SalvageSource source = used.get(i);
      boolean fine =
          source.usable() && source.firstOffset().isPresent() && !bad.contains(source.file());
      if (fine && (i == used.size() - 1 || source.footer().isPresent())) {
        whole.add(source);
      }
    }
    return whole;
  }

  /** Makes the new segments in {@code salvage/}: forced, and not yet part of the topic. */
  private void make(Decision decision) {
    Path salvage = SegmentFiles.salvage(directory);
    DurableFiles.makeDirectories(salvage);
    for (SalvagePieces.Piece piece : decision.pieces().pieces()) {
      if (piece.kept() == null) {
        make(piece, salvage, decision.storeId());
      }
    }
    StoreDirectory.forceNames(salvage);
  }

  private void make(SalvagePieces.Piece piece, Path salvage, UUID storeId) {
    SalvageSource.Run run = piece.run();
    int capacity = SegmentFile.capacityFor(piece.begin().length, run == null ? 0 : run.bytes());
    Path file = SegmentFiles.log(salvage, piece.number());
    Path index = SegmentFiles.index(salvage, piece.number());
    try (SegmentFile made = SegmentFile.create(file, storeId, capacity, salts.nextLong())) {
      made.begin(piece.begin(), piece.firstOffset(), piece.epoch());
      if (run == null) {
        made.seal(piece.endOffset(), piece.epoch(), 0, index);
        return;
      }
      try (SegmentScanner scanner = SegmentScanner.open(run.source().file())) {
        scanner.seek(run.position());
        for (long offset = run.firstOffset(); offset < run.endOffset(); offset++) {
          if (!scanner.next() || scanner.offset() != offset) {
            throw new DamagedTopicException(
                "%s, position %d: expected offset %d as before, found another or none: the device "
                    + "fails as it is read; copy the store to another one first"
                        .formatted(run.source().file(), scanner.position(), offset));
          }
          made.copy(scanner);
        }
      }
      made.seal(run.endOffset(), run.lastEpoch(), run.lastTime(), index);
    }
  }

  private SalvagePlan planOf(Decision decision) {
    SortedMap<Long, Long> aside = new TreeMap<>();
    SortedMap<Long, Long> unused = new TreeMap<>();
    SortedMap<Long, Long> moved = new TreeMap<>();
    SortedMap<Long, Long> made = new TreeMap<>();
    for (SalvageSource source : decision.sources()) {
      if (!decision.whole().contains(source)) {
        (source.used() ? aside : unused).put(source.number(), source.number());
      }
    }
    for (SalvagePieces.Piece piece : decision.pieces().pieces()) {
      if (piece.kept() == null) {
        made.put(piece.number(), piece.number());
      } else if (piece.kept().number() != piece.number()) {
        moved.put(piece.kept().number(), piece.number());
      }
    }
    return new SalvagePlan(
        freeName(),
        aside,
        unused,
        moved,
        made,
        decision.pieces().gaps(),
        decision.report().copied(),
        decision.pieces().timesEstimated());
  }

  private String freeName() {
    int i = 1;
    while (Files.exists(quarantine().resolve(directoryName(i)), LinkOption.NOFOLLOW_LINKS)) {
      i++;
    }
    return directoryName(i);
  }

  private String directoryName(int salvage) {
    return "%s-salvage-%d".formatted(name, salvage);
  }

  private SalvageReport notNeeded() {
    TopicView.Extent extent =
        StoreView.open(store).topic(name).map(TopicView::extent).orElseThrow();
    return new SalvageReport(
        name,
        SalvageReport.Outcome.NOT_NEEDED,
        extent.firstOffset(),
        extent.endOffset(),
        List.of(),
        0,
        extent.segments(),
        0,
        false,
        List.of());
  }

  /** From the files, because an earlier try may have begun what this one finished. */
  private SalvageReport done(SalvagePlan plan) {
    TopicView.Extent extent =
        StoreView.open(store).topic(name).map(TopicView::extent).orElseThrow();
    Path quarantined = quarantine().resolve(plan.quarantine());
    List<Path> aside =
        plan.aside().keySet().stream().map(n -> SegmentFiles.log(quarantined, n)).toList();
    return new SalvageReport(
        name,
        SalvageReport.Outcome.SALVAGED,
        extent.firstOffset(),
        extent.endOffset(),
        plan.gaps(),
        plan.copied(),
        extent.segments() - plan.made().size(),
        plan.made().size(),
        plan.timesEstimated(),
        aside);
  }
}
