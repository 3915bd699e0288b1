package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors of the device at single steps of a group's state: what IoErrorTest has found. */
class GroupFaultTest {
  private static final GroupConfig CONFIG = GroupConfig.builder().maxAttempts(1).build();

  private final Logger log = Logger.getLogger("io.holdfast");
  private final TestClock clock = new TestClock();
  private final CrashFileSystem disk = CrashFileSystem.create();

  @BeforeEach
  void silence() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void listen() {
    log.setLevel(null);
  }

  private static Path directory(CrashFileSystem of) {
    return of.getPath("/data/store");
  }

  private Engine open(CrashFileSystem of) {
    return Engine.open(directory(of), EngineConfig.defaults().withClock(clock));
  }

  private static Topic topic(Engine engine) {
    return engine.topic("t", TestStores.small().build());
  }

  private static void send(Engine engine, int count) {
    List<Message> messages = IntStream.range(0, count).mapToObj(i -> message("m" + i)).toList();
    try (Producer producer = topic(engine).producer(ProducerConfig.named("p"))) {
      producer.sendAll(messages);
    }
  }

  /** Has calls of a kind fail for files whose name ends so. */
  private Call.Watcher failing(Call.Kind kind, String name, AtomicInteger times) {
    return call -> {
      boolean concerned = call.kind() == kind && call.path().toString().endsWith(name);
      if (concerned && times.getAndDecrement() > 0) {
        throw new IOException("Input/output error");
      }
    };
  }

  @Test
  void stateThatCannotBeLookedAtIsNotMadeAnew() {
    try (Engine engine = open(disk)) {
      send(engine, 3);
      Consumer consumer = topic(engine).group("g", CONFIG).consumer("c");
      consumer.receive(2, AT_ONCE).forEach(Delivery::ack);
    }
    AtomicInteger times = new AtomicInteger(Integer.MAX_VALUE);
    disk.watchReads(failing(Call.Kind.LOOK, "groups/g/t/head", times));
    try (Engine engine = open(disk)) {
      Topic topic = topic(engine);
      assertThrows(StorageIoException.class, () -> topic.group("g", CONFIG));
      times.set(0); // the device has recovered
      Consumer consumer = topic.group("g", CONFIG).consumer("c");
      assertEquals(List.of("m2"), texts(consumer.receive(10, AT_ONCE)));
    }
    assertTrue(times.get() < 0);
  }

  /** The force is one of the slots that are in use, too. */
  @Test
  void slotsThatCannotBeForcedWhileTheyGrowAreTheEndOfTheStore() {
    Engine engine = open(disk);
    send(engine, 300);
    Consumer consumer = topic(engine).group("g", CONFIG).consumer("c");
    assertEquals(1, consumer.receive(1, AT_ONCE).size());
    disk.watch(failing(Call.Kind.FORCE, "groups/g/t/slots", new AtomicInteger(1)));
    assertThrows(StorageIoException.class, () -> consumer.receive(300, AT_ONCE));
    assertThrows(StorePoisonedException.class, () -> send(engine, 1));
    assertThrows(StorePoisonedException.class, engine::close);
  }

  /** The kernel says that all is well the second time, and what comes next would count on it. */
  @Test
  void nothingOfAGroupIsForcedAfterAForceThatFailed() {
    Engine engine = open(disk);
    send(engine, 3);
    Consumer consumer = topic(engine).group("g", CONFIG).consumer("c");
    List<Delivery> got = consumer.receive(1, AT_ONCE);
    // The region was mapped under this name.
    disk.watch(failing(Call.Kind.FORCE, "0000000000.done.tmp", new AtomicInteger(1)));
    got.get(0).nack(new IllegalStateException("poison"));
    AtomicInteger forces = new AtomicInteger();
    disk.watch(call -> forces.addAndGet(call.kind() == Call.Kind.FORCE ? 1 : 0));
    clock.advance(Duration.ofSeconds(2));
    engine.tick();
    assertEquals(0, forces.get());
    assertEquals(1, engine.group("g").lag().get(0).dying(), "its slot waits for the next opening");
    assertThrows(StorePoisonedException.class, engine::close);
    try (Engine next = open(disk)) {
      assertEquals(TestStores.stats("t", 1, 3, 2, 0, 0, 0, 1), TestStores.stats(next.group("g")));
      assertEquals(1, next.topic("t.g.dlq").endOffset());
    }
  }

  @Test
  void namesThatCouldNotBeForcedAreForcedBeforeTheStateCounts() {
    Engine engine = open(disk);
    send(engine, 1);
    AtomicInteger times = new AtomicInteger(1);
    disk.watch(
        call -> {
          boolean state = call.path().endsWith("groups/g/t");
          if (state && call.kind() == Call.Kind.FORCE_DIRECTORY && hasHead(call.path())) {
            failing(Call.Kind.FORCE_DIRECTORY, "groups/g/t", times).before(call);
          }
        });
    Topic topic = topic(engine);
    assertThrows(StorageIoException.class, () -> topic.group("g", CONFIG));
    Consumer consumer = topic.group("g", CONFIG).consumer("c");
    consumer.receive(1, AT_ONCE).get(0).reject("no");
    assertEquals(1, engine.topic("t.g.dlq").endOffset());
    CrashFileSystem cut = disk.point().cut(new Random(1), 4096, 0);
    engine.close();
    try (Engine next = open(cut)) {
      assertEquals(List.of(), topic(next).group("g", CONFIG).consumer("c").receive(1, AT_ONCE));
    }
  }

  private static boolean hasHead(Path state) {
    return java.nio.file.Files.exists(state.resolve("head"));
  }
}
