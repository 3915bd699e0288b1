package io.holdfast.storage.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Histories of a group over the offsets 0 to 3; a second failure makes a dead letter. */
class DeliveriesTest {
  private final History history = new History();
  private final Writer writer = history.writer("a", 1);
  private final Deliveries group = history.group("g", 2);
  private final Letters letters = group.letters();

  @BeforeEach
  void append() {
    writer.sends(4);
    writer.confirmed(0);
  }

  private void got(long offset, int attempt) {
    group.got(offset, attempt, new Stamp(writer.number(), offset));
  }

  private void acked(long... offsets) {
    for (long offset : offsets) {
      got(offset, 1);
      group.acking(offset);
      group.acked(offset);
    }
  }

  private void failed(long offset, int attempt) {
    got(offset, attempt);
    group.failing(offset);
    group.failed(offset);
  }

  private void letter(Letters to, long offset, int attempts) {
    to.letter(90 + offset, offset, attempts, new Stamp(writer.number(), offset));
  }

  private void assertFound(Fault... faults) {
    Judgement.assertFound(history, faults);
  }

  @Test
  void everythingAckedIsRight() {
    acked(1, 3, 0, 2);
    assertEquals(4, group.doneBelow());
    group.drained(4);
    letters.ends(0);
    assertFound();
  }

  @Test
  void attemptsThatRiseAreRight() {
    got(0, 1);
    got(0, 2);
    got(0, 5);
    group.acking(0);
    group.acked(0);
    acked(1, 2, 3);
    group.drained(4);
    assertFound();
  }

  @Test
  void anAckWithoutAnAnswerMayCountOrNot() {
    acked(2, 3);
    got(0, 1);
    group.acking(0);
    got(1, 1);
    group.acking(1);
    got(1, 2);
    group.acking(1);
    group.acked(1);
    group.drained(4);
    assertFound();
  }

  @Test
  void aDeadLetterAtTheLastFailureIsRight() {
    acked(1, 2, 3);
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.drained(4);
    letter(group.letters(), 0, 2);
    letters.ends(0);
    assertEquals(4, group.doneBelow());
    assertFound();
  }

  @Test
  void aFailureWithoutAnAnswerMayCountOrNot() {
    acked(2, 3);
    failed(0, 1);
    got(0, 2);
    group.failing(0);
    letter(letters, 0, 2);
    failed(1, 1);
    got(1, 2);
    group.failing(1);
    failed(1, 3);
    letter(letters, 1, 3);
    group.drained(4);
    assertFound();
  }

  @Test
  void aDeadLetterOfWhatWasRejectedIsRight() {
    acked(1, 2, 3);
    got(0, 1);
    group.rejecting(0);
    group.rejected(0);
    letter(letters, 0, 1);
    group.drained(4);
    assertFound();
  }

  @Test
  void whatTheGroupNeverGotIsSkipped() {
    acked(0, 1, 3);
    group.drained(4);
    assertFound(Fault.SKIPPED);
  }

  @Test
  void whatFailedAndNeverCameAgainIsSkipped() {
    acked(0, 1, 3);
    failed(2, 1);
    group.drained(4);
    assertFound(Fault.SKIPPED);
  }

  @Test
  void anAckThatIsForgottenIsRedelivered() {
    acked(0, 2);
    got(2, 2);
    assertFound(Fault.REDELIVERED_AFTER_ACK);
  }

  @Test
  void anAckOfLongAgoThatIsForgottenIsRedelivered() {
    acked(0, 1, 2, 3);
    got(1, 2);
    assertFound(Fault.REDELIVERED_AFTER_ACK);
  }

  @Test
  void aDeadLetterThatComesAgainIsRedelivered() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    got(0, 3);
    assertFound(Fault.REDELIVERED_AFTER_ACK);
  }

  @Test
  void anAttemptThatDoesNotRiseIsForgotten() {
    got(0, 1);
    got(0, 2);
    got(0, 2);
    assertFound(Fault.FORGOTTEN_ATTEMPT);
  }

  @Test
  void aDeadLetterWithFewerAttemptsIsForgotten() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 1);
    assertFound(Fault.FORGOTTEN_ATTEMPT);
  }

  @Test
  void aLastFailureWithoutADeadLetterIsLost() {
    acked(1, 2, 3);
    failed(0, 1);
    failed(0, 2);
    group.drained(4);
    assertFound(Fault.LETTER_LOST);
  }

  @Test
  void aRejectionWithoutADeadLetterIsLost() {
    acked(1, 2, 3);
    got(0, 1);
    group.rejecting(0);
    group.rejected(0);
    group.drained(4);
    assertFound(Fault.LETTER_LOST);
  }

  @Test
  void aDeadLetterThatIsGoneIsLost() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.letters().ends(90);
    assertFound(Fault.LETTER_LOST);
  }

  @Test
  void aDeadLetterThatWasDroppedIsNotLost() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.letters().ends(91);
    assertFound();
  }

  @Test
  void aDeadLetterAtAnotherPlaceIsDoubled() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.letters().letter(91, 0, 2, new Stamp(writer.number(), 0));
    assertFound(Fault.LETTER_DOUBLED);
  }

  @Test
  void aSecondDeadLetterIsDoubled() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    letter(letters, 0, 2);
    assertFound(Fault.LETTER_DOUBLED);
  }

  @Test
  void aDeadLetterOfWhatHasAttemptsLeftIsUndue() {
    failed(0, 1);
    letter(letters, 0, 1);
    assertFound(Fault.LETTER_UNDUE);
  }

  @Test
  void aDeadLetterOfWhatMayExpireIsDueWithoutAFailure() {
    group.mayExpire(stamp -> stamp.sequence() == 0);
    letter(letters, 0, 0);
    assertFound();
    letter(letters, 1, 0);
    assertFound(Fault.LETTER_UNDUE);
  }

  @Test
  void aDeadLetterOfWhatWasAckedIsUndue() {
    failed(0, 1);
    got(0, 2);
    group.failing(0);
    group.acking(0);
    group.acked(0);
    letter(letters, 0, 2);
    assertFound(Fault.LETTER_UNDUE);
  }

  @Test
  void anAckOfADeadLetterIsUndue() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.acking(0);
    group.acked(0);
    assertFound(Fault.LETTER_UNDUE);
  }

  @Test
  void eachDeathMayCountAsAFailureOfWhatWasOut() {
    got(0, 1);
    history.killed();
    history.killed();
    letter(letters, 0, 1);
    assertFound();
  }

  @Test
  void aDeadLetterOfWhatWasOutAtFewerDeathsIsUndue() {
    got(0, 1);
    history.killed();
    letter(letters, 0, 1);
    assertFound(Fault.LETTER_UNDUE);
  }

  @Test
  void aMessageOfAnotherOffsetIsStale() {
    group.got(0, 1, new Stamp(writer.number(), 2));
    assertFound(Fault.STALE);
  }

  @Test
  void aMessageThatNobodySentIsAPhantom() {
    group.got(4, 1, new Stamp(writer.number(), 4));
    assertFound(Fault.PHANTOM);
  }

  @Test
  void aMessageThatTheGroupGotAndNobodySeesIsLost() {
    writer.sends(1);
    got(4, 1);
    history.killed();
    group.settle();
    assertFound(Fault.LOST);
  }

  @Test
  void aMessageThatTheGroupGotAndThatWasDroppedIsNotLost() {
    writer.sends(1);
    got(4, 1);
    history.killed();
    history.dropped(5);
    group.settle();
    assertFound();
  }

  @Test
  void aMessageThatTheGroupGotBeforeItsWriterWasToldIsRight() {
    writer.sends(2);
    got(4, 1);
    got(5, 1);
    writer.confirmed(1, 4);
    history.killed();
    Stream stream = history.stream();
    for (int i = 0; i < 6; i++) {
      stream.read(i, writer.number(), i);
    }
    group.settle();
    stream.ends(6);
    assertFound();
  }

  @Test
  void aPowerCutMayForgetAcksAndAttempts() {
    acked(0, 1);
    failed(2, 1);
    history.cut(0, 4, 4);
    acked(0, 1, 2, 3);
    group.drained(4);
    assertFound();
  }

  @Test
  void aPowerCutMayKeepAcks() {
    acked(0, 1, 2, 3);
    history.cut(0, 4, 4);
    group.drained(4);
    assertFound();
  }

  @Test
  void whatWasNotAckedIsSkippedAlsoAfterAPowerCut() {
    acked(0, 1, 3);
    history.cut(0, 4, 4);
    group.drained(4);
    assertFound(Fault.SKIPPED);
  }

  @Test
  void anOffsetThatIsUsedAgainIsNotBornAcked() {
    acked(0, 1, 2, 3);
    history.cut(0, 3, 3);
    Writer next = history.writer("a", 2);
    next.sends(1);
    next.confirmed(3);
    group.drained(4);
    assertFound(Fault.SKIPPED);
  }

  @Test
  void aDeadLetterStaysThroughAPowerCut() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    history.cut(0, 4, 4);
    got(0, 3);
    assertFound(Fault.REDELIVERED_AFTER_ACK);
  }

  @Test
  void aDeadLetterThatAPowerCutMayHaveTakenMayComeAgain() {
    failed(0, 1);
    failed(0, 2);
    letter(letters, 0, 2);
    group.lettersMayBeGone();
    history.cut(0, 4, 4);
    failed(0, 1);
    letter(group.letters(), 0, 1);
    acked(1, 2, 3);
    group.drained(4);
    assertFound();
  }

  /** Even offsets have one key, offset 1 another, offset 3 none. */
  private static String key(Stamp stamp) {
    return stamp.sequence() == 3 ? null : stamp.sequence() % 2 == 0 ? "even" : "odd";
  }

  @Test
  void messagesOfAKeyThatComeOneAfterTheOtherAreRight() {
    group.inOrder(DeliveriesTest::key);
    got(0, 1);
    got(1, 1);
    got(3, 1);
    failed(0, 2);
    got(0, 3);
    group.acking(0);
    got(2, 1);
    assertEquals(5, group.judgedInOrder());
    assertFound();
  }

  @Test
  void anAckWithoutAnAnswerLetsTheSameComeAgainOrTheNext() {
    group.inOrder(DeliveriesTest::key);
    got(0, 1);
    group.acking(0);
    got(0, 2);
    group.acking(0);
    got(2, 1);
    assertFound();
  }

  @Test
  void aMessageBesideAnEarlierOneOfItsKeyIsReordered() {
    group.inOrder(DeliveriesTest::key);
    got(0, 1);
    got(2, 1);
    assertFound(Fault.REORDERED_IN_KEY);
  }

  @Test
  void aMessageBehindOneThatCameAgainIsReordered() {
    group.inOrder(DeliveriesTest::key);
    got(0, 1);
    group.acking(0);
    got(0, 2);
    got(2, 1);
    assertFound(Fault.REORDERED_IN_KEY);
  }

  @Test
  void aMessageThatWasLeftOutIsReordered() {
    group.inOrder(DeliveriesTest::key);
    acked(2);
    got(0, 1);
    assertFound(Fault.REORDERED_IN_KEY);
  }

  @Test
  void aMessageThatIsRejectedLetsTheNextOneOfItsKeyCome() {
    group.inOrder(DeliveriesTest::key);
    got(0, 1);
    group.rejecting(0);
    got(2, 1);
    assertFound();
  }
}
