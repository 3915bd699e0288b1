package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A walk through the segments of a topic, or through a single one, that never stops at damage; see
 * {@link SegmentWalk}. It finds its first record through the index and believes nothing that the
 * index says. Belongs to one thread.
 */
public final class TopicWalk implements AutoCloseable {
  private final TopicView topic; // or null, when one file is walked through
  private final long from;
  private SortedMap<Long, Path> files;
  private long number;
  private Path file;
  private SegmentWalk walk;
  private boolean lookedAgain; // in this segment
  private Left left; // the segment before, where it had no seal, or null
  private OptionalLong baseTime = OptionalLong.empty();
  private long endOffset = -1; // of the segment before, or -1 where that is not known
  private long gapFrom;
  private long gapTo;
  private long dropped;
  private long brokenTo;
  private String problem = "";

  /** Where a walk through a segment came to its end. */
  private record Left(long number, Path file, OptionalLong baseTime, SegmentWalk walk) {}

  private TopicWalk(TopicView topic, SortedMap<Long, Path> files, long from) {
    this.topic = topic;
    this.files = new TreeMap<>(files);
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
    SortedMap<Long, Path> files = topic.kept().files();
    long first = files.isEmpty() ? 0 : files.lastKey();
    while (!files.headMap(first).isEmpty() && !beginsAtOrBefore(files.get(first), from)) {
      first = files.headMap(first).lastKey();
    }
    TopicWalk walk = new TopicWalk(topic, files.tailMap(first), from);
    walk.endOffset = first == 1 ? 0 : -1;
    return walk;
  }

  /**
   * Walks through one segment.
   *
   * @param segment its file
   * @param from messages with lower offsets are left out
   * @return a walk that stands before the first record
   */
  public static TopicWalk ofFile(Path segment, long from) {
    return new TopicWalk(null, new TreeMap<>(Map.of(0L, segment)), from);
  }

  private static boolean beginsAtOrBefore(Path file, long offset) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      return scanner.begin().map(begin -> begin.firstOffset() <= offset).orElse(false);
    } catch (FormatVersionException | SegmentDroppedException e) {
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
      try {
        if (walk == null) {
          fillHole();
          if (files.isEmpty()) {
            return SegmentWalk.Step.END;
          }
          if (!openNext()) {
            return SegmentWalk.Step.BROKEN;
          }
          if (gapTo > gapFrom) {
            return SegmentWalk.Step.GAP;
          }
        }
        SegmentWalk.Step step = walk.next();
        if (step == SegmentWalk.Step.END) {
          leave();
        } else if (left != null && step == SegmentWalk.Step.RECORD) {
          goBack();
        } else if (step == SegmentWalk.Step.BROKEN || !isBelow()) {
          closeLeft();
          return step;
        }
      } catch (SegmentDroppedException e) {
        passOver();
      }
    }
  }

  /** A segment that was named while they were listed may not be in a list with a later one. */
  private void fillHole() {
    boolean hole = file != null && !files.isEmpty() && files.firstKey() != number + 1;
    if (hole && topic != null) {
      files = new TreeMap<>(topic.kept().files().tailMap(number + 1));
    }
  }

  /** Without a seal it may be looked at again, unless that was done. */
  private void leave() {
    endOffset = walk.sealed() ? walk.expectedOffset() : -1;
    Left unsealed =
        walk.sealed() || lookedAgain ? null : new Left(number, file, baseTime, walk);
    if (unsealed != null) {
      walk = null;
    }
    close();
    left = unsealed;
  }

  /**
   * The segment before had no seal when the walk came to its end, and now the one behind it has
   * begun: a live store wrote on in the first before it began the second.
   */
  private void goBack() {
    files.put(number, file);
    walk.close();
    number = left.number();
    file = left.file();
    baseTime = left.baseTime();
    walk = left.walk();
    left = null;
    lookedAgain = true;
    walk.lookAgain();
  }

  /** Goes on behind the segment, with what the topic has now. */
  private void passOver() {
    dropped++;
    endOffset = -1;
    close();
    if (topic != null) {
      files = new TreeMap<>(topic.kept().files().tailMap(number + 1));
    }
  }

  private boolean isBelow() {
    return walk.record().type() == RecordType.DATA && walk.record().offset() < from;
  }

  /** Opens the next segment; false when nothing can be read in it. */
  private boolean openNext() {
    number = files.firstKey();
    file = files.remove(number);
    baseTime = OptionalLong.empty();
    gapFrom = 0;
    gapTo = 0;
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      scanner.begin().ifPresent(this::begin);
      lookedAgain = false;
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

  private void begin(SegmentBegin begin) {
    baseTime = OptionalLong.of(begin.baseTime());
    if (begin.gap() && endOffset >= 0 && begin.firstOffset() > from) {
      gapFrom = Math.max(from, endOffset);
      gapTo = begin.firstOffset();
    }
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

  /**
   * Where the gap of the last step begins: its offsets were lost before the topic was salvaged.
   *
   * @return the first offset that is missing
   */
  public long gapFrom() {
    return gapFrom;
  }

  /**
   * Where it ends.
   *
   * @return one past the last offset that is missing
   */
  public long gapTo() {
    return gapTo;
  }

  /**
   * Segments that the process that has the store open dropped while they were read: their messages
   * are left out, or the rest of them is.
   *
   * @return how many
   */
  public long dropped() {
    return dropped;
  }

  @Override
  public void close() {
    if (walk != null) {
      walk.close();
      walk = null;
    }
    closeLeft();
  }

  private void closeLeft() {
    if (left != null) {
      left.walk().close();
      left = null;
    }
  }
}
