package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.StressChecker.Fault;
import io.holdfast.storage.StressChecker.Found;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The checker finds each fault in a history that has it, and none in one that has none. */
class StressCheckerTest {
  private final StressChecker checker = new StressChecker(2);
  private final StressChecker.Stream stream = checker.stream();

  /** Offsets 0 to 3 are of writer 0, then 4 and 5 of writer 1, then 6 of writer 0. */
  @BeforeEach
  void append() {
    appended(0, 4, 0);
    appended(1, 2, 4);
    appended(0, 1, 6);
  }

  private void appended(int writer, int count, long offset) {
    checker.writer(writer).sends(count);
    checker.writer(writer).confirmed(offset);
  }

  private static StressMessage at(long offset) {
    return offset == 4 || offset == 5
        ? new StressMessage(1, offset - 4)
        : new StressMessage(0, Math.min(offset, 4));
  }

  private void read(long... offsets) {
    for (long offset : offsets) {
      stream.read(offset, at(offset));
    }
  }

  private void assertFound(Fault... faults) {
    Collection<Fault> expected = Set.of(faults);
    Set<Fault> found =
        checker.found().stream()
            .map(Found::fault)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
    assertEquals(Set.copyOf(expected), Set.copyOf(found), () -> checker.found().toString());
  }

  @Test
  void everythingInOrderIsRight() {
    read(0, 1, 2, 3, 4, 5, 6);
    stream.ends(7);
    assertFound();
  }

  @Test
  void whatWasSeenBeforeItsWriterWasToldIsRight() {
    checker.writer(1).sends(1);
    read(0, 1, 2, 3, 4, 5, 6);
    stream.read(7, new StressMessage(1, 2));
    checker.writer(1).confirmed(7);
    stream.ends(8);
    assertFound();
  }

  @Test
  void aReaderThatGoesElsewhereIsRight() {
    read(0, 1);
    stream.startsAt(5);
    read(5, 6);
    stream.startsAt(0);
    read(0, 1);
    stream.settle();
    assertFound();
  }

  @Test
  void whatMayBeDroppedIsNotLost() {
    checker.mayDrop(5);
    read(0, 1);
    stream.droppedTo(4);
    read(4, 5, 6);
    stream.ends(7);
    assertFound();
  }

  @Test
  void droppedWhatNobodyAskedToDropIsLost() {
    checker.mayDrop(3);
    read(0, 1);
    stream.droppedTo(4);
    read(4, 5, 6);
    assertFound(Fault.LOST);
  }

  @Test
  void toldOfADropThatDidNotReachTheReaderIsLost() {
    checker.mayDrop(6);
    read(0, 1, 2, 3, 4);
    stream.droppedTo(4);
    assertFound(Fault.LOST);
  }

  @Test
  void anOffsetThatIsLeftOutIsLost() {
    read(0, 1, 3);
    assertFound(Fault.LOST);
  }

  @Test
  void anEndThatComesTooEarlyIsLost() {
    read(0, 1, 2, 3, 4, 5);
    stream.ends(7);
    assertFound(Fault.LOST);
  }

  @Test
  void anOffsetThatComesAgainIsDuplicated() {
    read(0, 1, 2, 1);
    assertFound(Fault.DUPLICATED);
  }

  @Test
  void aLaterMessageOfAWriterBeforeAnEarlierOneIsReordered() {
    appended(1, 1, 8);
    appended(1, 1, 7);
    read(0, 1, 2, 3, 4, 5, 6);
    stream.read(7, new StressMessage(1, 3));
    stream.read(8, new StressMessage(1, 2));
    assertFound(Fault.REORDERED);
    assertEquals(2, checker.found().size(), "by what the writer was told, and by what was read");
  }

  @Test
  void whatNobodySentIsAPhantom() {
    read(0);
    stream.read(1, new StressMessage(0, 5));
    stream.read(2, new StressMessage(2, 0));
    stream.read(3, StressMessage.BROKEN);
    assertFound(Fault.PHANTOM);
    assertEquals(3, checker.found().size());
  }

  @Test
  void whatWasSentButNeverAppendedIsAPhantom() {
    checker.writer(1).sends(1);
    read(0, 1, 2, 3, 4, 5, 6);
    stream.read(7, new StressMessage(1, 2));
    stream.ends(8);
    assertFound(Fault.PHANTOM);
  }

  @Test
  void aMessageOfAnotherPlaceIsStale() {
    read(0, 1, 2, 3);
    stream.read(4, at(1));
    assertFound(Fault.STALE);
  }

  @Test
  void aMessageOfAnotherPlaceIsStaleAlsoWhereItsWriterIsToldLater() {
    checker.writer(1).sends(1);
    read(0, 1, 2, 3, 4, 5, 6);
    stream.read(7, new StressMessage(1, 2));
    checker.writer(1).confirmed(8);
    stream.settle();
    assertFound(Fault.STALE);
  }
}
