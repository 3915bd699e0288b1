package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A seek while handlers are at work. */
class SeekHandlerTest extends HandlerFixture {
  private static final int KEYS = 5;
  private static final int MESSAGES = 200;

  private void sendKeyed(int from, int to) {
    for (int i = from; i < to; i++) {
      producer.send(Message.builder(("m" + i).getBytes(UTF_8)).key("k" + i % KEYS).build());
    }
  }

  @Test
  void inOrderNobodyGetsAMessageOfItsKeyBeforeAHandlerOfBeforeHasReturned() throws Exception {
    Group group = topic.group("g", config().ordering(Ordering.byKey()).build());
    sendKeyed(0, KEYS + 1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger firsts = new AtomicInteger();
    DeliveryHandler handler =
        delivery -> {
          events.add("begin " + TestStores.text(delivery));
          if (TestStores.text(delivery).equals("m0") && firsts.getAndIncrement() == 0) {
            release.await();
            events.add("end m0 " + delivery.ack());
          }
        };
    group.subscribe(handler, SubscribeConfig.concurrency(1));
    await("begin m0");
    group.seek("t", StartAt.earliest());
    Consumer other = group.consumer("other");
    Set<String> got = ConcurrentHashMap.newKeySet();
    other.receive(100, Duration.ZERO).forEach(d -> got.add(TestStores.text(d)));
    assertEquals(Set.of("m1", "m2", "m3", "m4"), got, "m0 and m5 have the key of the handler");
    release.countDown();
    await("end m0 STALE");
    await("begin m0");
  }

  @Test
  void aHandlerOfBeforeIsInterruptedAtMaxProcessing() throws Exception {
    Duration most = Duration.ofMinutes(1);
    Group group =
        topic.group("g", config().maxProcessing(most).ordering(Ordering.total()).build());
    send("m0");
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    DeliveryHandler handler =
        delivery -> {
          if (calls.getAndIncrement() == 0) {
            events.add("begin");
            try {
              never.await();
            } finally {
              events.add("interrupted");
            }
          } else {
            events.add("again");
          }
        };
    group.subscribe(handler, SubscribeConfig.concurrency(2));
    await("begin");
    group.seek("t", StartAt.earliest());
    pass(most.minusMillis(1));
    assertTrue(events.isEmpty(), () -> "too early: " + events);
    pass(Duration.ofMillis(1));
    await("interrupted");
    await("again");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void seeksWhileHandlersAreAtWorkLoseNothingAndKeepTheOrder(boolean onExecutor)
      throws Exception {
    Group group = topic.group("g", config().ordering(Ordering.byKey()).build());
    sendKeyed(0, MESSAGES);
    Map<String, Integer> atWork = new ConcurrentHashMap<>();
    Set<Long> since = ConcurrentHashMap.newKeySet();
    DeliveryHandler handler =
        delivery -> {
          String key = delivery.message().key().orElseThrow();
          if (atWork.merge(key, 1, Integer::sum) > 1) {
            events.add("two handlers of " + key);
          }
          since.add(delivery.offset());
          Thread.yield();
          atWork.merge(key, -1, Integer::sum);
        };
    ExecutorService executor = Executors.newFixedThreadPool(4);
    SubscribeConfig config = SubscribeConfig.concurrency(4);
    try {
      group.subscribe(handler, onExecutor ? config.withExecutor(executor) : config);
      for (int i = 0; i < 100; i++) {
        int place = i * 37 % MESSAGES;
        Eventually.holds(() -> !since.isEmpty(), () -> "nothing comes");
        since.clear();
        group.seek("t", StartAt.offset(place));
        if (i % 10 == 0) {
          group.seek("t", StartAt.earliest());
        }
      }
      group.pause();
      Eventually.holds(() -> stats().inFlight() == 0, () -> stats().toString());
      group.seek("t", StartAt.earliest());
      since.clear();
      group.resume();
      Eventually.holds(() -> stats().unfinished() == 0, () -> stats().toString());
      assertEquals(MESSAGES, since.size(), "each message has come since the last seek");
    } finally {
      executor.shutdown();
    }
    assertTrue(events.isEmpty(), events::toString);
    assertEquals(0, stats().dead());
  }
}
