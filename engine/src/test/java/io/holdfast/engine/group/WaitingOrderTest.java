package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.holdfast.engine.Message;
import io.holdfast.engine.message.SentMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Retries come in the order of their due times, leases end in the order of their deadlines. */
class WaitingOrderTest {
  private record Waiting(int slot, long due, long offset) {}

  @Test
  void theHeapGivesTheEarliestAndLetsAnySlotLeave() {
    long seed = System.nanoTime();
    System.out.println("WaitingOrderTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    DueHeap heap = new DueHeap();
    List<Waiting> expected = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    for (int slot = 0; slot < 200; slot++) {
      free.add(slot);
    }
    for (int i = 0; i < 20_000; i++) {
      if (!free.isEmpty() && random.nextInt(3) > 0) {
        int slot = free.remove(random.nextInt(free.size()));
        Waiting waiting = new Waiting(slot, random.nextInt(20), 1_000 - slot);
        heap.add(slot, waiting.due(), waiting.offset());
        expected.add(waiting);
      } else if (!expected.isEmpty()) {
        Waiting leaving = expected.remove(random.nextInt(expected.size()));
        heap.remove(leaving.slot());
        free.add(leaving.slot());
      }
      expected.sort(Comparator.comparingLong(Waiting::due).thenComparingLong(Waiting::offset));
      assertEquals(expected.size(), heap.size());
      assertEquals(expected.isEmpty() ? Long.MAX_VALUE : expected.get(0).due(), heap.firstDue());
      if (!expected.isEmpty()) {
        assertEquals(expected.get(0).slot(), heap.first());
      }
    }
  }

  private static Lease lease(int slot, long deadline) {
    RecordContent content =
        new RecordContent(slot, 0, 1, new SentMessage(Message.of(new byte[0]), null), null);
    return new Lease(null, () -> "c", slot, SlotWord.delivered(0), content, null, 0, deadline);
  }

  @Test
  void leasesStandInTheOrderOfTheirEnds() {
    LeaseList list = new LeaseList();
    assertEquals(Long.MAX_VALUE, list.firstDeadline());
    Lease late = lease(0, 30);
    Lease early = lease(1, 10);
    Lease middle = lease(2, 20);
    list.add(late);
    list.add(early);
    list.add(middle);
    assertEquals(3, list.size());
    assertEquals(early, list.first());
    assertEquals(middle, list.after(early));
    assertEquals(late, list.after(middle));
    assertNull(list.after(late));
    list.remove(middle);
    assertEquals(late, list.after(early));
    list.remove(early);
    assertEquals(30, list.firstDeadline());
    list.remove(late);
    assertNull(list.first());
    assertEquals(0, list.size());
  }
}
