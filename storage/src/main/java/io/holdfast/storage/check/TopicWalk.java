package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * A walk through the segments of a topic, or through a single one, that never stops at damage; see
 * {@link SegmentWalk}. It finds its first record through the index and believes nothing that the
 * index says. Belongs to one thread.
 */
public final class TopicWalk implements AutoCloseable {
  private final Deque<Path> files;
  private final long from;
  private Path file;
  private SegmentWalk walk;
  private OptionalLong baseTime = OptionalLong.empty();
  private long brokenTo;
  private String problem = "";

  private TopicWalk(List<Path> files, long from) {
    this.files = new ArrayDeque<>(files);
    this.from = from;
  }

  /**
   * Walks through a topic.
   *
   * @param topic its segments of this moment are read
   * @param from messages with lower offsets are left out
   * @return a walk that stands before the first record
   */
  public static TopicWalk of(TopicView topic, long from) {
    SortedMap<Long, Path> segments = topic.segments();
    List<Path> files = new ArrayList<>(segments.values());
    int first = files.size() - 1;
    while (first > 0 && !beginsAtOrBefore(files.get(first), from)) {
      first--;
    }
    return new TopicWalk(files.subList(Math.max(0, first), files.size()), from);
  }

  /**
   * Walks through one segment.
   *
   * @param segment its file
   * @param from messages with lower offsets are left out
   * @return a walk that stands before the first record
   */
  public static TopicWalk ofFile(Path segment, long from) {
    return new TopicWalk(List.of(segment), from);
  }

  private static boolean beginsAtOrBefore(Path file, long offset) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      return scanner.begin().map(begin -> begin.firstOffset() <= offset).orElse(false);
    } catch (FormatVersionException e) {
      return false; // one before it serves; the walk says what is wrong when it comes here
    }
  }

  /**
   * Takes one step.
   *
   * @return what it came to
   */
  public SegmentWalk.Step next() {
    while (true) {
      if (walk == null) {
        if (files.isEmpty()) {
          return SegmentWalk.Step.END;
        }
        if (!openNext()) {
          return SegmentWalk.Step.BROKEN;
        }
      }
      SegmentWalk.Step step = walk.next();
      if (step == SegmentWalk.Step.END) {
        walk.close();
        walk = null;
      } else if (step == SegmentWalk.Step.BROKEN || !isBelow()) {
        return step;
      }
    }
  }

  private boolean isBelow() {
    return walk.record().type() == RecordType.DATA && walk.record().offset() < from;
  }

  /** Opens the next segment; false when nothing can be read in it. */
  private boolean openNext() {
    file = files.removeFirst();
    baseTime = OptionalLong.empty();
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      scanner.begin().ifPresent(begin -> baseTime = OptionalLong.of(begin.baseTime()));
      walk = SegmentWalk.open(file);
      if (scanner.header().isEmpty()) {
        return unreadable("expected a segment header, found none of its three copies");
      }
    } catch (FormatVersionException e) {
      return unreadable(e.getMessage());
    }
    if (from > 0) {
      IndexReader.read(indexOf(file)).ifPresent(i -> walk.skipTo(i.positionOf(from), from));
    }
    return true;
  }

  private boolean unreadable(String what) {
    close();
    problem = what;
    try {
      brokenTo = Files.size(file);
    } catch (IOException e) {
      brokenTo = 0;
      problem = what + "; its size cannot be read: " + e.getMessage();
    }
    return false;
  }

  private static Path indexOf(Path segment) {
    String name = segment.getFileName().toString();
    return segment.resolveSibling(name.replaceFirst("\\.log$", "") + ".idx");
  }

  /**
   * The segment of the last step.
   *
   * @return its file
   */
  public Path file() {
    return file;
  }

  /**
   * The record of the last step.
   *
   * @return valid until the next step
   */
  public SegmentScanner record() {
    return walk.record();
  }

  /**
   * When the record was appended.
   *
   * @return epoch milliseconds; empty when the segment's begin record cannot be read
   */
  public OptionalLong timestamp() {
    return baseTime.isEmpty()
        ? baseTime
        : OptionalLong.of(baseTime.getAsLong() + walk.record().time());
  }

  /**
   * The offset that was expected where the broken range of the last step begins.
   *
   * @return -1 where it is not known
   */
  public long expectedOffset() {
    return walk == null ? -1 : walk.expectedOffset();
  }

  /**
   * Where the broken range of the last step begins.
   *
   * @return position in the file
   */
  public long brokenFrom() {
    return walk == null ? 0 : walk.brokenFrom();
  }

  /**
   * Where it ends.
   *
   * @return position in the file
   */
  public long brokenTo() {
    return walk == null ? brokenTo : walk.brokenTo();
  }

  /**
   * What is wrong there.
   *
   * @return one clause
   */
  public String problem() {
    return walk == null ? problem : walk.problem();
  }

  @Override
  public void close() {
    if (walk != null) {
      walk.close();
      walk = null;
    }
  }
}
