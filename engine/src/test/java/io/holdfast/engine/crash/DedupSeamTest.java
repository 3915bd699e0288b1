package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.Retention;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Producers that number their messages, and ids, cut at every call and step: whoever sends all of
 * it again after a crash has each message in the topic exactly once.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that the
 * device may have or not (at most 20); of other moments some are opened.
 */
class DedupSeamTest {
  private static final long TIME = 1_700_000_000_000L;
  private static final int SOME = 2;
  private static final int EACH = Integer.getInteger("holdfast.crash.each", 2);

  private final int choices = Integer.getInteger("holdfast.crash.choices", 1);
  private final AtomicInteger states = new AtomicInteger();
  private final AtomicInteger duplicates = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();

  /**
   * A message of the script, which gets the offset of its number.
   *
   * @param tag what tells it from all others
   * @param producer who sends it
   * @param sequence or -1
   * @param id or null
   */
  private record Sent(int tag, String producer, long sequence, String id) {
    Message message() {
      Message.Builder message =
          Message.builder(ByteBuffer.allocate(4_000).putInt(tag).array());
      if (sequence >= 0) {
        message.sequence(sequence);
      }
      return id == null ? message.build() : message.dedupId(id).build();
    }
  }

  /** What holds at a moment: what was sent, how much of it is confirmed, who was forgotten. */
  private record Promise(List<Sent> sent, int confirmed, boolean isForgotten) {}

  /** A moment of the script; killed images only of those at which nobody stores. */
  private record Cut(CrashPoint point, String what, boolean isQuiet, Promise promise) {}

  @Test
  void everyStateThatAPowerCutMayLeaveOfATopicThatForces() {
    run(Durability.powerLoss());
    assertEquals(0, lost.get(), "what was confirmed is there");
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfATopicThatIsCut() {
    run(Durability.processCrash());
    assertTrue(lost.get() > 0, "something was cut, and appended again");
  }

  private void run(Durability durability) {
    List<Cut> all = new Script(durability).cuts();
    List<Cut> cuts = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % EACH == 0 || all.get(i).isQuiet() && i % 5 == 0) {
        cuts.add(all.get(i));
      }
    }
    AtOnce.each(cuts, this::crash);
    System.out.printf(
        "DedupSeamTest: %s: %,d states of %,d moments, %,d duplicates, %,d messages appended anew,"
            + " 0 violations; -Dholdfast.crash.choices=%d -Dholdfast.crash.each=%d%n",
        durability, states.get(), cuts.size(), duplicates.get(), lost.get(), choices, EACH);
    assertTrue(states.get() > cuts.size(), "each moment leaves several states");
  }

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(
        OpenEngine.directory(disk), EngineConfig.defaults().withClock(() -> TIME));
  }

  /** What is done, and what was promised at each moment of it. For one thread. */
  private static final class Script {
    private final CrashFileSystem disk = CrashFileSystem.create();
    private final Durability durability;
    private final List<Cut> cuts = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> next = new HashMap<>();
    private volatile Promise promise = new Promise(List.of(), 0, false);
    private Engine engine;
    private Topic topic;
    private long dropped;

    Script(Durability durability) {
      this.durability = durability;
    }

    List<Cut> cuts() {
      live();
      disk.watch(
          call -> {
            if (call.kind() != Call.Kind.WRITE) {
              cuts.add(new Cut(disk.point(), "before " + call, false, promise));
            }
          });
      for (int i = 0; i < 3; i++) {
        send("plain");
      }
      for (int i = 0; i < 10; i++) {
        send("p");
        send(i < 3 ? "q" : "r");
      }
      forget();
      send("q");
      live();
      for (int i = 0; i < 10; i++) {
        send("q");
        send("p");
      }
      drop();
      live();
      sendAll(50); // rolls twice, and drops what had been carried
      drop();
      send("r");
      live();
      send("p");
      end();
      disk.watch(call -> {});
      return List.copyOf(cuts);
    }

    private void live() {
      if (engine != null) {
        end();
      }
      disk.unmapAll();
      engine = open(disk);
      TopicConfig.Builder config =
          TopicConfig.builder()
              .segmentSize(1 << 20)
              .maxMessageSize(4096)
              .retention(Retention.byCount(5))
              .durability(durability);
      topic = engine.topic("t", config.build());
      step("an opening");
    }

    private void end() {
      engine.close();
      engine = null;
      step("a close");
    }

    private void step(String what) {
      if (engine != null) {
        EngineInside.retain(engine, "t");
        EngineInside.awaitAgent(engine);
        EngineInside.awaitAgent(engine);
      }
      cuts.add(new Cut(disk.point(), "after " + what, true, promise));
    }

    private Sent next(String producer) {
      int sequence = next.merge(producer, 1, Integer::sum) - 1;
      int tag = promise.sent().size();
      boolean isForgotten = producer.equals("q") && promise.isForgotten();
      String id = (isForgotten ? "anew-" : "") + producer + sequence;
      return switch (producer) {
        case "p" -> new Sent(tag, producer, sequence, null);
        case "q" -> new Sent(tag, producer, sequence, id);
        case "plain" -> new Sent(tag, producer, -1, null);
        default -> new Sent(tag, producer, -1, id);
      };
    }

    private void plan(Sent sent) {
      List<Sent> all = new ArrayList<>(promise.sent());
      all.add(sent);
      promise = new Promise(List.copyOf(all), promise.confirmed(), promise.isForgotten());
    }

    private void confirm() {
      promise = new Promise(promise.sent(), promise.sent().size(), promise.isForgotten());
    }

    private void send(String name) {
      Sent sent = next(name);
      plan(sent);
      try (Producer producer = topic.producer(ProducerConfig.named(name))) {
        Receipt receipt = producer.send(sent.message());
        assertEquals(sent.tag(), receipt.offset());
        assertTrue(!receipt.isDuplicate(), receipt::toString);
      }
      confirm();
      step("a send");
    }

    private void sendAll(int count) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Sent sent = next("p");
        plan(sent);
        messages.add(sent.message());
      }
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        producer.sendAll(messages);
      }
      confirm();
      step("a sendAll");
    }

    private void forget() {
      assertTrue(topic.forgetProducer("q"));
      next.remove("q");
      promise = new Promise(promise.sent(), promise.confirmed(), true);
      step("a producer was forgotten");
    }

    private void drop() {
      EngineInside.retain(engine, "t"); // or it has done so by itself
      assertTrue(topic.firstOffset() > dropped, "something was dropped");
      dropped = topic.firstOffset();
      step("a drop");
    }
  }

  private void crash(Cut cut) {
    try {
      if (cut.point().choices() <= choices) {
        for (CrashFileSystem left : cut.point().allCuts()) {
          judge(left, cut.promise(), false);
        }
      } else {
        judge(cut.point().cut(new Random(0), 4096, 0), cut.promise(), false);
        for (int seed = 0; seed < SOME; seed++) {
          judge(cut.point().cut(new Random(seed), 512, 0.5), cut.promise(), false);
        }
      }
      if (cut.isQuiet()) {
        judge(cut.point().killed(), cut.promise(), true);
        CrashFileSystem killed = cut.point().killed();
        open(killed).close();
        judge(killed.point().cut(new Random(1), 512, 0.5), cut.promise(), false);
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(cut.what() + ": " + e.getMessage(), e);
    }
  }

  private void judge(CrashFileSystem left, Promise promise, boolean isWhole) {
    states.incrementAndGet();
    try {
      EngineJudge.verify(left);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long end;
    try (Engine engine = open(left)) {
      if (!engine.topics().contains("t")) {
        return;
      }
      end = sendAgain(engine, engine.topic("t"), promise, isWhole);
    }
    left.unmapAll();
    try (Engine engine = open(left)) {
      Topic topic = engine.topic("t");
      assertEquals(end, topic.endOffset());
      for (Sent sent : again(promise)) {
        assertTrue(send(topic, sent).isDuplicate(), () -> sent + " is taken twice");
      }
      assertEquals(end, topic.endOffset());
    }
  }

  /** Of who was forgotten, or was about to be, nothing is known but what came behind that. */
  private static List<Sent> again(Promise promise) {
    List<Sent> again = new ArrayList<>();
    for (Sent sent : promise.sent()) {
      boolean isBefore = sent.producer().equals("q") && !sent.id().startsWith("anew-");
      if (!isBefore && !sent.producer().equals("plain")) {
        again.add(sent);
      }
    }
    return again;
  }

  private long sendAgain(Engine engine, Topic topic, Promise promise, boolean isWhole) {
    long end = topic.endOffset();
    assertTrue(end <= promise.sent().size(), () -> "nobody has sent offset " + end);
    boolean isCut = topic.config().durability() != Durability.powerLoss() && !isWhole;
    Map<Integer, Receipt> answers = new HashMap<>();
    for (Sent sent : again(promise)) {
      Receipt receipt = send(topic, sent);
      boolean isThere = sent.tag() < end;
      assertEquals(isThere, receipt.isDuplicate(), () -> sent + " of " + end + ": " + receipt);
      if (isThere) {
        assertEquals(sent.tag(), receipt.offset(), sent::toString);
        duplicates.incrementAndGet();
      } else if (sent.tag() < promise.confirmed()) {
        assertTrue(isCut, () -> sent + " was confirmed");
        lost.incrementAndGet();
      }
      answers.put(sent.tag(), receipt);
    }
    EngineInside.retain(engine, "t"); // so that nothing goes while it is read
    long first = topic.firstOffset();
    Map<Integer, Long> found = content(topic);
    for (Map.Entry<Integer, Receipt> answer : answers.entrySet()) {
      long offset = answer.getValue().offset();
      assertEquals(offset < first ? null : offset, found.get(answer.getKey()));
    }
    return topic.endOffset();
  }

  private static Receipt send(Topic topic, Sent sent) {
    try (Producer producer = topic.producer(ProducerConfig.named(sent.producer()))) {
      return producer.send(sent.message());
    }
  }

  /** Offsets of all messages by their tags, each of which is there once. */
  private static Map<Integer, Long> content(Topic topic) {
    Map<Integer, Long> found = new HashMap<>();
    try (Reader reader = topic.reader(StartAt.earliest())) {
      while (reader.poll(
              view -> {
                int tag = ByteBuffer.wrap(view.toMessage().payload()).getInt();
                Long before = found.put(tag, view.offset());
                assertEquals(null, before, "message " + tag + " is there twice");
              },
              100)
          > 0) {
        // to the end
      }
    }
    return found;
  }
}
