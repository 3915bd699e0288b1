package io.holdfast.engine;

import static io.holdfast.engine.SequenceFixture.isDuplicate;
import static io.holdfast.engine.SequenceFixture.isNew;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.dedup.IdFileView;
import io.holdfast.engine.dedup.SequenceFile;
import io.holdfast.engine.error.DamagedDedupException;
import io.holdfast.storage.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of what a topic has taken that are damaged: it is found in the topic again, or told. */
class DedupDamageTest {
  private static final int COUNT = 100; // messages of 4,000 bytes, in two segments and some
  private static final int BLOCK = 4_096;

  private final Logger told = Logger.getLogger("io.holdfast.engine.dedup");

  @TempDir Path dir;

  @BeforeEach
  void fill() {
    told.setLevel(Level.OFF);
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < COUNT; i++) {
          producer.send(both(i));
        }
      }
    }
  }

  @AfterEach
  void listen() {
    told.setLevel(null);
  }

  private static Message both(int number) {
    return Message.builder(new byte[4_000]).sequence(number).dedupId("id-" + number).build();
  }

  private Path file(String name) {
    return dir.resolve("dedup/t").resolve(name);
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 0x10;
    Files.write(file, bytes);
  }

  private void assertNothingIsTakenTwice() {
    try (Engine engine = Engine.open(dir);
        Producer producer = engine.topic("t").producer(ProducerConfig.named("p"));
        Producer other = engine.topic("t").producer(ProducerConfig.named("other"))) {
      for (int i = 0; i < COUNT; i++) {
        isDuplicate(producer.send(both(i)), i);
        isDuplicate(other.send(Message.builder(new byte[1]).dedupId("id-" + i).build()), i);
      }
      assertEquals(COUNT, engine.topic("t").endOffset());
    }
  }

  @Test
  void aFileOfSequencesThatIsDamagedIsNotMissed() throws IOException {
    flip(file("sequences"), BLOCK + 2);
    assertNothingIsTakenTwice();
    Files.write(file("sequences"), new byte[100]);
    assertNothingIsTakenTwice();
    Files.write(file("sequences"), new byte[3 << 20]);
    assertNothingIsTakenTwice();
  }

  @Test
  void aRingOfIdsThatIsDamagedIsMadeAgain() throws IOException {
    flip(file("ids"), BLOCK + 9);
    flip(file("ids"), 2 * BLOCK + 9);
    assertNothingIsTakenTwice();
    Files.write(file("ids"), new byte[100]);
    assertNothingIsTakenTwice();
  }

  @Test
  void whereItIsNotKnownWhatTheTopicHasNothingIsTakenThatMayBeADuplicate() throws IOException {
    flip(file("ids"), BLOCK + 9);
    flip(file("ids"), 2 * BLOCK + 9);
    flip(dir.resolve("topics/t/0000000001.log"), BLOCK + 9_000); // sealed, and believed unread
    try (Engine engine = Engine.open(dir);
        Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
      DamagedDedupException e =
          assertThrows(DamagedDedupException.class, () -> producer.send(both(3)));
      assertTrue(e.getMessage().contains("takes no messages with a sequence"), e.getMessage());
      assertThrows(DamagedDedupException.class, producer::lastSequence);
      isNew(producer.send(message("plain")), COUNT);
      assertFalse(producer.sendAsync(message("plain")).join().isDuplicate());
    }
  }

  @Test
  void filesOfAnotherLifeOfTheTopicAreNotBelieved() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      engine.topic("other", TestStores.small().build());
    }
    Files.createDirectory(dir.resolve("dedup/other"));
    Files.copy(file("ids"), dir.resolve("dedup/other/ids"));
    Files.copy(file("sequences"), dir.resolve("dedup/other/sequences"));
    try (Engine engine = Engine.open(dir);
        Producer producer = engine.topic("other").producer(ProducerConfig.named("p"))) {
      isNew(producer.send(both(3)), 0);
      isDuplicate(producer.send(both(3)), 0);
    }
  }

  @Test
  void noFlippedByteOfAFileIsBelieved() throws IOException {
    long seed = System.nanoTime();
    System.out.println("DedupDamageTest seed " + seed);
    Random random = new Random(seed);
    Path sequences = file("sequences");
    byte[] whole = Files.readAllBytes(sequences);
    SequenceFile content = SequenceFile.read(sequences);
    byte[] ids = Arrays.copyOf(Files.readAllBytes(file("ids")), 5 * BLOCK);
    Path other = dir.resolve("ids");
    for (int i = 0; i < 2_000; i++) {
      Files.write(sequences, changed(whole, random));
      try {
        SequenceFile read = SequenceFile.read(sequences);
        assertEquals(content.offset(), read.offset());
        assertArrayEquals(content.table().bytes(), read.table().bytes());
      } catch (HoldfastException e) {
        assertTrue(e.getMessage().contains("sequences"), e.getMessage());
      }
      Files.write(other, changed(ids, random));
      try {
        IdFileView.read(other).entries().forEach(entry -> assertTrue(entry.offset() < COUNT));
      } catch (HoldfastException e) {
        assertTrue(e.getMessage().contains("ids"), e.getMessage());
      }
    }
  }

  private static byte[] changed(byte[] whole, Random random) {
    byte[] bytes = Arrays.copyOf(whole, whole.length - random.nextInt(2) * random.nextInt(BLOCK));
    for (int flips = random.nextInt(3); flips >= 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
