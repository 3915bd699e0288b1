package io.holdfast.storage.check;

import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A topic as it can be seen from outside; see {@link StoreView}. */
public final class TopicView {
  private static final int LOOKS = 100;

  private final StoreView store;
  private final Path directory;
  private final SortedMap<String, String> properties;
  private final Optional<String> problem;

  private TopicView(
      StoreView store,
      Path directory,
      SortedMap<String, String> properties,
      Optional<String> problem) {
    this.store = store;
    this.directory = directory;
    this.properties = properties;
    this.problem = problem;
  }

  static Path file(Path directory) {
    return directory.resolve("topic.properties");
  }

  static TopicView open(StoreView store, Path directory) {
    try {
      SortedMap<String, String> properties = PropertiesFile.read(file(directory));
      return new TopicView(store, directory, properties, Optional.empty());
    } catch (HoldfastException e) {
      return new TopicView(store, directory, new TreeMap<>(), Optional.of(e.getMessage()));
    }
  }

  /**
   * The topic's name.
   *
   * @return that of its directory
   */
  public String name() {
    return directory.getFileName().toString();
  }

  /**
   * Where the topic's files are.
   *
   * @return inside the store
   */
  public Path directory() {
    return directory;
  }

  /**
   * The topic's number.
   *
   * @return 1 to 65,535, or 0 when {@code topic.properties} cannot say
   */
  public int number() {
    String number = properties.getOrDefault("number", "");
    return number.matches("[0-9]{1,5}") ? Integer.parseInt(number) : 0;
  }

  /**
   * What the topic was created with.
   *
   * @return the lines of {@code topic.properties}; empty when it is damaged
   */
  public SortedMap<String, String> properties() {
    return Collections.unmodifiableSortedMap(properties);
  }

  /**
   * What is wrong with {@code topic.properties}.
   *
   * @return empty when nothing is
   */
  public Optional<String> problem() {
    String named = properties.getOrDefault("name", name());
    if (problem.isEmpty() && !named.equals(name())) {
      return Optional.of(
          "%s: expected the name of its directory, found '%s': the directory was renamed or copied"
              .formatted(file(directory), named));
    }
    return problem;
  }

  /** The store that it belongs to. */
  StoreView store() {
    return store;
  }

  /**
   * The segment files.
   *
   * @return by number, ascending
   */
  public SortedMap<Long, Path> segments() {
    return SegmentFiles.list(directory);
  }

  /**
   * The segments that a topic has.
   *
   * @param first number of the first one
   * @param files by number, ascending, from that number on
   */
  record Kept(long first, SortedMap<Long, Path> files) {}

  /**
   * The segments from the first one on that the topic still has: files of those before it, which a
   * drop left behind or takes away at this moment, are left out.
   */
  Kept kept() {
    Kept kept = keptNow();
    long first = -1;
    while (!kept.files().containsKey(kept.first()) && kept.first() != first) {
      first = kept.first(); // all that was listed has been dropped since: look again
      kept = keptNow();
    }
    return kept;
  }

  private Kept keptNow() {
    SortedMap<Long, Path> listed = segments(); // before the control file is read
    long first = Math.max(1, store.knownNow(this).firstSegment());
    return new Kept(first, new TreeMap<>(listed.tailMap(first)));
  }

  /**
   * What the topic holds, found without reading all of it: by its first segment, its last, and the
   * last one's index.
   *
   * @return the figures of this moment
   */
  public Extent extent() {
    SegmentDroppedException dropped = null;
    for (int i = 0; i < LOOKS; i++) {
      try {
        return extentNow();
      } catch (SegmentDroppedException e) {
        dropped = e; // in a live store: look again
      }
    }
    throw dropped;
  }

  private Extent extentNow() {
    SortedMap<Long, Path> segments = kept().files();
    long bytes = 0;
    for (Path file : segments.values()) {
      bytes += size(file);
    }
    if (segments.isEmpty()) {
      return new Extent(0, 0, 0, 0);
    }
    long first = 0;
    try (SegmentScanner scanner = SegmentScanner.open(segments.get(segments.firstKey()))) {
      first = scanner.begin().map(SegmentBegin::firstOffset).orElse(0L);
    }
    return new Extent(segments.size(), first, Math.max(first, end(segments)), bytes);
  }

  /**
   * What a topic holds.
   *
   * @param segments files
   * @param firstOffset oldest offset that is kept
   * @param endOffset one past the newest whole record
   * @param bytes of the segment files
   */
  public record Extent(int segments, long firstOffset, long endOffset, long bytes) {}

  /** Of the last segment in which anything can be read. */
  private long end(SortedMap<Long, Path> segments) {
    long number = segments.lastKey();
    while (segments.containsKey(number)) {
      long end = endOf(number, segments.get(number));
      if (end >= 0) {
        return end;
      }
      number--;
    }
    return 0;
  }

  private long endOf(long number, Path file) {
    Optional<IndexReader> index = IndexReader.read(SegmentFiles.index(directory, number));
    long end = -1;
    try (SegmentWalk walk = SegmentWalk.open(file)) {
      index.ifPresent(i -> walk.skipTo(i.positionOf(Long.MAX_VALUE), Long.MAX_VALUE));
      SegmentWalk.Step step = walk.next();
      while (step != SegmentWalk.Step.END) {
        if (step == SegmentWalk.Step.RECORD) {
          boolean message = walk.record().type() == RecordType.DATA;
          end = Math.max(end, walk.record().offset() + (message ? 1 : 0));
        }
        step = walk.next();
      }
    }
    return end;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      throw new SegmentDroppedException(file + ": expected a segment, found no such file", e);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "its size cannot be read", e);
    }
  }
}
