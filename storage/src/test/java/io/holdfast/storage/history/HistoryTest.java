package io.holdfast.storage.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Histories of writers and readers in one process: each has one fault, which is named, or none. */
class HistoryTest {
  private final History history = new History();
  private final Writer a = history.writer("a", 1);
  private final Writer b = history.writer("b", 1);
  private final Stream stream = history.stream();

  /** Offsets 0 to 3 are of a, then 4 and 5 of b, then 6 of a. */
  @BeforeEach
  void append() {
    appended(a, 4, 0);
    appended(b, 2, 4);
    appended(a, 1, 6);
  }

  private static void appended(Writer writer, int count, long offset) {
    writer.sends(count);
    writer.confirmed(offset);
  }

  private void read(Stream to, long... offsets) {
    for (long offset : offsets) {
      boolean ofB = offset == 4 || offset == 5;
      to.read(offset, ofB ? b.number() : a.number(), ofB ? offset - 4 : Math.min(offset, 4));
    }
  }

  private void assertFound(Fault... faults) {
    Judgement.assertFound(history, faults);
  }

  @Test
  void everythingInOrderIsRight() {
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.ends(7);
    assertFound();
  }

  @Test
  void whatWasSeenBeforeItsWriterWasToldIsRight() {
    b.sends(1);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 2);
    b.confirmed(7);
    stream.ends(8);
    assertFound();
  }

  @Test
  void whatWasRefusedAndSentAgainIsRight() {
    b.sends(20);
    b.refused();
    assertEquals(2, b.next());
    appended(b, 1, 7);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 2);
    stream.ends(8);
    assertFound();
  }

  @Test
  void manyThatAreToldInPartsAreRight() {
    b.sends(3);
    b.confirmed(1, 7);
    b.sends(2);
    b.confirmed(2, 9);
    b.confirmed(2, 12);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    appended(a, 1, 8);
    appended(a, 1, 11);
    stream.read(7, b.number(), 2);
    stream.read(8, a.number(), 5);
    stream.read(9, b.number(), 3);
    stream.read(10, b.number(), 4);
    stream.read(11, a.number(), 6);
    stream.read(12, b.number(), 5);
    stream.read(13, b.number(), 6);
    stream.ends(14);
    assertFound();
  }

  @Test
  void aReaderThatGoesElsewhereIsRight() {
    read(stream, 0, 1);
    stream.startsAt(5);
    read(stream, 5, 6);
    stream.startsAt(0);
    read(stream, 0, 1);
    stream.settle();
    assertFound();
  }

  @Test
  void aReaderThatBeginsAmongWhatItsWriterWasNotToldIsRight() {
    b.sends(2);
    stream.startsAt(8);
    stream.read(8, b.number(), 3);
    b.confirmed(7);
    stream.ends(9);
    assertFound();
  }

  @Test
  void whatMayBeDroppedIsNotLost() {
    history.mayDrop(5);
    read(stream, 0, 1);
    history.dropped(4);
    stream.droppedTo(4);
    read(stream, 4, 5, 6);
    stream.ends(7);
    assertFound();
  }

  @Test
  void aReaderThatStandsInWhatWasDroppedIsRight() {
    read(stream, 0);
    history.dropped(6);
    read(stream, 1, 2, 3, 4, 5, 6);
    stream.ends(7);
    assertFound();
  }

  @Test
  void droppedWhatNobodyAskedToDropIsLost() {
    history.mayDrop(3);
    read(stream, 0, 1);
    stream.droppedTo(4);
    read(stream, 4, 5, 6);
    assertFound(Fault.LOST);
  }

  @Test
  void toldOfADropThatDidNotReachTheReaderIsLost() {
    history.mayDrop(6);
    read(stream, 0, 1, 2, 3, 4);
    stream.droppedTo(4);
    assertFound(Fault.LOST);
  }

  @Test
  void anOffsetThatIsLeftOutIsLost() {
    read(stream, 0, 1, 3);
    assertFound(Fault.LOST);
  }

  @Test
  void anEndThatComesTooEarlyIsLost() {
    read(stream, 0, 1, 2, 3, 4, 5);
    stream.ends(7);
    assertFound(Fault.LOST);
  }

  @Test
  void aConfirmedMessageWhosePlaceAnotherOneHasIsLost() {
    b.sends(1);
    read(stream, 0, 1, 2, 3, 4, 5);
    stream.read(6, b.number(), 2);
    b.confirmed(6);
    stream.ends(7);
    assertFound(Fault.LOST);
  }

  @Test
  void aWriterOfWhomNothingIsSeenFromADropOnIsLost() {
    history.mayDrop(6);
    stream.droppedTo(6);
    b.sends(1);
    stream.read(6, b.number(), 2);
    b.confirmed(6);
    stream.ends(7);
    assertFound(Fault.LOST);
  }

  @Test
  void anOffsetThatComesAgainIsDuplicated() {
    read(stream, 0, 1, 2, 1);
    assertFound(Fault.DUPLICATED);
  }

  @Test
  void aMessageAtTwoOffsetsIsDuplicated() {
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, a.number(), 4);
    assertFound(Fault.DUPLICATED);
  }

  @Test
  void aLaterMessageOfAWriterBeforeAnEarlierOneIsReordered() {
    b.sends(2);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 3);
    stream.read(8, b.number(), 2);
    assertFound(Fault.REORDERED);
  }

  @Test
  void aWriterThatIsToldFallingOffsetsIsReordered() {
    appended(b, 1, 8);
    appended(b, 1, 7);
    assertFound(Fault.REORDERED);
  }

  @Test
  void whatNobodySentIsAPhantom() {
    read(stream, 0);
    stream.read(1, a.number(), 5);
    stream.read(2, 2, 0);
    stream.read(3, Stamp.BROKEN);
    assertFound(Fault.PHANTOM);
    assertEquals(3, history.faults());
  }

  @Test
  void whatWasSentButNeverAppendedIsAPhantom() {
    b.sends(1);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 2);
    stream.ends(8);
    assertFound(Fault.PHANTOM);
  }

  @Test
  void whatWasRefusedIsAPhantom() {
    b.sends(1);
    b.refused();
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 2);
    assertFound(Fault.PHANTOM);
  }

  @Test
  void toldOfMoreThanWasSentIsAPhantom() {
    b.sends(1);
    b.confirmed(2, 7);
    assertFound(Fault.PHANTOM);
  }

  @Test
  void aMessageOfADroppedPlaceIsStale() {
    history.mayDrop(3);
    read(stream, 0, 1, 2, 3);
    stream.read(4, a.number(), 1);
    assertFound(Fault.STALE);
  }

  @Test
  void aForgottenMessageIsStale() {
    read(stream, 0, 1, 2, 3);
    history.dropped(3);
    stream.read(4, a.number(), 1);
    assertFound(Fault.STALE);
  }

  @Test
  void aMessageOfAnotherPlaceIsStaleAlsoWhereItsWriterIsToldLater() {
    b.sends(1);
    read(stream, 0, 1, 2, 3, 4, 5, 6);
    stream.read(7, b.number(), 2);
    b.confirmed(8);
    stream.settle();
    assertFound(Fault.STALE);
  }

  @Test
  void theFirstFaultsAreKeptAndAllAreCounted() {
    for (int i = 0; i < 50; i++) {
      stream.read(i, 9, i);
    }
    assertEquals(50, history.faults());
    assertEquals(20, history.violations().size());
  }
}
