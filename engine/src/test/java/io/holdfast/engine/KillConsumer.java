package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One consumer of a process that is killed: it settles in every way, and not in order. */
final class KillConsumer {
  private static final int MOST_HELD = 10;
  private static final int MOST_HELD_OF_KEYS = 5; // each keeps others of its key waiting
  private static final Duration WAIT = Duration.ofMillis(5);

  private final Group group;
  private final HistoryPipe pipe;
  private final boolean leaves;
  private final int most;
  private final Random random;

  /**
   * A consumer.
   *
   * @param leaves whether it settles some never, so that they are out when the process dies
   */
  KillConsumer(Group group, HistoryPipe pipe, boolean leaves, long seed) {
    this.group = group;
    this.pipe = pipe;
    this.leaves = leaves;
    this.most = group.name().equals(KillPlan.ORDERED) ? MOST_HELD_OF_KEYS : MOST_HELD;
    this.random = new Random(seed);
  }

  void consume(String name) {
    List<Delivery> held = new ArrayList<>();
    try (Consumer consumer = group.consumer(name)) {
      while (true) {
        List<Delivery> received = consumer.receive(1 + random.nextInt(most), WAIT);
        for (Delivery delivery : received) {
          Stamp stamp = Stamp.of(delivery.message().payload());
          checkTime(delivery);
          pipe.got(group.name(), delivery.offset(), delivery.attempt(), stamp);
          held.add(delivery);
        }
        // Where nothing comes, what is held may be what the others wait for: the only suspect that
        // is out, or the first of a key.
        int keeps = received.isEmpty() ? 0 : random.nextInt(most);
        while (held.size() > keeps) {
          settle(held.remove(random.nextInt(held.size())));
        }
      }
    }
  }

  private static void checkTime(Delivery delivery) {
    long early =
        delivery.message().deliverAt().map(Instant::toEpochMilli).orElse(0L)
            - System.currentTimeMillis();
    if (early > 0) {
      throw new AssertionError(delivery + " came " + early + " ms before its time");
    }
  }

  private void settle(Delivery delivery) {
    boolean strict = group.name().equals(KillPlan.STRICT);
    int choice = random.nextInt(1_000);
    if (choice < (strict ? 120 : 50)) {
      settle("FAILING", "FAILED", delivery, () -> delivery.nack(new Exception("on purpose")));
    } else if (strict && choice < 123) {
      settle("REJECTING", "REJECTED", delivery, () -> delivery.reject("on purpose"));
    } else if (choice < 150) {
      check(delivery, delivery.release());
    } else if (choice < 180) {
      check(delivery, delivery.release(Duration.ofMillis(random.nextInt(20))));
    } else if (!leaves || choice < 995) {
      if (choice < 230) {
        check(delivery, delivery.extend());
      }
      settle("ACKING", "ACKED", delivery, delivery::ack);
    } // else it stays out until this process dies
  }

  private interface Settling {
    Settled call();
  }

  private void settle(String before, String after, Delivery delivery, Settling settling) {
    pipe.settles(before, group.name(), delivery.offset());
    check(delivery, settling.call());
    pipe.settles(after, group.name(), delivery.offset());
  }

  private static void check(Delivery delivery, Settled answer) {
    if (answer != Settled.DONE) {
      throw new AssertionError(delivery + ": " + answer);
    }
  }
}
