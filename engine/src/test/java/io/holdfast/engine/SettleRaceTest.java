package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.SettleHistory.Event;
import io.holdfast.engine.SettleHistory.Kind;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Race;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads that receive, ack, nack, release and extend the same few messages, each also the
 * deliveries of the others, while leases run out and consumers are closed: one order of all that
 * explains every answer.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class SettleRaceTest {
  private static final int THREADS = 3;
  private static final int MESSAGES = 3;
  private static final int CALLS = 8;
  private static final Duration ACK_TIMEOUT = Duration.ofSeconds(1);

  @TempDir Path directory;

  private final TestClock clock = new TestClock();
  private final AtomicLong steps = new AtomicLong();
  private final AtomicInteger consumers = new AtomicInteger();
  private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
  private final List<Event> advances = new CopyOnWriteArrayList<>();
  private final List<Event> closes = new CopyOnWriteArrayList<>();
  private final Map<Long, List<Event>> events = new ConcurrentHashMap<>();

  @Test
  void oneOrderExplainsWhatEveryThreadWasTold() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Engine engine = Engine.open(directory, EngineConfig.defaults().withClock(clock))) {
      Topic topic =
          engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
      GroupConfig config =
          GroupConfig.builder()
              .unlimitedAttempts()
              .ackTimeout(ACK_TIMEOUT)
              .backoff(Backoff.fixed(Duration.ZERO))
              .build();
      Group group = topic.group("g", config);
      Race race = new Race("SettleRaceTest");
      Random random = new Random(race.seed());
      race.add(
          () -> {
            try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
              while (!race.isOver()) {
                round(engine, group, producer, threads, random);
                race.round();
              }
            }
          });
      race.run();
    } finally {
      threads.shutdownNow();
    }
  }

  private void round(
      Engine engine, Group group, Producer producer, ExecutorService threads, Random random)
      throws Exception {
    deliveries.clear();
    advances.clear();
    closes.clear();
    events.clear();
    producer.sendAll(
        IntStream.range(0, MESSAGES).mapToObj(i -> TestStores.message("m" + i)).toList());
    List<Callable<Void>> work =
        IntStream.range(0, THREADS)
            .mapToObj(i -> worker(engine, group, new Random(random.nextLong())))
            .toList();
    for (Future<Void> done : threads.invokeAll(work)) {
      done.get();
    }
    try (Consumer consumer = group.consumer("rest")) { // all others are closed: all is available
      receive(consumer, 0, 10 * MESSAGES).forEach(delivery -> settle(delivery, Kind.ACK));
    }
    assertTrue(group.lag().get(0).unfinished() == 0, () -> "left over: " + events);
    for (List<Event> of : events.values()) {
      SettleHistory history = new SettleHistory(List.copyOf(advances));
      of.forEach(history::add);
      closes.forEach(history::add);
      assertTrue(
          history.isExplained(),
          () -> "no order explains " + history.events() + " with the clock put forward "
              + advances);
    }
  }

  private Callable<Void> worker(Engine engine, Group group, Random random) {
    return () -> {
      int name = consumers.incrementAndGet();
      Consumer consumer = group.consumer("c" + name);
      for (int i = 0; i < CALLS; i++) {
        int choice = random.nextInt(20);
        if (choice < 7) {
          receive(consumer, name, 1 + random.nextInt(2));
        } else if (choice == 7) {
          advance(engine);
        } else if (choice == 8) {
          close(consumer, name);
          name = consumers.incrementAndGet();
          consumer = group.consumer("c" + name);
        } else if (!deliveries.isEmpty()) {
          Kind[] kinds = {Kind.ACK, Kind.ACK, Kind.NACK, Kind.RELEASE, Kind.EXTEND};
          settle(
              deliveries.get(random.nextInt(deliveries.size())), kinds[random.nextInt(5)]);
        }
      }
      close(consumer, name);
      return null;
    };
  }

  private List<Delivery> receive(Consumer consumer, int name, int most) {
    long from = steps.incrementAndGet();
    List<Delivery> got = consumer.receive(most, Duration.ZERO);
    long to = steps.incrementAndGet();
    for (Delivery delivery : got) {
      note(delivery, new Event(Kind.RECEIVE, delivery.attempt(), name, null, from, to));
    }
    deliveries.addAll(got);
    return got;
  }

  private void settle(Delivery delivery, Kind kind) {
    long from = steps.incrementAndGet();
    Settled answer =
        switch (kind) {
          case ACK -> delivery.ack();
          case NACK -> delivery.nack(new Exception("on purpose"));
          case RELEASE -> delivery.release();
          default -> delivery.extend();
        };
    long to = steps.incrementAndGet();
    note(delivery, new Event(kind, delivery.attempt(), 0, answer, from, to));
  }

  private void advance(Engine engine) {
    long from = steps.incrementAndGet();
    clock.advance(ACK_TIMEOUT);
    engine.tick();
    advances.add(new Event(Kind.ADVANCE, 0, 0, null, from, steps.incrementAndGet()));
  }

  private void close(Consumer consumer, int name) {
    long from = steps.incrementAndGet();
    consumer.close();
    closes.add(new Event(Kind.CLOSE, 0, name, null, from, steps.incrementAndGet()));
  }

  private void note(Delivery delivery, Event event) {
    events.computeIfAbsent(delivery.offset(), o -> new CopyOnWriteArrayList<>()).add(event);
  }
}
