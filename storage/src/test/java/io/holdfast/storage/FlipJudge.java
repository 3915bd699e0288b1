package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Fault;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Judges changes of one segment: what was changed is named with its file, position and offset, or
 * makes no difference. A message is never another one, and none that was promised is missed in
 * silence.
 */
final class FlipJudge implements AutoCloseable {
  private static final int VERIFIED = 8; // one in so many of the records that were changed

  private final FlipStore store;
  private final CrashFileSystem closed; // scanned and verified
  private final CrashFileSystem opened; // read while it is open
  private final Store open;
  private final TopicScan.Expectation expected;
  private long changes;
  private long faults;
  private long verified;
  private long refusedRecords;
  private long openings;
  private long refusedTopics;

  FlipJudge(FlipStore store) {
    this.store = store;
    this.closed = store.copy();
    this.opened = store.copy();
    this.open = FlipStore.open(opened);
    Path topic = FlipStore.file(closed, "t", 1).getParent();
    this.expected = new TopicScan.Expectation(topic, store.id(), 1, store.messages(), 1);
  }

  /** What a change of the segment must bring about, as far as the format says. */
  private enum Meaning {
    /** Covered by the checksum of a record. */
    RECORD,
    /** Where the next record would say how long it is: the end looks like a torn tail. */
    END,
    /** No seal seems to be there: all messages are, and one who reads or verifies is told. */
    SEAL,
    /** Padding, a copy of the header, the footer: one who verifies is told. */
    NOTED,
    /** Nobody reads it. */
    NOTHING
  }

  /** Scans, verifies and reads after a change, and takes the change back. */
  void judge(FlipChange change) {
    try {
      scanned(change);
      read(change);
      changes++;
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(change + ": " + e, e);
    }
  }

  private Meaning meaning(FlipChange change) {
    for (FlipStore.Piece piece : store.pieces()) {
      if (change.touches(piece.position(), piece.position() + piece.length())) {
        boolean seal = store.sealed() && piece == last();
        return seal && isCleared(piece.position(), change) ? Meaning.SEAL : Meaning.RECORD;
      }
    }
    int end = last().position() + RecordLayout.aligned(last().length());
    if (!store.sealed() && change.touches(end, end + 4)) {
      return Meaning.END;
    }
    int footer = SegmentLayout.footer(store.segment().length);
    boolean header =
        change.touches(0, FileHeader.LENGTH)
            || change.touches(
                FileHeader.SECOND_COPY, FileHeader.SECOND_COPY + FileHeader.LENGTH)
            || change.touches(
                footer + SegmentLayout.FOOTER_HEADER,
                footer + SegmentLayout.FOOTER_HEADER + FileHeader.LENGTH);
    boolean padding = change.touches(SegmentLayout.DATA, end);
    int mark = footer + SegmentLayout.FOOTER_FORCED;
    boolean foot =
        store.sealed()
            && (change.touches(footer, footer + SegmentLayout.FOOTER_LENGTH)
                || change.touches(mark, mark + 8) && !change.clears(mark, mark + 8));
    return header || padding || foot ? Meaning.NOTED : Meaning.NOTHING;
  }

  private FlipStore.Piece last() {
    return store.pieces().get(store.pieces().size() - 1);
  }

  /** Whether the length that stands at a position is zero now. */
  private boolean isCleared(int position, FlipChange change) {
    byte[] changed = store.segment();
    System.arraycopy(change.after(), 0, changed, change.position(), change.after().length);
    return new UnsafeBuffer(changed).getInt(position, ByteOrder.LITTLE_ENDIAN) == 0;
  }

  private void scanned(FlipChange change) {
    Path file = FlipStore.file(closed, "t", 1);
    change.apply(file);
    try {
      Meaning meaning = meaning(change);
      TopicScan scan = TopicScan.of(expected, false);
      assertTrue(scan.endOffset() <= store.messages(), "phantom messages");
      assertEquals(scan.endOffset() < store.messages(), scan.damaged(), "missed in silence");
      boolean fault = meaning == Meaning.RECORD || meaning == Meaning.END;
      boolean found = scan.fault().isPresent() || scan.damaged(); // zeros look like the end
      assertEquals(fault, found, () -> meaning + ": " + scan.fault());
      scan.fault().ifPresent(where -> checkFault(where, file, meaning, change));
      faults += fault ? 1 : 0;
      if (meaning != Meaning.RECORD || changes % VERIFIED == 0) {
        TopicScan trusting = TopicScan.of(expected, true);
        assertTrue(trusting.endOffset() <= store.messages(), "phantom messages");
        assertEquals(trusting.endOffset() < store.messages(), trusting.damaged());
        verified(meaning, file);
        verified++;
      }
    } finally {
      change.undo(file);
    }
  }

  private void checkFault(Fault fault, Path file, Meaning meaning, FlipChange change) {
    assertEquals(file, fault.file());
    long position = last().position() + RecordLayout.aligned(last().length());
    long offset = store.messages();
    if (meaning == Meaning.RECORD) {
      for (FlipStore.Piece piece : store.pieces()) {
        if (change.touches(piece.position(), piece.position() + piece.length())) {
          position = piece.position();
          offset = piece.offset();
          break;
        }
      }
    }
    assertEquals(position, fault.position(), fault::toString);
    assertEquals(offset, fault.offset(), fault::toString);
    assertTrue(fault.problem().matches(".*(expected|beyond).*"), fault::toString);
  }

  private void verified(Meaning meaning, Path file) {
    StoreView view = StoreView.open(FlipStore.directory(closed));
    TopicReport report =
        StoreVerifier.verify(view, List.of(view.topic("t").orElseThrow()), t -> {})
            .topics()
            .get(0);
    assertTrue(report.records() <= store.messages(), "phantom messages");
    TopicReport.State state =
        switch (meaning) {
          case NOTHING -> TopicReport.State.OK;
          case END -> TopicReport.State.TORN_TAIL;
          default -> TopicReport.State.DAMAGED;
        };
    assertEquals(state, report.state(), report::toString);
    for (Finding finding : report.findings()) {
      assertEquals(file, finding.file(), finding::toString);
      assertFalse(finding.problem().isEmpty() || finding.help().isEmpty(), finding::toString);
    }
  }

  private void read(FlipChange change) {
    Path file = FlipStore.file(opened, "t", 1);
    change.apply(file);
    boolean damaged = false;
    try {
      store.readAll(open.topic("t").orElseThrow());
    } catch (DamagedRecordException e) {
      damaged = true;
      checkMessage(e);
    } finally {
      change.undo(file);
    }
    boolean told = Set.of(Meaning.RECORD, Meaning.SEAL).contains(meaning(change));
    assertEquals(told, damaged, "refused by a reader");
    refusedRecords += damaged ? 1 : 0;
  }

  private static void checkMessage(DamagedRecordException e) {
    assertTrue(
        e.getMessage()
            .matches(".*/0000000001\\.log, position [0-9]+, offset [0-9]+: .*verify.*"),
        e.getMessage());
  }

  /** Opens a copy with a change, reads, and opens it again. */
  void judgeOpening(FlipChange change) {
    openings++;
    CrashFileSystem copy = store.copy();
    change.apply(FlipStore.file(copy, "t", 1));
    byte[] changed = RecycledFixture.content(FlipStore.file(copy, "t", 1));
    try {
      boolean refused = opened(copy);
      if (refused) {
        byte[] after = RecycledFixture.content(FlipStore.file(copy, "t", 1));
        assertArrayEquals(changed, after, "nothing is changed in a topic that is refused");
      }
      assertEquals(refused, opened(copy), "refused by the second opening");
      refusedTopics += refused ? 1 : 0;
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("opened with " + change + ": " + e, e);
    }
  }

  private boolean opened(CrashFileSystem copy) {
    try (Store again = FlipStore.open(copy)) {
      assertNotNull(again.topic("other").orElse(null), "other topics open");
      TopicLog log;
      try {
        log = again.topic("t").orElseThrow();
      } catch (DamagedTopicException e) {
        assertTrue(
            e.getMessage().matches("topic 't' is damaged: .*0000000001\\.log.*holdfast repair.*"),
            e.getMessage());
        return true;
      }
      assertEquals(store.messages(), log.endOffset());
      try {
        store.readAll(log);
        store.lookUp(log);
      } catch (DamagedRecordException e) { // the opening believes what a forced segment says
        checkMessage(e);
      }
      return false;
    }
  }

  @Override
  public String toString() {
    return ("%,d scanned and read, %,d faults, %,d readings refused, %,d verified, %,d opened, "
            + "%,d topics refused")
        .formatted(changes, faults, refusedRecords, verified, openings, refusedTopics);
  }

  @Override
  public void close() {
    open.close();
  }
}
