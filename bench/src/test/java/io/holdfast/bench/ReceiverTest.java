package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Queue;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** The receiver on a clock that stands still while messages are handled. */
class ReceiverTest {
  private static final int SIZE = 16;

  private final Progress progress = new Progress();
  private final Queue<Long> waiting = new ArrayDeque<>();
  private long now;

  private final class Waiting implements Scenario {
    private final Payload payload = new Payload(SIZE);

    @Override
    public void add(byte[] bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int receive(Handler handler) {
      if (waiting.isEmpty()) {
        now += Receiver.PATIENCE_NANOS / 4;
        return 0;
      }
      payload.number(waiting.remove());
      handler.onMessage(payload.bytes(), 0, SIZE);
      return 1;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  private Receiver.Received receive(Schedule schedule) {
    return new Receiver(new Waiting(), schedule, SIZE, () -> now, progress).call();
  }

  @Test
  void aLatencyCountsFromWhenTheMessageWasDue() {
    now = 5_000_000;
    for (long i = 0; i < 5; i++) {
      waiting.add(i);
    }
    progress.sent(5);
    Histogram latencies = receive(new Schedule(0, 1000, 0, 5)).latencies();
    for (long millis = 1; millis <= 5; millis++) {
      assertEquals(1, latencies.getCountAtValue(millis * 1_000_000), millis + " ms");
    }
  }

  @Test
  void theWarmUpIsCheckedAndNotMeasured() {
    waiting.add(0L);
    waiting.add(0L);
    waiting.add(1L);
    waiting.add(2L);
    progress.sent(3);
    Receiver.Received received = receive(new Schedule(0, 1000, 2, 3));
    assertEquals(1, received.latencies().getTotalCount());
    assertEquals(new Faults(0, 1, 0, 0), received.faults());
  }

  @Test
  void whatNeverComesIsLostAfterAWhile() {
    waiting.add(0L);
    progress.sent(3);
    assertEquals(new Faults(2, 0, 0, 0), receive(new Schedule(0, 1000, 0, 3)).faults());
  }
}
