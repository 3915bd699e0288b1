package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A run begins or is called off, is interrupted where it is, and ends once. */
class HandlerRunTest {
  private final HandlerRun run = new HandlerRun();

  @Test
  void aRunThatWaitsIsNotInterrupted() {
    assertTrue(run.isWaiting());
    assertFalse(run.isRunning());
    run.interrupt();
    assertFalse(run.wasInterrupted());
    assertTrue(run.begin());
    assertFalse(run.isWaiting());
    assertTrue(run.isRunning());
    assertTrue(run.isOn(Thread.currentThread()));
    assertFalse(run.callOff());
    assertFalse(run.begin());
  }

  @Test
  void aRunThatWasCalledOffNeverBegins() {
    assertTrue(run.callOff());
    assertFalse(run.callOff());
    assertFalse(run.begin());
    assertFalse(run.end());
    assertFalse(run.isOn(Thread.currentThread()));
  }

  @Test
  void theEndTakesTheInterruptBackAndAnotherOneStays() {
    run.begin();
    run.interrupt();
    assertTrue(Thread.currentThread().isInterrupted());
    assertTrue(run.end());
    assertFalse(Thread.interrupted());
    assertTrue(run.wasInterrupted());
    run.interrupt();
    assertFalse(Thread.interrupted());
    HandlerRun other = new HandlerRun();
    other.begin();
    Thread.currentThread().interrupt(); // by somebody else
    other.end();
    assertTrue(Thread.interrupted());
  }

  @Test
  void inAStageItIsCancelledInsteadAndTheThreadIsFree() {
    AtomicInteger cancels = new AtomicInteger();
    run.begin();
    run.goOn(cancels::incrementAndGet);
    assertTrue(run.isRunning());
    assertFalse(run.isOn(Thread.currentThread()));
    run.interrupt();
    assertFalse(Thread.interrupted());
    assertEquals(1, cancels.get());
    assertTrue(run.wasInterrupted());
    assertTrue(run.end());
    assertFalse(run.end());
    run.interrupt();
    assertEquals(1, cancels.get());
  }

  @Test
  void anInterruptBeforeTheStageIsTakenBackAndCancelsIt() {
    AtomicInteger cancels = new AtomicInteger();
    run.begin();
    run.interrupt();
    run.goOn(cancels::incrementAndGet);
    assertFalse(Thread.interrupted());
    assertEquals(1, cancels.get());
  }

  /** The cancel of a stage completes it, and so ends the run, on the same thread. */
  @Test
  void aCancelMayEndTheRun() {
    run.begin();
    run.goOn(run::end);
    run.interrupt();
    assertFalse(run.isRunning());
  }
}
