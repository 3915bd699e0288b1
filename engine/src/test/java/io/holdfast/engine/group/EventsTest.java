package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.EngineEvent;
import io.holdfast.engine.EngineListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events are logged, and told on one thread that nobody waits for. */
class EventsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final AtomicLong nanos = new AtomicLong();
  private final List<EngineEvent> told = Collections.synchronizedList(new ArrayList<>());
  private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
  private final Logger logger = Logger.getLogger(Events.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record.getMessage());
        }

        @Override
        public void flush() {
          // The list is all there is.
        }

        @Override
        public void close() {
          // As above.
        }
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private Events events(EngineListener listener) {
    return new Events(listener, nanos::get, LONG);
  }

  private static EngineEvent full(int number) {
    return new EngineEvent.TopicFull("t" + number, "maxMessages 1");
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("holdfast-events"))
        .count();
  }

  @Test
  void withoutAListenerThereIsALineAndNoThread() {
    try (Events events = events(null)) {
      events.publish(full(1));
      assertEquals(List.of(full(1).toString()), logged);
      assertEquals(0, threads());
      assertFalse(events.isOwnThread());
    }
  }

  @Test
  void aListenerIsToldInOrderOnAThreadOfItsOwnAndACloseTellsTheRest() throws Exception {
    CountDownLatch mayGo = new CountDownLatch(1);
    List<Boolean> own = Collections.synchronizedList(new ArrayList<>());
    Events[] events = new Events[1];
    events[0] =
        events(
            event -> {
              assertTrue(awaits(mayGo));
              own.add(events[0].isOwnThread());
              told.add(event);
            });
    events[0].publish(full(1));
    events[0].tell(full(2));
    assertEquals(1, logged.size(), "what is only told was logged by its caller");
    mayGo.countDown();
    events[0].close();
    assertEquals(List.of(full(1), full(2)), told);
    assertEquals(List.of(true, true), own);
    assertEquals(0, threads());
    events[0].close();
    events[0].tell(full(3));
    assertEquals(2, told.size(), "after the close nobody is told");
  }

  private static boolean awaits(CountDownLatch latch) {
    return Threads.awaitUninterruptibly(latch, System.nanoTime() + TimeUnit.SECONDS.toNanos(30));
  }

  @Test
  void whatDoesNotFitIsCountedAndTold() {
    CountDownLatch isAtWork = new CountDownLatch(1);
    CountDownLatch mayGo = new CountDownLatch(1);
    Events events =
        events(
            event -> {
              isAtWork.countDown();
              assertTrue(awaits(mayGo));
              told.add(event);
            });
    events.tell(full(0));
    assertTrue(awaits(isAtWork));
    int most = EngineListener.MAX_WAITING;
    for (int i = 1; i <= most + 7; i++) {
      events.tell(full(i));
    }
    mayGo.countDown();
    events.close();
    assertEquals(most + 2, told.size());
    assertEquals(full(most), told.get(most));
    assertEquals(new EngineEvent.EventsDropped(7), told.get(most + 1));
  }

  @Test
  void whatAListenerThrowsIsLoggedAndTheNextEventIsTold() {
    Events events =
        events(
            event -> {
              told.add(event);
              if (told.size() == 1) {
                throw new IllegalStateException("of a user");
              }
              if (told.size() == 2) {
                throw new StackOverflowError();
              }
            });
    for (int i = 0; i < 3; i++) {
      events.tell(full(i));
    }
    events.close();
    assertEquals(3, told.size());
    assertEquals(2, logged.size());
    assertTrue(logged.get(0).contains(full(0) + ", failure 1"), logged::toString);
  }

  @Test
  void aListenerMayCloseWhatItListensTo() {
    Events[] events = new Events[1];
    events[0] =
        events(
            event -> {
              events[0].close();
              told.add(event);
            });
    events[0].tell(full(1));
    events[0].close();
    assertEquals(List.of(full(1)), told);
  }

  @Test
  void aListenerThatDoesNotReturnIsInterruptedAndLeft() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    Events events =
        new Events(
            event -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            },
            nanos::get,
            Duration.ofMillis(20));
    events.tell(full(1));
    events.close();
    assertTrue(interrupted.await(30, TimeUnit.SECONDS));
    assertEquals(1, logged.size());
  }

  @Test
  void aMinuteHasTenLinesOfAKind() {
    try (Events events = events(null)) {
      for (int i = 0; i < 25; i++) {
        events.publish(full(i));
      }
      events.publish(new EngineEvent.GroupExpired("g"));
      assertEquals(11, logged.size());
      nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
      events.publish(full(25));
      assertEquals(
          full(25) + "; 15 lines of this kind were left out before it", logged.get(11));
    }
  }
}
