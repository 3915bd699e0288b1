package io.holdfast.tools;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.ErrorRule;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.LoadSharing;
import io.holdfast.engine.Message;
import io.holdfast.engine.OnExpiry;
import io.holdfast.engine.OnFull;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.RedriveConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.WhenNoGroup;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSalvage;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes the store that stands for a format version for ever, and its listing. It is run once for
 * each version, by hand, before that version is released:
 *
 * <pre>
 *   mvn -pl tools -am test-compile
 *   java @tools/target/dist/jvm.flags -cp CLASSPATH io.holdfast.tools.FormatFixture tools
 * </pre>
 *
 * <p>It refuses to replace a fixture that is there. The store has: {@code orders} and its group
 * {@code billing} as {@link ToolStore} makes them (an ack, a delayed message, a dead letter);
 * {@code rolled} with two segments and an index; {@code events} (processCrash) whose first segments
 * were dropped and whose last one is a recycled file; {@code salvaged} with a gap. From format 2 on
 * {@code keyed} and its group {@code audit}, with all options of that format: a poisoned key, a
 * letter that followed it, and a redriven message that waits. From format 3 on {@code timed} with
 * all options of that format, a run of delayed messages and a cancelled one, and its paused group
 * {@code later}, which has a pattern and was moved back, and messages with a time to live. From
 * format 4 on {@code once}, with sequences and ids, segments that carry a table, and a producer
 * that was forgotten.
 */
final class FormatFixture {
  private static final int LARGE = 20_000;
  private static final int DELAYED = 1_100; // more than stay in memory only
  private static final int PIECES = 60; // large messages in a segment of 1 MiB, and some

  private FormatFixture() {}

  static Path directory() {
    return Path.of("src/test/resources/io/holdfast/tools/formats");
  }

  /**
   * Makes the fixture of the present version.
   *
   * @param args the directory of this module
   */
  public static void main(String[] args) throws IOException {
    Path temporary = Files.createTempDirectory("fixture");
    try {
      write(Path.of(args[0]).resolve(directory()), temporary);
    } finally {
      try (Stream<Path> files = Files.walk(temporary)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void write(Path directory, Path temporary) throws IOException {
    Path zip = directory.resolve("format-%d.zip".formatted(FileHeader.VERSION));
    if (Files.exists(zip)) {
      throw new IOException(zip + ": a fixture that is there is never replaced");
    }
    Path store = ToolStore.orders(temporary.resolve("store"));
    topics(store);
    keyed(store);
    timed(store);
    once(store);
    recycle(store);
    salvage(store);
    Files.createDirectories(zip.getParent());
    StoreZip.pack(store, zip);
    Path copy = StoreZip.unpack(zip, temporary.resolve("copy"));
    for (FormatFixtureTest.Listing listing : FormatFixtureTest.Listing.values()) {
      Files.writeString(listing.file(zip), listing.of(copy));
    }
  }

  private static void topics(Path store) {
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      TopicConfig.Builder small =
          TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(2 * LARGE);
      Topic rolled = engine.topic("rolled", small.build());
      engine.topic("salvaged", small.build());
      engine.topic("events", small.durability(Durability.processCrash()).build());
      try (Producer producer = rolled.producer(ProducerConfig.named("shop-1"))) {
        for (int i = 0; i < 5; i++) {
          producer.send(
              Message.builder(payload(i)).key("k" + i % 2).header("number", "" + i).build());
        }
      }
    }
  }

  private static void timed(Path store) {
    Instant later = Instant.parse("2999-12-31T00:00:00Z");
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      Topic topic =
          engine.topic(
              "timed",
              TopicConfig.builder()
                  .maxAge(Duration.ofDays(36_500))
                  .onExpiry(OnExpiry.DROP)
                  .retention(Retention.untilConsumed().atMost(Duration.ofDays(3_650)))
                  .whenNoGroup(WhenNoGroup.DEAD_TOPIC)
                  .maxMessages(10_000)
                  .maxBytes(1L << 30)
                  .onFull(OnFull.reject())
                  .build());
      GroupConfig config = GroupConfig.builder().expireAfter(Duration.ofDays(36_500)).build();
      Group group = engine.group("later", config).topics("timed", "timed.*");
      try (Producer producer = topic.producer(ProducerConfig.named("shop-1"));
          Consumer consumer = group.consumer("worker-1")) {
        producer.send(Message.of(payload(0)));
        consumer.receive(1, Duration.ZERO).forEach(Delivery::ack);
        producer.send(Message.builder(payload(1)).timeToLive(Duration.ofMillis(1)).build());
        List<Message> delayed = new ArrayList<>();
        for (int i = 0; i < DELAYED; i++) {
          delayed.add(Message.builder(new byte[0]).deliverAt(later.plusSeconds(i)).build());
        }
        List<Receipt> receipts = producer.sendAll(delayed);
        consumer.receive(1, Duration.ZERO); // has the group meet them
        topic.cancel(receipts.get(1));
        group.seek("timed", StartAt.offset(1));
        consumer.receive(1, Duration.ZERO);
        group.pause();
      }
    }
  }

  private static void once(Path store) {
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      Topic topic =
          engine.topic(
              "once",
              TopicConfig.builder()
                  .segmentSize(1 << 20)
                  .maxMessageSize(2 * LARGE)
                  .dedupWindow(Duration.ofDays(30), 50)
                  .build());
      try (Producer producer = topic.producer(ProducerConfig.named("import-7"));
          Producer other = topic.producer(ProducerConfig.named("gone"))) {
        other.send(Message.builder(new byte[0]).sequence(7).build());
        for (int i = 0; i < 10; i++) { // rolls: the second segment carries a table
          producer.send(Message.builder(payload(i)).sequence(2 * i).dedupId("id-" + i).build());
        }
      }
      topic.forgetProducer("gone");
    }
  }

  private static void keyed(Path store) {
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      Topic topic = engine.topic("keyed", TopicConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("shop-1"))) {
        for (String text : List.of("first", "second", "other")) {
          String key = text.equals("other") ? "c-7" : "c-42";
          producer.send(Message.builder(text.getBytes(StandardCharsets.UTF_8)).key(key).build());
        }
      }
      Ordering rest =
          Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY);
      Group audit =
          topic.group(
              "audit",
              GroupConfig.builder()
                  .ordering(rest)
                  .loadSharing(LoadSharing.BY_KEY)
                  .onError(IOException.class, ErrorRule.throttle(Duration.ofSeconds(5)))
                  .maxRedrives(1)
                  .build());
      try (Consumer consumer = audit.consumer("worker-1")) {
        List<Delivery> got = consumer.receive(10, Duration.ZERO);
        got.get(0).reject("broken");
        got.get(1).ack();
        consumer.receive(10, Duration.ZERO); // the second follows the first
        audit.redrive("keyed", DeadLetterFilter.all(), RedriveConfig.defaults().withMost(1));
        consumer.receive(10, Duration.ZERO).forEach(d -> d.nack(new IOException("busy")));
      }
    }
  }

  private static byte[] payload(int number) {
    byte[] payload = new byte[LARGE];
    Arrays.fill(payload, (byte) ('a' + number % 26));
    return payload;
  }

  private static void append(TopicLog log, int count) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      byte[] payload = payload((int) log.endOffset());
      batch.clear();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      log.append(batch);
      log.force(log.endOffset());
    }
  }

  private static StoreConfig config() {
    return new StoreConfig(ToolStore.noon().clock()).withRecycling(0, 4 << 20);
  }

  private static void recycle(Path store) throws IOException {
    for (int round = 0; round < 10; round++) {
      try (Store open = Store.open(store, config())) {
        TopicLog log = open.topic("events").orElseThrow();
        for (int rolls = 0; rolls < 8; rolls++) { // an opening empties the pool
          append(log, PIECES);
          log.dropBefore(log.endOffset() - PIECES / 10);
          open.onAgent(() -> null); // has done what it was asked for before
        }
      }
      if (isRecycled(store)) {
        return;
      }
    }
    throw new IOException(store + ": expected a recycled segment, found none in any round");
  }

  /** Whether anything stands behind the end of the last segment that is in use. */
  private static boolean isRecycled(Path store) throws IOException {
    Path last = null;
    for (Path file : SegmentFiles.list(store.resolve("topics/events")).values()) {
      try (SegmentScanner scanner = SegmentScanner.open(file)) {
        last = scanner.begin().isPresent() ? file : last;
      }
    }
    byte[] content = Files.readAllBytes(last);
    try (SegmentScanner scanner = SegmentScanner.open(last)) {
      while (scanner.next()) {
        // to the end
      }
      for (int at = scanner.nextPosition(); at < SegmentLayout.footer(content.length); at++) {
        if (content[at] != 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static void salvage(Path store) {
    try (Store open = Store.open(store, config())) {
      append(open.topic("salvaged").orElseThrow(), 8);
    }
    Path second = ToolStore.segment(store, "salvaged", 2);
    ToolStore.flip(second, ToolStore.position(second, 4) + 100);
    TopicSalvage.salvage(store, "salvaged");
  }
}
