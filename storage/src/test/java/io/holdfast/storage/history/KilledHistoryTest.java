package io.holdfast.storage.history;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Histories over several processes and power cuts. Offsets 0 and 1 were confirmed to the first
 * process, which had announced three messages more when it died.
 */
class KilledHistoryTest {
  private final History history = new History();
  private final Writer first = history.writer("a", 1);
  private final Stream stream = history.stream();

  @BeforeEach
  void firstLife() {
    first.sends(2);
    first.confirmed(0);
    first.sends(3);
  }

  private Writer nextLife(long offset) {
    history.killed();
    Writer next = history.writer("a", 2);
    next.sends(1);
    next.confirmed(offset);
    return next;
  }

  private void read(Stream to, Writer writer, long... sequences) {
    for (long sequence : sequences) {
      to.read(to.expected(), writer.number(), sequence);
    }
  }

  private void assertFound(Fault... faults) {
    Judgement.assertFound(history, faults);
  }

  @Test
  void unconfirmedMessagesMayBeThere() {
    Writer next = nextLife(5);
    read(stream, first, 0, 1, 2, 3, 4);
    read(stream, next, 0);
    stream.ends(6);
    assertFound();
  }

  @Test
  void unconfirmedMessagesMayBeMissing() {
    Writer next = nextLife(2);
    read(stream, first, 0, 1);
    read(stream, next, 0);
    stream.ends(3);
    assertFound();
  }

  @Test
  void someUnconfirmedMessagesMayBeThere() {
    Writer next = nextLife(3);
    read(stream, first, 0, 1, 2);
    read(stream, next, 0);
    stream.ends(4);
    assertFound();
  }

  @Test
  void aReaderThatGoesOnThroughAllLivesIsRight() {
    read(stream, first, 0, 1, 2);
    Writer next = nextLife(3);
    read(stream, next, 0);
    stream.ends(4);
    assertFound();
  }

  @Test
  void unconfirmedMessagesMayHaveBeenDropped() {
    Writer next = nextLife(5);
    history.mayDrop(4);
    stream.droppedTo(4);
    history.dropped(4);
    read(stream, first, 4);
    read(stream, next, 0);
    stream.ends(6);
    assertFound();
  }

  @Test
  void anUnconfirmedMessageWithoutOneThatWasNotDroppedIsLost() {
    nextLife(5);
    history.mayDrop(1);
    stream.droppedTo(1);
    read(stream, first, 1, 3);
    assertFound(Fault.LOST);
  }

  @Test
  void anUnconfirmedMessageWithoutTheOneBeforeIsLost() {
    nextLife(4);
    read(stream, first, 0, 1, 3);
    assertFound(Fault.LOST);
  }

  @Test
  void aConfirmedMessageThatIsMissingIsLost() {
    Writer next = nextLife(1);
    read(stream, first, 0);
    read(stream, next, 0);
    stream.ends(2);
    assertFound(Fault.LOST);
  }

  @Test
  void whatWasSeenOnceMayNotBeMissingLater() {
    history.killed();
    read(stream, first, 0, 1, 2);
    Writer next = nextLife(2);
    Stream again = history.stream();
    read(again, first, 0, 1);
    read(again, next, 0);
    again.ends(3);
    assertFound(Fault.LOST);
  }

  @Test
  void whatAReaderSawBeforeTheDeathMayNotBeMissing() {
    read(stream, first, 0, 1, 2);
    nextLife(2);
    Stream again = history.stream();
    read(again, first, 0, 1);
    stream.settle();
    again.startsAt(0);
    read(again, first, 0, 1);
    again.ends(2);
    assertFound(Fault.LOST);
  }

  @Test
  void anUnconfirmedMessageThatIsThereTwiceIsDuplicated() {
    nextLife(5);
    read(stream, first, 0, 1, 2, 2);
    assertFound(Fault.DUPLICATED);
  }

  @Test
  void unconfirmedMessagesInTheWrongOrderAreFound() {
    nextLife(5);
    read(stream, first, 0, 1, 3, 2);
    assertFound(Fault.LOST, Fault.REORDERED);
  }

  @Test
  void whatADeadWriterNeverAnnouncedIsAPhantom() {
    nextLife(6);
    read(stream, first, 0, 1, 2, 3, 4, 5);
    assertFound(Fault.PHANTOM);
  }

  @Test
  void aPowerCutMayTakeWhatWasNotPromised() {
    history.cut(0, 1, 1);
    Writer next = history.writer("a", 2);
    next.sends(1);
    next.confirmed(1);
    read(stream, first, 0);
    read(stream, next, 0);
    stream.ends(2);
    assertFound();
  }

  @Test
  void aPowerCutMayTakeNothing() {
    history.cut(0, 5, 2);
    read(stream, first, 0, 1, 2, 3, 4);
    stream.ends(5);
    assertFound();
  }

  @Test
  void aPowerCutThatTakesWhatWasPromisedIsLost() {
    history.cut(0, 1, 2);
    read(stream, first, 0);
    stream.ends(1);
    assertFound(Fault.LOST);
  }

  @Test
  void whatAPowerCutTookIsStaleWhereItComesBack() {
    history.cut(0, 1, 1);
    read(stream, first, 0, 1);
    assertFound(Fault.STALE);
  }
}
