package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.SettleHistory.Event;
import io.holdfast.engine.SettleHistory.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The search for an order finds one where there is one, and none where there is none. */
class SettleHistoryTest {
  private static final Event ADVANCE = new Event(Kind.ADVANCE, 0, 0, null, 4, 5);

  private static Event received(int attempt, long from, long to) {
    return new Event(Kind.RECEIVE, attempt, attempt, null, from, to);
  }

  private static Event did(Kind kind, int attempt, Settled answer, long from, long to) {
    return new Event(kind, attempt, 0, answer, from, to);
  }

  private static void explained(boolean expected, List<Event> advances, Event... events) {
    SettleHistory history = new SettleHistory(advances);
    List.of(events).forEach(history::add);
    assertEquals(expected, history.isExplained(), history.events().toString());
  }

  @Test
  void anAckEndsAMessage() {
    Event ack = did(Kind.ACK, 1, Settled.DONE, 3, 4);
    explained(true, List.of(), received(1, 1, 2), ack);
    explained(false, List.of(), received(1, 1, 2));
    explained(false, List.of(), received(1, 1, 2), ack, received(2, 5, 6));
  }

  @Test
  void ofTwoAcksOfOneDeliveryOneWins() {
    Event ack = did(Kind.ACK, 1, Settled.DONE, 3, 6);
    explained(
        true, List.of(), received(1, 1, 2), ack, did(Kind.ACK, 1, Settled.ALREADY_SETTLED, 4, 5));
    explained(false, List.of(), received(1, 1, 2), ack, did(Kind.ACK, 1, Settled.DONE, 4, 5));
    explained(
        false, List.of(), received(1, 1, 2), ack, did(Kind.ACK, 1, Settled.ALREADY_SETTLED, 2, 3));
  }

  @Test
  void aMessageComesAgainAfterATimeoutOnly() {
    Event ack = did(Kind.ACK, 2, Settled.DONE, 8, 9);
    explained(true, List.of(ADVANCE), received(1, 1, 2), received(2, 6, 7), ack);
    explained(false, List.of(), received(1, 1, 2), received(2, 6, 7), ack);
    explained(false, List.of(ADVANCE), received(1, 1, 2), received(2, 2, 3), ack);
  }

  @Test
  void aLateAckCountsUntilSomebodyElseHasTheMessage() {
    Event late = did(Kind.ACK, 1, Settled.DONE, 6, 7);
    explained(true, List.of(ADVANCE), received(1, 1, 2), late);
    explained(false, List.of(ADVANCE), received(1, 1, 2), received(2, 4, 5), late);
    explained(
        true,
        List.of(ADVANCE),
        received(1, 1, 2),
        received(2, 5, 6),
        did(Kind.NACK, 1, Settled.STALE, 7, 8),
        did(Kind.ACK, 2, Settled.DONE, 9, 10));
  }

  @Test
  void anAttemptIsNeverGivenTwice() {
    Event nack = did(Kind.NACK, 1, Settled.DONE, 3, 4);
    Event ack = did(Kind.ACK, 2, Settled.DONE, 7, 8);
    explained(true, List.of(), received(1, 1, 2), nack, received(2, 5, 6), ack);
    explained(
        false,
        List.of(),
        received(1, 1, 2),
        nack,
        received(1, 5, 6),
        did(Kind.ACK, 1, Settled.DONE, 7, 8));
  }

  @Test
  void whoIsClosedGivesItsMessagesBack() {
    Event close = new Event(Kind.CLOSE, 0, 1, null, 3, 4);
    Event other = new Event(Kind.CLOSE, 0, 9, null, 3, 4);
    Event ack = did(Kind.ACK, 2, Settled.DONE, 7, 8);
    explained(true, List.of(), received(1, 1, 2), close, received(2, 5, 6), ack);
    explained(false, List.of(), received(1, 1, 2), other, received(2, 5, 6), ack);
  }
}
