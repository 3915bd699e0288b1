package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DoneLayout;
import io.holdfast.engine.group.SlotLayout;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Flips single bits of a group's files. Its settings and its head have checksums: the group is as
 * it was, or says that it is damaged. Its slots and its bits have none: what is changed is known of
 * the message that they speak of, and of no other. Never is a wrong message delivered.
 *
 * <p>{@code -Dholdfast.bitflip.share=100} flips every bit of the bytes that are not zero, and one
 * in a hundred of the others; less, in percent, are chosen at random. {@code
 * -Dholdfast.bitflip.seed=n} chooses the same.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class GroupFlipTest {
  private static final int MESSAGES = 12;

  private final long seed = Long.getLong("holdfast.bitflip.seed", System.nanoTime());
  private final int percent = Integer.getInteger("holdfast.bitflip.share", 2);
  private final Random random = new Random(seed);
  private final Logger refusals = Logger.getLogger("io.holdfast.engine.GroupDirectory");
  private final TestClock clock = new TestClock();
  private CrashPoint written;
  private Known before;

  /** What a group still delivers, as attempts by offset, and of what it has dead letters. */
  private record Known(Map<Long, Integer> deliveries, Map<Long, Integer> letters) {}

  /** A killed process leaves a message in each state of the table. */
  @BeforeEach
  void write() throws IOException {
    refusals.setLevel(Level.OFF); // each with its stack
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      GroupConfig config =
          GroupConfig.builder().maxAttempts(3).backoff(Backoff.fixed(Duration.ofHours(1))).build();
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
          Consumer consumer = topic.group("g", config).consumer("c")) {
        for (int i = 0; i < MESSAGES; i++) {
          producer.send(TestStores.message("message " + i));
        }
        List<Delivery> got = consumer.receive(8, TestStores.AT_ONCE);
        got.get(0).ack(); // below the low-water mark
        got.get(1).nack(new IllegalStateException("later"));
        got.get(2).ack();
        got.get(3).reject("never");
        got.get(4).release(Duration.ZERO);
        got.get(5).release(Duration.ofHours(1));
        got.get(6).ack(); // 7 stays out
        written = disk.point();
      }
    }
    before = known(written.killed());
    assertEquals(Set.of(1L, 4L, 5L, 7L, 8L, 9L, 10L, 11L), before.deliveries().keySet());
    assertEquals(Map.of(3L, 1), before.letters());
  }

  @AfterEach
  void listen() {
    refusals.setLevel(null);
  }

  private Engine open(CrashFileSystem disk) {
    disk.unmapAll();
    return Engine.open(disk.getPath("/store"), EngineConfig.defaults().withClock(clock));
  }

  /** Takes all that comes now and within a day. */
  private Known known(CrashFileSystem disk) {
    Known known = new Known(new TreeMap<>(), new TreeMap<>());
    try (Engine engine = open(disk);
        Consumer consumer = engine.group("g").consumer("c")) {
      clock.advance(Duration.ofDays(1));
      engine.tick();
      // Suspects of the death come one at a time.
      for (List<Delivery> got = consumer.receive(100, TestStores.AT_ONCE);
          !got.isEmpty();
          got = consumer.receive(100, TestStores.AT_ONCE)) {
        for (Delivery delivery : got) {
          assertEquals("message " + delivery.offset(), TestStores.text(delivery));
          assertEquals(null, known.deliveries().put(delivery.offset(), delivery.attempt()));
          assertEquals(Settled.DONE, delivery.ack());
        }
      }
      if (engine.topics().contains("t.g.dlq")) {
        try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
          reader.poll(letter -> known.letters().merge(offset(letter), 1, Integer::sum), 100);
        }
      }
    }
    return known;
  }

  private static long offset(MessageView letter) {
    return Long.parseLong(letter.header("dlq.offset").orElseThrow());
  }

  /** Which messages a byte of a file speaks of, as it stands there. */
  @FunctionalInterface
  private interface Subject {
    Set<Long> of(byte[] file, int bit);
  }

  /** Flips the share, chosen at random. */
  private void flip(String name, Subject subject) throws IOException {
    byte[] whole = Files.readAllBytes(file(written.killed(), name));
    List<Integer> bits = new ArrayList<>();
    for (int bit = 0; bit < whole.length * 8; bit++) {
      boolean zero = whole[bit / 8] == 0;
      if (random.nextInt(100) < percent && (!zero || random.nextInt(100) == 0)) {
        bits.add(bit);
      }
    }
    flip(name, whole, bits, subject);
  }

  private void flip(String name, byte[] whole, List<Integer> bits, Subject subject)
      throws IOException {
    int refused = 0;
    int changed = 0;
    for (int bit : bits) {
      CrashFileSystem disk = written.killed();
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file(disk, name), flipped);
      Set<Long> subjects = new HashSet<>(subject.of(whole, bit));
      subjects.addAll(subject.of(flipped, bit));
      try {
        Known after = known(disk);
        assertSameBut(subjects, before.deliveries(), after.deliveries());
        assertSameBut(subjects, before.letters(), after.letters());
        changed += after.equals(before) ? 0 : 1;
      } catch (HoldfastException e) {
        assertTrue(e.getMessage().contains(name + ": "), e::getMessage);
        refused++;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "%s, bit %d of byte %d: %s".formatted(name, bit % 8, bit / 8, e), e);
      }
    }
    System.out.printf(
        "GroupFlipTest: %,d bits of %s, %,d refused, %,d changed what is known of one message, "
            + "0 violations; -Dholdfast.bitflip.share=%d -Dholdfast.bitflip.seed=%d%n",
        bits.size(), name, refused, changed, percent, seed);
  }

  private static Path file(CrashFileSystem disk, String name) {
    return disk.getPath("/store/groups/g").resolve(name);
  }

  private static void assertSameBut(
      Set<Long> subjects, Map<Long, Integer> expected, Map<Long, Integer> found) {
    Map<Long, Integer> rest = new TreeMap<>(expected);
    Map<Long, Integer> restFound = new TreeMap<>(found);
    rest.keySet().removeAll(subjects);
    restFound.keySet().removeAll(subjects);
    assertEquals(rest, restFound);
  }

  @Test
  void aBitOfItsSettingsIsNoticed() throws IOException {
    flip("group.properties", (file, bit) -> Set.of());
  }

  @Test
  void aBitOfItsHeadMakesNoDifference() throws IOException {
    flip("t/head", (file, bit) -> Set.of());
  }

  @Test
  void aBitOfASlotConcernsTheMessageInIt() throws IOException {
    flip("t/slots", GroupFlipTest::inSlot);
  }

  /** Two slots then speak of one message, which must not come twice; or a free one has counts. */
  @Test
  void aSlotMayHaveAnotherStateOrTheMessageOfAnotherSlot() throws IOException {
    byte[] whole = Files.readAllBytes(file(written.killed(), "t/slots"));
    List<Integer> bits = new ArrayList<>();
    for (int slot = 0; slot < MESSAGES; slot++) {
      int at = SlotLayout.FIRST_BLOCK + slot * SlotLayout.SLOT;
      for (int bit = 0; 1 << bit < MESSAGES; bit++) {
        bits.add((at + SlotLayout.OFFSET) * 8 + bit);
      }
      for (int bit = 60; bit < Long.SIZE; bit++) {
        bits.add((at + SlotLayout.WORD) * 8 + bit);
      }
    }
    flip("t/slots", whole, bits, GroupFlipTest::inSlot);
  }

  private static Set<Long> inSlot(byte[] file, int bit) {
    int at = bit / 8 - SlotLayout.FIRST_BLOCK;
    if (at < 0) {
      return Set.of(); // the header
    }
    int inBlock = at % SlotLayout.BLOCK;
    boolean detail = inBlock >= SlotLayout.DETAILS;
    int slot =
        detail
            ? (inBlock - SlotLayout.DETAILS) / SlotLayout.DETAIL
            : inBlock / SlotLayout.SLOT;
    int from = bit / 8 - inBlock + slot * SlotLayout.SLOT;
    return Set.of(new UnsafeBuffer(file).getLong(from + SlotLayout.OFFSET));
  }

  @Test
  void aBitOfTheBitmapConcernsItsMessage() throws IOException {
    flip(
        "t/" + DoneLayout.fileName(0),
        (file, bit) -> Set.of((long) bit - DoneLayout.BITS * 8L));
  }
}
