package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Faults NONE = new Faults(0, 0, 0, 0);
  private static final Environment SOMEWHERE =
      new Environment("17.0.1 Vendor", "Linux 6 amd64", "Some CPU", 2, "ext4 on /dev/sda");

  private final LatencyOptions options =
      LatencyOptions.parse("--rate", "1000", "--seconds", "2", "--warmup", "1");

  private static Histogram histogram(long... nanos) {
    Histogram histogram = Latencies.newHistogram();
    for (long value : nanos) {
      Latencies.record(histogram, value);
    }
    return histogram;
  }

  private Outcome outcome(long sent, long lateNanos, Faults faults) {
    return Outcome.of(
        options,
        new Sender.Sent(sent, lateNanos),
        new Receiver.Received(histogram(1000, 2000, 1_500_000), 2_000_000_000L, faults),
        histogram(10, 20));
  }

  @Test
  void aRunThatHeldItsRatePassedAndSaysAllOfItsConditions() {
    assertEquals(
        """
        Holdfast latency, level storage: passed

        durability   processCrash
        rate         1,000 messages/s, open loop
        payload      64 bytes
        batch        up to 1 an append
        duration     2 s after 1 s of warm-up
        threads      1 sender, 1 receiver, both spin
        control      sleeps, ticks every 1 ms; its timer alone is about 50 us late
        JDK          17.0.1 Vendor
        kernel       Linux 6 amd64
        CPU          2 x Some CPU
        file system  ext4 on /dev/sda

        us               messages      control
        p50                  2.00         0.01
        p90              1,500.16         0.02
        p99              1,500.16         0.02
        p99.9            1,500.16         0.02
        p99.99           1,500.16         0.02
        max              1,500.16         0.02
        count                   3            2

        throughput   2 messages/s received
        messages     3,000 sent, 0 lost, 0 repeated, 0 disordered, 0 corrupt
        """,
        Report.of(options, SOMEWHERE, outcome(3000, 500, NONE)));
  }

  @Test
  void aLateEndMeansThatTheRateWasNotHeld() {
    Outcome late = outcome(3000, 100_000_001, NONE);
    assertFalse(late.passed());
    String report = Report.of(options, SOMEWHERE, late);
    assertTrue(report.startsWith("Holdfast latency, level storage: FAILED\nFAILED: the rate"));
    assertTrue(outcome(3000, 100_000_000, NONE).passed());
  }

  @Test
  void aSenderThatGaveUpFailed() {
    assertFalse(outcome(2999, 0, NONE).passed());
  }

  @Test
  void anyFaultFailsTheRunAndIsCounted() {
    for (Faults faults :
        List.of(
            new Faults(1, 0, 0, 0),
            new Faults(0, 1, 0, 0),
            new Faults(0, 0, 1, 0),
            new Faults(0, 0, 0, 1))) {
      Outcome outcome = outcome(3000, 0, faults);
      assertEquals(List.of("messages: " + faults), outcome.failures());
      String report = Report.of(options, SOMEWHERE, outcome);
      assertTrue(report.contains("FAILED: messages: " + faults), report);
    }
  }
}
