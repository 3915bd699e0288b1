package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The sender on a clock that goes on by a microsecond each time somebody looks at it. */
class SenderTest {
  private static final int RATE = 1000;
  private static final long STALL = TimeUnit.MILLISECONDS.toNanos(5) + 500_000;

  private final List<Long> sentAt = new ArrayList<>();
  private final List<Integer> batches = new ArrayList<>();
  private long now;
  private long stallAt = -1;
  private long stall = STALL;

  private final class Recording implements Scenario {
    private int batch;

    @Override
    public void add(byte[] payload) {
      sentAt.add(now);
      batch++;
    }

    @Override
    public void flush() {
      batches.add(batch);
      batch = 0;
      if (sentAt.size() - 1 == stallAt) {
        now += stall;
      }
    }

    @Override
    public int receive(Handler handler) {
      return 0;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  private Sender.Sent send(int batch, Progress progress) {
    Schedule schedule = new Schedule(0, RATE, 0, 20);
    return new Sender(new Recording(), schedule, 16, batch, () -> now += 1000, progress).call();
  }

  private static long dueMillis(int message) {
    return TimeUnit.MILLISECONDS.toNanos(message);
  }

  @Test
  void noMessageIsSentBeforeItIsDue() {
    send(1, new Progress());
    for (int i = 0; i < 20; i++) {
      long late = sentAt.get(i) - dueMillis(i);
      assertTrue(late >= 0 && late <= 10_000, "message " + i + " is late by " + late);
    }
  }

  @Test
  void afterAStallWhatFellDueIsSentAtOnceAndTheScheduleStands() {
    stallAt = 3;
    send(1, new Progress());
    for (int i = 4; i < 9; i++) {
      assertTrue(sentAt.get(i) >= dueMillis(3) + STALL, "message " + i);
      assertTrue(sentAt.get(i) <= dueMillis(3) + STALL + 100_000, "message " + i);
    }
    assertTrue(sentAt.get(9) <= dueMillis(9) + 10_000);
  }

  @Test
  void whatFellDueMeanwhileGoesInBatchesUpToTheLimit() {
    stallAt = 3;
    send(3, new Progress());
    assertEquals(List.of(1, 1, 1, 1, 3, 2, 1), batches.subList(0, 7));
  }

  @Test
  void aSenderFarBehindGivesUpAndTellsHowManyItSent() {
    stallAt = 3;
    stall = Sender.MAX_LATE_NANOS * 2;
    Progress progress = new Progress();
    Sender.Sent sent = send(1, progress);
    assertEquals(4, sent.messages());
    assertTrue(sent.lateNanos() > Sender.MAX_LATE_NANOS);
    assertEquals(4, progress.sent());
  }
}
