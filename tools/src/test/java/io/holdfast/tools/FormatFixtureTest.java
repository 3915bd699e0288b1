package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.RedriveConfig;
import io.holdfast.engine.RedriveReport;
import io.holdfast.engine.Topic;
import io.holdfast.storage.format.FileHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stores of every format version open for ever: they are as they were, and take more. */
class FormatFixtureTest {
  @TempDir private Path temporary;

  /** What is kept beside a fixture and compared. */
  enum Listing {
    DUMP,
    GROUPS,
    MESSAGES;

    Path file(Path zip) {
      String ending = "-" + name().toLowerCase(Locale.ROOT) + ".txt";
      return zip.resolveSibling(zip.getFileName().toString().replace(".zip", ending));
    }

    /** The store is opened by the last one only, and with it changes. */
    String of(Path store) {
      return switch (this) {
        case DUMP -> ToolRun.of("dump", store, "--records").out();
        case GROUPS -> FormatListing.groups(store);
        case MESSAGES -> FormatListing.of(store);
      };
    }
  }

  static List<Path> fixtures() throws IOException {
    try (Stream<Path> files = Files.list(FormatFixture.directory())) {
      return files.filter(file -> file.toString().endsWith(".zip")).sorted().toList();
    }
  }

  @Test
  void thePresentVersionHasOne() throws IOException {
    Path present =
        FormatFixture.directory().resolve("format-%d.zip".formatted(FileHeader.VERSION));
    assertTrue(fixtures().contains(present), () -> present + " is not there");
    assertTrue(Files.size(present) < 64 << 10, () -> present + " is too large to be kept");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void whatIsInItIsThereAndWhole(Path zip) throws IOException {
    Path store = StoreZip.unpack(zip, temporary.resolve("store"));
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(0, verify.code(), verify::toString);
    for (Listing listing : Listing.values()) {
      assertEquals(Files.readString(listing.file(zip)), listing.of(store), listing::toString);
    }
    String messages = Files.readString(Listing.MESSAGES.file(zip));
    assertEquals(messages, FormatListing.of(store), "the same at the second opening");
    assertEquals(0, ToolRun.of("verify", store).code());
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void itTakesMoreAndOpensAgain(Path zip) throws IOException {
    Path store = StoreZip.unpack(zip, temporary.resolve("store"));
    List<String> before = FormatListing.of(store).lines().filter(this::isMessage).toList();
    long sent = 0;
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      for (String name : engine.topics()) {
        Topic topic = engine.topic(name);
        if (name.endsWith(".dlq") || name.endsWith(".retry")) {
          continue; // the engine's own
        }
        try (Producer producer = topic.producer(ProducerConfig.named("later"))) {
          for (int i = 0; i < 60; i++) { // rolls where segments are small
            producer.send(Message.of(new byte[20_000]));
            sent++;
          }
        }
      }
      try (Consumer consumer = engine.group("billing").consumer("later")) {
        List<Delivery> deliveries = consumer.receive(2, Duration.ZERO);
        assertEquals(List.of(3L, 4L), deliveries.stream().map(Delivery::offset).toList());
        deliveries.get(0).ack();
        deliveries.get(1).reject("later");
        sent++; // the dead letter
      }
    }
    List<String> after = FormatListing.of(store).lines().filter(this::isMessage).toList();
    assertTrue(after.containsAll(before), "messages are missing");
    assertEquals(before.size() + sent, after.size());
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(0, verify.code(), verify::toString);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void itsDeadLettersCanBeRedriven(Path zip) throws IOException {
    Path store = StoreZip.unpack(zip, temporary.resolve("store"));
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      Group billing = engine.group("billing");
      long letters = billing.deadLetters("orders").letters();
      assertTrue(letters > 0, "the fixture has a dead letter");
      DeadLetterFilter all = DeadLetterFilter.all();
      assertEquals(
          new RedriveReport(letters, letters, letters, 0),
          billing.redrive("orders", all, RedriveConfig.defaults()));
      try (Consumer consumer = billing.consumer("later")) {
        List<Delivery> redriven =
            consumer.receive(100, Duration.ZERO).stream()
                .filter(delivery -> delivery.redrives() == 1)
                .toList();
        assertEquals(letters, redriven.size());
        assertEquals(2, redriven.get(0).offset());
        assertEquals("orders", redriven.get(0).topic());
        assertEquals(Instant.parse("2026-03-01T12:00:00Z"), redriven.get(0).timestamp());
      }
    }
    assertEquals(0, ToolRun.of("verify", store).code());
  }

  @Test
  void whatWasTakenIsNotTakenAgain() throws IOException {
    Path zip = FormatFixture.directory().resolve("format-4.zip");
    Path store = StoreZip.unpack(zip, temporary.resolve("store"));
    try (Engine engine = Engine.open(store, ToolStore.noon());
        Producer producer = engine.topic("once").producer(ProducerConfig.named("import-7"));
        Producer other = engine.topic("once").producer(ProducerConfig.named("gone"))) {
      assertEquals(18, producer.lastSequence().orElseThrow());
      Receipt receipt = producer.send(Message.builder(new byte[0]).sequence(4).build());
      assertTrue(receipt.isDuplicate());
      assertEquals(3, receipt.offset());
      assertFalse(producer.send(Message.builder(new byte[0]).sequence(5).build()).isDuplicate());
      assertTrue(other.lastSequence().isEmpty());
      receipt = other.send(Message.builder(new byte[0]).dedupId("id-9").build());
      assertTrue(receipt.isDuplicate());
      assertEquals(10, receipt.offset());
    }
  }

  @Test
  void aTopicOfAnOlderFormatThatTakesSequencesIsOneOfThisFormat() throws IOException {
    Path zip = FormatFixture.directory().resolve("format-3.zip");
    Path store = StoreZip.unpack(zip, temporary.resolve("store"));
    Path settings = store.resolve("topics/orders/topic.properties");
    String before = Files.readString(settings);
    assertTrue(before.contains("format=3\n"), before);
    try (Engine engine = Engine.open(store, ToolStore.noon());
        Producer producer = engine.topic("orders").producer(ProducerConfig.named("later"))) {
      producer.send(Message.of(new byte[0]));
      assertEquals(before, Files.readString(settings));
      producer.send(Message.builder(new byte[0]).sequence(0).build());
    }
    String after = Files.readString(settings);
    assertEquals(
        before.replace("format=3\n", "format=4\n").replaceAll("crc32c=.*", ""),
        after.replaceAll("crc32c=.*", ""));
    assertEquals(0, ToolRun.of("verify", store).code());
  }

  private boolean isMessage(String line) {
    return !line.startsWith("topic ") && !line.startsWith("group ");
  }
}
