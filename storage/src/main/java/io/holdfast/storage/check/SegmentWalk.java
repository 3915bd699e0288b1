package io.holdfast.storage.check;

import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;

/**
 * A walk through one segment that never stops at damage: whole records in order and, between them,
 * the ranges in which none stands. What looks broken is read a second time from the file, because a
 * live store of another process may just have written it. Belongs to one thread.
 */
public final class SegmentWalk implements AutoCloseable {
  /** A broken place costs a second opening of the file; in hopeless files only so many do. */
  private static final int MAX_SECOND_LOOKS = 1000;

  /** What a step came to. */
  public enum Step {
    /** A whole record; see {@link SegmentWalk#record}. */
    RECORD,
    /** A range without a whole record; see {@link SegmentWalk#brokenFrom}. */
    BROKEN,
    /** Offsets that were lost before the topic was salvaged; see {@link TopicWalk#gapFrom}. */
    GAP,
    /** Nothing more follows. */
    END
  }

  private final Path file;
  private SegmentScanner scanner;
  private RecordBounds bounds = RecordBounds.from(0);
  private long expected = -1;
  private boolean pending;
  private boolean sealed;
  private boolean ended;
  private int end;
  private int brokenFrom;
  private int brokenTo;
  private String problem = "";
  private int secondLooks;

  private SegmentWalk(Path file) {
    this.file = file;
    this.scanner = SegmentScanner.open(file);
    this.ended = scanner.header().isEmpty();
    this.end = SegmentLayout.DATA;
  }

  /**
   * Opens a segment file.
   *
   * @param file exists
   * @return a walk that stands before the first record; without a valid header it is at its end
   * @throws io.holdfast.storage.error.FormatVersionException when the file asks for a newer version
   * @throws io.holdfast.storage.error.SegmentDroppedException see {@link SegmentScanner#open}
   */
  public static SegmentWalk open(Path file) {
    return new SegmentWalk(file);
  }

  /**
   * Begins further on, if a whole record of a message stands there and is not beyond an offset.
   *
   * @param position where an index says that it stands
   * @param offset no later record will do
   * @return whether the walk was moved
   */
  public boolean skipTo(int position, long offset) {
    boolean inside = position >= SegmentLayout.DATA && position < scanner.dataEnd();
    if (ended || !inside || position % RecordLayout.ALIGNMENT != 0) {
      return false;
    }
    int before = scanner.nextPosition();
    scanner.seek(position);
    boolean usable =
        scanner.next() && scanner.type() == RecordType.DATA && scanner.offset() <= offset;
    scanner.seek(usable ? position : before);
    return usable;
  }

  /**
   * Takes one step.
   *
   * @return what it came to
   */
  public Step next() {
    if (ended) {
      return Step.END;
    }
    if (pending) {
      pending = false;
      return whole();
    }
    if (scanner.next()) {
      return whole();
    }
    return scanner.problem().isEmpty() ? emptyPlace() : brokenPlace();
  }

  private Step whole() {
    end = scanner.nextPosition();
    if (scanner.type() == RecordType.SEAL) {
      sealed = true;
      ended = true;
    } else if (scanner.type() == RecordType.DATA) {
      expect(scanner.offset() + 1);
    } else if (scanner.type() == RecordType.BEGIN) {
      expect(scanner.offset());
    }
    return Step.RECORD;
  }

  private void expect(long offset) {
    expected = offset;
    int epoch = scanner.writerEpoch();
    boolean falls = Integer.compareUnsigned(epoch, bounds.leastEpoch()) < 0;
    long least = Math.max(offset, bounds.leastOffset());
    bounds = RecordBounds.after(end, least, falls ? bounds.leastEpoch() : epoch);
  }

  /**
   * A zero length is the end, unless a record with a later offset stands behind it. What else does
   * is of earlier lives of the file.
   */
  private Step emptyPlace() {
    int at = scanner.position();
    if (!scanner.resync(at, bounds)) {
      ended = true;
      return Step.END;
    }
    int found = scanner.position();
    if (isWholeNow(at)) {
      return whole();
    }
    return broken(at, found, "expected a record, found no length and later records behind it");
  }

  private Step brokenPlace() {
    int at = scanner.position();
    String wrong = scanner.problem();
    if (isWholeNow(at)) {
      return whole();
    }
    if (scanner.resync(at + RecordLayout.ALIGNMENT, bounds)) {
      return broken(at, scanner.position(), wrong);
    }
    int to = scanner.footer().map(SegmentFooter::endPosition).orElse(0);
    ended = true;
    return broken(at, to > at ? to : scanner.dataEnd(), wrong);
  }

  /** Looks again at a place, with nothing kept from before; moves there when a record is there. */
  private boolean isWholeNow(int at) {
    if (secondLooks++ >= MAX_SECOND_LOOKS) {
      return false;
    }
    SegmentScanner fresh = SegmentScanner.open(file);
    scanner.close();
    scanner = fresh;
    fresh.seek(at);
    return fresh.next();
  }

  private Step broken(int from, int to, String wrong) {
    brokenFrom = from;
    brokenTo = to;
    problem = wrong;
    if (!ended) {
      scanner.seek(to);
      pending = scanner.next();
    }
    return Step.BROKEN;
  }

  /**
   * Goes on where the walk ended without a seal: more may have been written there meanwhile.
   *
   * @throws io.holdfast.storage.error.SegmentDroppedException see {@link SegmentScanner#open}
   */
  void lookAgain() {
    SegmentScanner fresh = SegmentScanner.open(file);
    scanner.close();
    scanner = fresh;
    fresh.seek(end);
    ended = fresh.header().isEmpty();
  }

  /**
   * The record of the last step.
   *
   * @return valid until the next step
   */
  public SegmentScanner record() {
    return scanner;
  }

  /**
   * The offset that should come next.
   *
   * @return one past the last message that was passed; -1 before the first record
   */
  public long expectedOffset() {
    return expected;
  }

  /**
   * Where the range of the last step begins.
   *
   * @return position in the file
   */
  public int brokenFrom() {
    return brokenFrom;
  }

  /**
   * Where it ends.
   *
   * @return position of the next whole record, or of the end
   */
  public int brokenTo() {
    return brokenTo;
  }

  /**
   * What is wrong where the range begins.
   *
   * @return one clause
   */
  public String problem() {
    return problem;
  }

  /**
   * Whether the seal record was reached.
   *
   * @return false in the segment that is written to
   */
  public boolean sealed() {
    return sealed;
  }

  /**
   * Where the last whole record ends.
   *
   * @return position in the file
   */
  public int end() {
    return end;
  }

  @Override
  public void close() {
    scanner.close();
  }
}
