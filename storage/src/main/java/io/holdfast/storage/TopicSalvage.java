package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.StoreView;
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
import java.util.List;
import java.util.Optional;
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
    return decide().map(SalvageDecision::report).orElseGet(this::notNeeded);
  }

  private SalvageReport run() {
    DurableFiles.forceNames(directory); // as an opening does: names that were never forced
    if (!SalvagePlan.exists(directory)) {
      SalvageSteps.clear(directory);
      Optional<SalvageDecision> decision = decide();
      if (decision.isEmpty()) {
        return notNeeded();
      }
      make(decision.get());
      decision.get().plan(freeName()).write(directory);
    }
    SalvagePlan plan = SalvagePlan.read(directory);
    new SalvageSteps(directory, quarantine(), plan).run();
    return done(plan);
  }

  private Optional<SalvageDecision> decide() {
    return SalvageDecision.of(store, name, clock.time());
  }

  private Path quarantine() {
    return store.resolve("quarantine");
  }

  /** Makes the new segments in {@code salvage/}: forced, and not yet part of the topic. */
  private void make(SalvageDecision decision) {
    Path salvage = SegmentFiles.salvage(directory);
    DurableFiles.makeDirectories(salvage);
    for (SalvagePieces.Piece piece : decision.pieces().pieces()) {
      if (piece.kept() == null) {
        make(piece, salvage, decision.storeId());
      }
    }
    DurableFiles.forceNames(salvage);
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
          made.copy(scanner, piece.times().of(scanner.time()));
        }
      }
      made.seal(
          run.endOffset(), run.lastEpoch(), piece.times().of(run.lastTime()), index);
    }
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
