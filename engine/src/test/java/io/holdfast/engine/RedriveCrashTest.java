package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Eventually;
import io.holdfast.storage.error.DiskFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dead letter goes back exactly once, at whichever step the process dies. */
class RedriveCrashTest {
  private static final GroupConfig ONCE = GroupConfig.builder().maxAttempts(1).build();
  private static final DeadLetterFilter ALL = DeadLetterFilter.all();
  private static final RedriveConfig USUAL = RedriveConfig.defaults();

  @TempDir Path dir;
  @TempDir Path images;
  private final TestClock clock = new TestClock();
  private volatile Consumer<DeadLetterStep> steps = step -> {};

  private Engine open(Path store) {
    EngineConfig config = EngineConfig.defaults().withClock(clock);
    return Engine.open(store, config, step -> steps.accept(step));
  }

  /** Two messages that died, of a topic of this durability. */
  private Group dead(Engine engine, Durability durability) {
    TopicConfig config = TestStores.small().durability(durability).build();
    Group group = engine.topic("t", config).group("g", ONCE);
    try (Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
      producer.sendAll(List.of(message("a"), message("b")));
    }
    die(group);
    return group;
  }

  private static void die(Group group) {
    group.consumer("c").receive(10, AT_ONCE).forEach(d -> d.nack(new Exception("failed")));
  }

  /** Copies the store at each step that is done from now on. */
  private Map<DeadLetterStep, Path> imageAtEachStep() {
    Map<DeadLetterStep, Path> crashed = new EnumMap<>(DeadLetterStep.class);
    steps =
        step ->
            crashed.computeIfAbsent(
                step, at -> TestStores.image(dir, images.resolve(at.name())));
    return crashed;
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void aCrashAtAnyStepLeavesExactlyOneRedrivenMessage(String durability) {
    Map<DeadLetterStep, Path> crashed;
    try (Engine engine = open(dir)) {
      Group group = dead(engine, Durability.parse(durability));
      crashed = imageAtEachStep();
      assertEquals(1, group.redrive("t", ALL, USUAL.withMost(1)).redriven());
      steps = step -> {};
    }
    assertEquals(durability.equals("powerLoss") ? 5 : 4, crashed.size());
    for (Path image : crashed.values()) {
      for (int openings = 0; openings < 2; openings++) {
        try (Engine engine = open(image)) {
          assertEquals(1, engine.topic("t.g.retry").endOffset(), image.toString());
          assertEquals(1, engine.group("g").deadLetters("t").letters(), image.toString());
        }
      }
      try (Engine engine = open(image)) {
        Group group = engine.group("g");
        assertEquals(1, group.redrive("t", ALL, USUAL).redriven(), image.toString());
        List<Delivery> got = group.consumer("c").receive(10, AT_ONCE);
        assertEquals(List.of("a", "b"), texts(got), image.toString());
        got.forEach(Delivery::ack);
        assertEquals(0, group.redrive("t", ALL, USUAL).redriven(), image.toString());
      }
    }
  }

  @Test
  void aCrashDuringTheRecoveryOfARedriveLeavesOneToo() {
    Path dying = images.resolve("dying");
    Path again = images.resolve("again");
    try (Engine engine = open(dir)) {
      Group group = dead(engine, Durability.processCrash());
      steps = step -> imageAt(step, DeadLetterStep.SLOT_DYING, dir, dying);
      group.redrive("t", ALL, USUAL.withMost(1));
    }
    steps = step -> imageAt(step, DeadLetterStep.LETTER_WRITTEN, dying, again);
    open(dying).close();
    steps = step -> {};
    for (Path image : List.of(dying, again)) {
      try (Engine engine = open(image)) {
        assertEquals(1, engine.topic("t.g.retry").endOffset(), image.toString());
        assertEquals(1, engine.group("g").deadLetters("t").letters(), image.toString());
      }
    }
  }

  private static void imageAt(DeadLetterStep at, DeadLetterStep wanted, Path store, Path image) {
    if (at == wanted && !Files.exists(image)) {
      TestStores.image(store, image);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void aRedrivenMessageThatDiesAgainHasOneLetterMoreAtAnyStep(String durability) {
    Map<DeadLetterStep, Path> crashed;
    try (Engine engine = open(dir)) {
      Group group = dead(engine, Durability.parse(durability));
      group.redrive("t", ALL, USUAL);
      crashed = imageAtEachStep();
      die(group);
      steps = step -> {};
    }
    for (Path image : crashed.values()) {
      try (Engine engine = open(image)) {
        Group group = engine.group("g");
        die(group); // who was not dead yet
        assertEquals(4, ids(engine).size(), image.toString());
        assertEquals(4, ids(engine).stream().distinct().count(), image.toString());
        assertEquals(2, group.deadLetters("t").letters(), image.toString());
        assertEquals(4, group.lag().get(0).dead(), image.toString());
      }
    }
  }

  private static List<String> ids(Engine engine) {
    List<String> ids = new ArrayList<>();
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
      reader.poll(view -> ids.add(view.header("dlq.id").orElseThrow()), 100);
    }
    return ids;
  }

  @Test
  void whatCannotBeWrittenIsToldAndFollowsAfterASecond() throws InterruptedException {
    try (Engine engine = open(dir)) {
      Group group = dead(engine, Durability.processCrash());
      AtomicBoolean full = new AtomicBoolean(true);
      steps =
          step -> {
            if (step == DeadLetterStep.SLOT_DYING && full.getAndSet(false)) {
              throw new DiskFullException("no room, says the test");
            }
          };
      assertThrows(DiskFullException.class, () -> group.redrive("t", ALL, USUAL));
      assertEquals(1, group.deadLetters("t").letters(), "one is on its way");
      assertEquals(0, engine.topic("t.g.retry").endOffset());
      Eventually.holds(
          () -> {
            clock.advance(Duration.ofSeconds(1)); // behind whatever the timer counts from
            engine.tick();
            return engine.topic("t.g.retry").endOffset() == 1;
          },
          () -> "expected the message");
      assertEquals(1, group.redrive("t", ALL, USUAL).redriven());
      assertEquals(List.of("a", "b"), texts(group.consumer("c").receive(10, AT_ONCE)));
    }
  }

  @Test
  void aSlotWhoseStateIsDamagedKeepsNoLetterFromBeingRedriven() throws IOException {
    Path image = images.resolve("damaged");
    try (Engine engine = open(dir)) {
      Group group = dead(engine, Durability.processCrash());
      steps = step -> imageAt(step, DeadLetterStep.SLOT_DYING, dir, image);
      group.redrive("t", ALL, USUAL.withMost(1));
      steps = step -> {};
    }
    Path slots = image.resolve("groups/g.redrive/t.g.dlq/slots");
    byte[] bytes = Files.readAllBytes(slots);
    int state = SlotLayout.FIRST_BLOCK + SlotLayout.slotInBlock(0) + Long.BYTES - 1;
    assertEquals(SlotState.DYING.ordinal(), bytes[state] >>> 4);
    bytes[state] = (byte) (SlotState.AVAILABLE.ordinal() << 4);
    Files.write(slots, bytes);
    try (Engine engine = open(image)) {
      assertEquals(2, engine.group("g").redrive("t", ALL, USUAL).redriven());
    }
  }

  @Test
  void aStateThatWasRefusedIsToldOfAndHidesNoOther() throws IOException {
    java.util.logging.Logger log =
        java.util.logging.Logger.getLogger("io.holdfast.engine.GroupDirectory");
    log.setLevel(java.util.logging.Level.OFF); // the error with its stack
    try (Engine engine = open(dir)) {
      dead(engine, Durability.processCrash()).redrive("t", ALL, USUAL.withMost(1));
    }
    Path head = dir.resolve("groups/g.redrive/t.g.dlq/head");
    byte[] whole = Files.readAllBytes(head);
    Files.write(head, new byte[whole.length]);
    try (Engine engine = open(dir)) {
      Group group = engine.group("g");
      RuntimeException e =
          assertThrows(RuntimeException.class, () -> group.redrive("t", ALL, USUAL));
      assertTrue(e.getMessage().contains(head.toString()), e.getMessage());
      assertEquals(List.of("a"), texts(group.consumer("c").receive(10, AT_ONCE)));
    } finally {
      log.setLevel(null);
    }
    Files.write(head, whole);
    try (Engine engine = open(dir)) {
      assertEquals(1, engine.group("g").redrive("t", ALL, USUAL).redriven());
    }
  }
}
