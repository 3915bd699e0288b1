package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store whose topic "t" has limits, opened again at will. */
@Timeout(120)
abstract class LimitsFixture {
  static final GroupConfig DEFAULTS = GroupConfig.defaults();
  static final Duration SHORT = Duration.ofMillis(50);
  static final Duration LONG = Duration.ofHours(1);

  @TempDir Path store;
  Engine engine;

  final TestClock clock = new TestClock();
  final List<EngineEvent> events = new CopyOnWriteArrayList<>(); // complete after a close

  @BeforeEach
  final void open() {
    EngineConfig config = EngineConfig.defaults().withClocks(clock, clock);
    engine = Engine.open(store, config.withListener(events::add));
  }

  @AfterEach
  final void close() {
    engine.close();
  }

  final void reopen() {
    close();
    open();
  }

  static TopicConfig.Builder small() {
    return TopicConfig.builder()
        .durability(Durability.processCrash())
        .segmentSize(1 << 20)
        .maxMessageSize(4_096);
  }

  final Topic topic(TopicConfig.Builder config) {
    return engine.topic("t", config.build());
  }

  final Topic topic(long maxMessages, OnFull onFull) {
    return topic(small().maxMessages(maxMessages).onFull(onFull));
  }

  static Producer producer(Topic topic) {
    return topic.producer(ProducerConfig.named("p"));
  }

  static void send(Producer producer, int count) {
    for (int i = 0; i < count; i++) {
      producer.send(message("m" + i));
    }
  }

  static List<Message> messages(int count) {
    return Collections.nCopies(count, message("m"));
  }

  static int ack(Group group, int most) {
    try (Consumer consumer = group.consumer("c")) {
      List<Delivery> got = consumer.receive(most, AT_ONCE);
      got.forEach(Delivery::ack);
      return got.size();
    }
  }

  /** Acks until nothing more comes. */
  static int ackAll(Group group) {
    int acked = 0;
    for (int got = -1; got != 0; acked += got) {
      got = ack(group, 1_000);
    }
    return acked;
  }

  static TopicFullException refused(Producer producer) {
    return refused(() -> producer.send(message("x")));
  }

  static TopicFullException refused(Supplier<?> send) {
    long before = System.nanoTime();
    TopicFullException e = assertThrows(TopicFullException.class, send::get);
    assertTrue(System.nanoTime() - before < 15_000_000_000L, "not after the usual wait");
    return e;
  }

  /** Sends messages of 4,000 bytes until the topic is full; returns how many. */
  static int fill(Producer producer) {
    for (int sent = 0; ; sent++) {
      try {
        producer.send(Message.of(new byte[4_000]));
      } catch (TopicFullException e) {
        return sent;
      }
    }
  }

  /** Runs a send on a thread of its own and waits until it waits. */
  static <T> CompletableFuture<T> blocked(Supplier<T> send) {
    return blocked(send, new AtomicReference<>());
  }

  static <T> CompletableFuture<T> blocked(Supplier<T> send, AtomicReference<Thread> on) {
    CompletableFuture<T> sent = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                sent.complete(send.get());
              } catch (RuntimeException e) {
                sent.completeExceptionally(e);
              }
            });
    on.set(thread);
    thread.start();
    awaitInLine(thread);
    return sent;
  }

  /** Returns once a thread waits for room, and for nothing else. */
  static void awaitInLine(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING
        || Stream.of(thread.getStackTrace())
            .noneMatch(frame -> frame.getClassName().equals(SendLine.class.getName()))) {
      LockSupport.parkNanos(100_000);
    }
  }

  /** Opens the store again with a damaged state of a group. */
  final void damage(String group) throws IOException {
    close();
    Path head = store.resolve("groups").resolve(group).resolve("t").resolve("head");
    Files.write(head, new byte[(int) Files.size(head)]);
    Logger refusals = Logger.getLogger("io.holdfast.engine.GroupDirectory");
    refusals.setLevel(Level.OFF);
    try {
      open();
    } finally {
      refusals.setLevel(null);
    }
  }
}
