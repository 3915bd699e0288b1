package io.holdfast.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What threads did to one message at the same time, and whether one order of it all explains the
 * answers: an order that keeps what was over before something else began, and in which each answer
 * is that of the table of states and events. The search is that of Wing and Gong (1993).
 */
final class SettleHistory {
  private final List<Event> events = new ArrayList<>();
  private final List<Event> advances;

  /**
   * Makes an empty history.
   *
   * @param advances when the clock was put forward by ackTimeout
   */
  SettleHistory(List<Event> advances) {
    this.advances = advances;
  }

  /** What a thread did. */
  enum Kind {
    RECEIVE,
    ACK,
    NACK,
    RELEASE,
    EXTEND,
    CLOSE,
    ADVANCE
  }

  /**
   * One call, and its answer.
   *
   * @param kind what was called
   * @param attempt of the delivery; 0 where there is none
   * @param consumer who received, or was closed
   * @param answer null where there is none
   * @param from when it began, in steps of a counter
   * @param to when it returned
   */
  record Event(Kind kind, int attempt, int consumer, Settled answer, long from, long to) {}

  /**
   * The message at a moment.
   *
   * @param name available, running or done
   * @param attempts deliveries so far
   * @param consumer who has it, or had it last
   * @param receivedAt when that call began
   * @param settled the deliveries that were settled, a bit each
   */
  private record State(String name, int attempts, int consumer, long receivedAt, long settled) {
    State become(String next) {
      return new State(next, attempts, consumer, receivedAt, settled);
    }

    State settledAs(String next) {
      return new State(next, attempts, consumer, receivedAt, settled | 1L << attempts);
    }

    boolean isRunning() {
      return name.equals("running");
    }
  }

  private record Place(BitSet done, State state) {}

  void add(Event event) {
    events.add(event);
  }

  List<Event> events() {
    return events;
  }

  /** Whether there is such an order, at the end of which the message is done. */
  boolean isExplained() {
    State first = new State("available", 0, 0, 0, 0);
    return search(new BitSet(events.size()), first, new HashSet<>());
  }

  private boolean search(BitSet done, State state, Set<Place> seen) {
    if (done.cardinality() == events.size()) {
      return state.name().equals("done");
    }
    if (!seen.add(new Place((BitSet) done.clone(), state))) {
      return false;
    }
    long first = Long.MAX_VALUE; // what begins later comes after the one that returned then
    for (int i = done.nextClearBit(0); i < events.size(); i = done.nextClearBit(i + 1)) {
      first = Math.min(first, events.get(i).to());
    }
    for (int i = done.nextClearBit(0); i < events.size(); i = done.nextClearBit(i + 1)) {
      Event event = events.get(i);
      if (event.from() < first && isExplainedWith(i, done, state, seen)) {
        return true;
      }
    }
    return false;
  }

  private boolean isExplainedWith(int index, BitSet done, State state, Set<Place> seen) {
    Event event = events.get(index);
    List<State> before = new ArrayList<>(List.of(state));
    if (state.isRunning() && mayHaveTimedOut(state, event)) {
      before.add(state.become("available"));
    }
    done.set(index);
    for (State now : before) {
      State next = apply(event, now);
      if (next != null && search(done, next, seen)) {
        return true;
      }
    }
    done.clear(index);
    return false;
  }

  private boolean mayHaveTimedOut(State state, Event by) {
    return advances.stream()
        .anyMatch(advance -> advance.to() > state.receivedAt() && advance.from() < by.to());
  }

  /** What the table says; null where the answer is another one. */
  private static State apply(Event event, State now) {
    if (event.kind() == Kind.RECEIVE) {
      boolean may = now.name().equals("available") && event.attempt() == now.attempts() + 1;
      return may
          ? new State("running", event.attempt(), event.consumer(), event.from(), now.settled())
          : null;
    }
    if (event.kind() == Kind.CLOSE) {
      boolean has = now.isRunning() && now.consumer() == event.consumer();
      return has ? now.become("available") : now;
    }
    boolean latest = event.attempt() == now.attempts();
    boolean late = event.kind() == Kind.ACK && now.name().equals("available");
    Settled answer = Settled.STALE;
    if ((now.settled() >>> event.attempt() & 1) != 0) {
      answer = Settled.ALREADY_SETTLED;
    } else if (latest && (now.isRunning() || late)) {
      answer = Settled.DONE;
    }
    if (answer != event.answer()) {
      return null;
    }
    return answer == Settled.DONE ? settled(event.kind(), now) : now;
  }

  private static State settled(Kind kind, State now) {
    return switch (kind) {
      case ACK -> now.settledAs("done");
      case NACK, RELEASE -> now.settledAs("available");
      default -> now;
    };
  }
}
