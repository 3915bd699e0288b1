package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

/** The threads of a run, over a queue in memory that does what a test tells it to. */
class OpenLoopTest {
  private final LatencyOptions options =
      LatencyOptions.parse(
          "--rate", "1000", "--seconds", "1", "--warmup", "0", "--payload", "16", "--batch", "7");

  /** Passes messages on, each changed by a function; null drops it. */
  private static class QueueScenario implements Scenario {
    private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
    private final UnaryOperator<byte[]> change;

    QueueScenario(UnaryOperator<byte[]> change) {
      this.change = change;
    }

    @Override
    public void add(byte[] payload) {
      byte[] changed = change.apply(payload.clone());
      if (changed != null) {
        queue.add(changed);
      }
    }

    @Override
    public void flush() {
      // add has passed it on
    }

    @Override
    public int receive(Handler handler) {
      byte[] payload = queue.poll();
      if (payload == null) {
        return 0;
      }
      handler.onMessage(payload, 0, payload.length);
      return 1;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  private Outcome run(UnaryOperator<byte[]> change) throws InterruptedException {
    return new OpenLoop(options, 2, SystemNanoClock.INSTANCE).run(new QueueScenario(change));
  }

  @Test
  void everyMessageIsMeasured() throws InterruptedException {
    Outcome outcome = run(payload -> payload);
    assertEquals(1000, outcome.sent());
    assertEquals(1000, outcome.latencies().getTotalCount());
    assertTrue(outcome.faults().none());
    assertTrue(outcome.control().getTotalCount() > 0);
  }

  @Test
  void aMessageLostOnTheWayIsFoundAndTheRunEnds() throws InterruptedException {
    Payload lost = new Payload(16);
    lost.number(500);
    Outcome outcome =
        run(payload -> Arrays.equals(payload, lost.bytes()) ? null : payload);
    assertEquals(new Faults(1, 0, 0, 0), outcome.faults());
    assertEquals(999, outcome.latencies().getTotalCount());
  }

  @Test
  void whatTheSenderThrowsEndsTheRun() {
    IllegalStateException failure = new IllegalStateException("disk full");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                run(
                    payload -> {
                      throw failure;
                    }));
    assertSame(failure, thrown);
  }

  @Test
  void whatTheReceiverThrowsEndsTheRun() {
    IllegalStateException failure = new IllegalStateException("damaged record");
    QueueScenario broken =
        new QueueScenario(payload -> payload) {
          @Override
          public int receive(Handler handler) {
            throw failure;
          }
        };
    OpenLoop loop = new OpenLoop(options, 2, SystemNanoClock.INSTANCE);
    assertSame(failure, assertThrows(IllegalStateException.class, () -> loop.run(broken)));
  }
}
