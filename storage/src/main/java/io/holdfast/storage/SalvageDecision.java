package io.holdfast.storage;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicVerifier;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.HoldfastException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a salvage finds of a damaged topic, and what it will do: which segments stay, which are made
 * new. Nothing was changed yet.
 *
 * @param name of the topic
 * @param storeId of its store
 * @param sources the segment files, in the order of what they hold
 * @param whole those that stay
 * @param pieces the segments that there will be
 */
record SalvageDecision(
    String name,
    UUID storeId,
    List<SalvageSource> sources,
    Set<SalvageSource> whole,
    SalvagePieces pieces) {

  /**
   * Checks the topic and decides.
   *
   * @param store its directory
   * @param name of the topic
   * @param now epoch milliseconds
   * @return empty when nothing is damaged
   */
  static Optional<SalvageDecision> of(Path store, String name, long now) {
    StoreView view = StoreView.open(store);
    UUID storeId = id(view);
    TopicView topic =
        view.topic(name)
            .orElseThrow(
                () ->
                    new HoldfastException(
                        "%s: expected a topic '%s', found none".formatted(store, name)));
    TopicSettings.Stored stored =
        TopicSettings.read(topic.directory().resolve("topic.properties"), name);
    TopicReport found = TopicVerifier.verify(topic, false);
    if (found.state() != TopicReport.State.DAMAGED) {
      return Optional.empty();
    }
    long first = ControlFile.read(store.resolve("store.ctl")).entry(stored.number()).firstSegment();
    List<SalvageSource> sources = new ArrayList<>();
    SegmentFiles.list(topic.directory())
        .tailMap(first)
        .forEach(
            (number, file) ->
                sources.add(SalvageSource.of(number, file, storeId, stored.number())));
    sources.sort(
        Comparator.comparingLong(SalvageSource::order).thenComparing(SalvageSource::number));
    Set<SalvageSource> whole = whole(found, sources);
    SalvagePieces pieces =
        SalvagePieces.of(stored.number(), sources, whole, first, found.durableOffset(), now);
    return Optional.of(new SalvageDecision(name, storeId, sources, whole, pieces));
  }

  private static UUID id(StoreView view) {
    return view.control()
        .filter(control -> control.newest().isPresent())
        .flatMap(control -> view.id())
        .orElseThrow(
            () ->
                new DamagedStoreException(
                    view.directory().resolve("store.ctl")
                        + ": expected a whole control file, found none: restore it from a backup "
                        + "first"));
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
    long last = lastUsed(sources);
    for (SalvageSource source : sources) {
      boolean fine =
          source.usable() && source.firstOffset().isPresent() && !bad.contains(source.file());
      if (fine && (source.number() == last || source.footer().isPresent())) {
        whole.add(source);
      }
    }
    return whole;
  }

  /** Files behind that one were named ahead. */
  private static long lastUsed(List<SalvageSource> sources) {
    return sources.stream()
        .filter(SalvageSource::used)
        .mapToLong(SalvageSource::number)
        .max()
        .orElse(0);
  }

  /** For those who only ask. */
  SalvageReport report() {
    return new SalvageReport(
        name,
        SalvageReport.Outcome.PLANNED,
        pieces.pieces().get(0).firstOffset(),
        pieces.endOffset(),
        pieces.gaps(),
        copied(),
        whole.size(),
        pieces.pieces().size() - whole.size(),
        pieces.timesEstimated(),
        List.of());
  }

  private long copied() {
    return pieces.pieces().stream()
        .filter(piece -> piece.kept() == null)
        .mapToLong(piece -> piece.endOffset() - piece.firstOffset())
        .sum();
  }

  /**
   * What becomes of the files.
   *
   * @param quarantine name of the directory for the damaged ones
   */
  SalvagePlan plan(String quarantine) {
    SortedMap<Long, Long> aside = new TreeMap<>();
    SortedMap<Long, Long> unused = new TreeMap<>();
    SortedMap<Long, Long> moved = new TreeMap<>();
    SortedMap<Long, Long> made = new TreeMap<>();
    long last = lastUsed(sources);
    for (SalvageSource source : sources) {
      if (!whole.contains(source)) {
        (source.number() > last ? unused : aside).put(source.number(), source.number());
      }
    }
    for (SalvagePieces.Piece piece : pieces.pieces()) {
      if (piece.kept() == null) {
        made.put(piece.number(), piece.number());
      } else if (piece.kept().number() != piece.number()) {
        moved.put(piece.kept().number(), piece.number());
      }
    }
    return new SalvagePlan(
        quarantine,
        aside,
        unused,
        moved,
        made,
        pieces.gaps(),
        copied(),
        pieces.timesEstimated());
  }
}
