package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Message;
import io.holdfast.engine.OnFull;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.Retention;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.crash.CrashFileSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * An engine that is open on a crash file system, and what it promises: each method notes in the
 * ledger what its call may do, calls, and notes what is certain. For the script's thread.
 */
final class OpenEngine implements AutoCloseable {
  /** Messages that a bounded topic keeps. */
  static final int MOST = 20;

  private static final int AGAIN = 5; // messages that are sent again before others are sent
  private static final long PATIENCE = Duration.ofMinutes(1).toNanos();

  final Path directory;
  final Engine engine;
  final Ledger ledger;
  final AtomicLong clock;
  final Settling settling;
  final Committing committing;
  private final Moments moments;
  private final Map<String, Producer> producers = new HashMap<>();
  private final Map<String, Consumer> consumers = new HashMap<>();

  /** How messages are sent. */
  enum Way {
    ONE_BY_ONE,
    AT_ONCE,
    ASYNC
  }

  private OpenEngine(
      Path directory, Engine engine, Ledger ledger, AtomicLong clock, Moments moments) {
    this.directory = directory;
    this.engine = engine;
    this.ledger = ledger;
    this.clock = clock;
    this.moments = moments;
    this.settling = new Settling(this);
    this.committing = new Committing(this);
  }

  static Path directory(CrashFileSystem disk) {
    return disk.getPath("/data/store"); // two directories to be made
  }

  static OpenEngine open(
      CrashFileSystem disk, Ledger ledger, AtomicLong clock, Moments moments) {
    EngineConfig config =
        EngineConfig.defaults()
            .withClock(clock::get)
            .withSeed(1)
            .withMaxTransactionBytes(1 << 16);
    disk.unmapAll(); // whoever had it open before has closed it
    Engine engine = EngineInside.open(directory(disk), config, moments::at);
    return new OpenEngine(directory(disk), engine, ledger, clock, moments);
  }

  /** Has the ledger look at the topics of this opening. */
  void follow() {
    ledger.note(() -> ledger.topics.values().forEach(topic -> topic.log = log(topic)));
  }

  /** A point between two steps. */
  void point(String what) {
    moments.here(what);
  }

  TopicLog log(TopicLedger topic) {
    return EngineInside.log(engine, topic.name);
  }

  TopicLedger createTopic(String name, Durability durability, TopicLedger.Keeping keeping) {
    TopicLedger topic = new TopicLedger(name, durability, keeping, 0);
    ledger.note(() -> ledger.topics.put(name, topic));
    TopicConfig.Builder config = TopicConfig.builder().maxMessageSize(8_192);
    switch (keeping) {
      case FOREVER -> config.retention(Retention.forever()); // it drops by hand, and says so
      case BOUNDED -> config.maxMessages(MOST).onFull(OnFull.dropOldest());
      default -> config.retention(Retention.untilConsumed());
    }
    TopicLog log = createLog(name, durability, config);
    ledger.note(
        () -> {
          topic.log = log;
          topic.exists = true;
        });
    return topic;
  }

  /** A topic that the ledger does not know yet, with messages of up to 100,000 bytes. */
  TopicLog createLog(String name, Durability durability) {
    TopicConfig.Builder config = TopicConfig.builder().maxMessageSize(100_000);
    return createLog(name, durability, config.retention(Retention.forever()));
  }

  private TopicLog createLog(String name, Durability durability, TopicConfig.Builder config) {
    engine.topic(name, config.durability(durability).segmentSize(1 << 20).build());
    return EngineInside.log(engine, name);
  }

  GroupLedger createGroup(String name, GroupConfig config) {
    GroupLedger group = new GroupLedger(name, config);
    ledger.note(() -> ledger.groups.put(name, group));
    engine.group(name, config);
    ledger.note(() -> group.exists = true);
    return group;
  }

  void attach(GroupLedger group, TopicLedger topic) {
    GroupLedger.State state = new GroupLedger.State(topic.base);
    ledger.note(
        () -> {
          group.states.putIfAbsent(topic.name, state);
          ledger.expire(clock.get());
        });
    engine.group(group.name).topics(topic.name);
    long mark = stats(group, topic.name).lowWaterMark();
    ledger.note(
        () -> {
          group.states.get(topic.name).beganAt(topic, mark);
          group.states.get(topic.name).attached = true;
        });
  }

  void send(TopicLedger topic, List<Integer> tags, Way way) {
    long first =
        ledger.noting(
            () -> {
              topic.tags.addAll(tags);
              ledger.expire(clock.get()); // it may be too late already
              return topic.planned() - tags.size();
            });
    List<Message> messages =
        LongStream.range(first, first + tags.size()).mapToObj(topic::message).toList();
    Producer producer =
        producers.computeIfAbsent(
            topic.name,
            name -> engine.topic(name).producer(ProducerConfig.named("p")));
    List<Receipt> receipts = new ArrayList<>();
    try {
      send(producer, messages, way, receipts);
    } catch (TopicFullException e) { // what is left is out
      assertEquals(TopicLedger.Keeping.BOUNDED, topic.keeping, e::getMessage);
      ledger.note(() -> topic.refused(tags.size() - receipts.size()));
    }
    for (int i = 0; i < receipts.size(); i++) {
      assertEquals(first + i, receipts.get(i).offset(), topic.name);
      assertFalse(receipts.get(i).isDuplicate(), topic.name + ": nobody has sent it");
    }
    if (topic.forces()) {
      long durable = topic.log.durableOffset();
      assertTrue(durable >= topic.planned(), () -> "confirmed, and durable to " + durable);
    }
  }

  private static void send(
      Producer producer, List<Message> messages, Way way, List<Receipt> receipts) {
    switch (way) {
      case ONE_BY_ONE -> messages.forEach(message -> receipts.add(producer.send(message)));
      case AT_ONCE -> receipts.addAll(producer.sendAll(messages));
      default -> {
        List<CompletableFuture<Receipt>> sent = new ArrayList<>();
        messages.forEach(message -> sent.add(producer.sendAsync(message)));
        sent.forEach(receipt -> receipts.add(receipt.join()));
      }
    }
  }

  /** Has the engine drop what it may, where it does that for itself. */
  void retain(TopicLedger topic) {
    if (topic.keeping != TopicLedger.Keeping.FOREVER) {
      EngineInside.retain(engine, topic.name);
    }
  }

  /** Who does not know what was confirmed sends all of it again, and nothing is written. */
  private static void sendAgain(TopicLedger topic, Producer producer, long end) {
    long from = topic.isNumbered() ? Math.max(topic.base, end - AGAIN) : end;
    for (long offset = from; offset < end; offset++) {
      Receipt receipt = producer.send(topic.message(offset));
      assertTrue(receipt.isDuplicate(), () -> topic.name + ": taken twice: " + receipt);
      assertEquals(offset, receipt.offset(), topic.name);
    }
  }

  /** Drops what all groups of a topic are done with, as far as whole segments lie there. */
  void drop(TopicLedger topic) {
    if (topic.keeping != TopicLedger.Keeping.FOREVER) {
      retain(topic);
      long begins = topic.log.firstOffset();
      assertTrue(begins <= ledger.mayBegin(topic), () -> topic.name + " begins at " + begins);
      ledger.note(() -> topic.begins = begins);
      return;
    }
    long done =
        ledger.groups.values().stream()
            .filter(group -> group.states.containsKey(topic.name))
            .mapToLong(group -> stats(group, topic.name).lowWaterMark())
            .min()
            .orElse(0);
    ledger.note(() -> topic.mayBegin = Math.max(topic.mayBegin, done));
    long begins = topic.log.dropBefore(done);
    assertTrue(begins <= topic.mayBegin, () -> "dropped to " + begins + ", asked for " + done);
    ledger.note(() -> topic.begins = begins);
  }

  GroupStats stats(GroupLedger group, String topic) {
    return engine.group(group.name).lag().stream()
        .filter(stats -> stats.topic().equals(topic))
        .findFirst()
        .orElseThrow(() -> new AssertionError(group.name + " has lost topic " + topic));
  }

  Consumer consumer(GroupLedger group) {
    return consumers.computeIfAbsent(
        group.name, name -> engine.group(name).consumer("c"));
  }

  /** Gives back what the group's consumer has. */
  void closeConsumer(GroupLedger group) {
    Consumer consumer = consumers.remove(group.name);
    if (consumer != null) {
      consumer.close();
      settling.givenBack(group);
    }
  }

  /** Lets time pass, and does what is due. */
  void advance(Duration by) {
    long now = clock.get() + by.toMillis();
    settling.beforeTimeouts(now);
    clock.set(now);
    EngineInside.tick(engine);
    settling.afterTimeouts(now);
  }

  /** The timer's thread may be at a letter that the script's thread left to it. */
  void awaitLetters(GroupLedger group) {
    long deadline = System.nanoTime() + PATIENCE;
    while (engine.group(group.name).lag().stream().anyMatch(stats -> stats.dying() > 0)) {
      assertTrue(System.nanoTime() < deadline, "a dead letter is not written");
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
