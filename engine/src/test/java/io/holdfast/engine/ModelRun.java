package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** One seeded run of {@link ModelTest}. */
final class ModelRun {
  private static final int OPERATIONS = 1_500;
  private static final int ACK_TIMEOUT = 1_000;
  private static final int BACKOFF = 300;
  private static final int MAX_ATTEMPTS = 3;
  private static final int MAX_IN_FLIGHT = 12;
  private static final int MAX_RETRYING = 8;
  static final int LOOKAHEAD = 10_000;
  private static final int KEYS = 5;
  private static final int CONSUMERS = 3;

  private final SplittableRandom random;
  private final Durability durability;
  private final Ordering ordering;
  private final Path dir;
  private final long maxMessages;
  private final TestClock clock = new TestClock();
  private final List<ModelMessage> messages = new ArrayList<>();
  private final List<Delivery> deliveries = new ArrayList<>(); // all of this process
  private final Set<Delivery> settledBefore = new HashSet<>();
  private Path store;
  private Engine engine;
  private Producer producer;
  private final List<Consumer> consumers = new ArrayList<>();
  private int images;
  private int received;
  private int crashes;
  private int seeks;
  private int pauses;
  private int refused;
  private boolean paused;
  private int expired;
  private long lettersRead; // where the next one comes
  private int blamed;
  private int batches;
  private int named;

  ModelRun(long seed, Durability durability, Ordering ordering, Path dir) {
    this.random = new SplittableRandom(seed);
    this.durability = durability;
    this.ordering = ordering;
    this.dir = dir;
    this.maxMessages = 20 + random.nextInt(200);
  }

  void play() {
    store = dir.resolve("store");
    open();
    for (int i = 0; i < OPERATIONS; i++) {
      step();
    }
    reopen(false);
    checkLetters();
    engine.close();
    assertTrue(received > 50, "only " + received + " deliveries");
    System.out.println("  " + messages.size() + " messages, " + received + " deliveries, "
        + crashes + " crashes, " + seeks + " seeks, " + expired + " expired, " + pauses
        + " pauses, " + refused + " refused, " + blamed + " times a message was blamed");
  }

  private void open() {
    engine = Engine.open(store, EngineConfig.defaults().withClock(clock));
    Topic topic = engine.topic("t", config());
    GroupConfig config =
        GroupConfig.builder()
            .ackTimeout(Duration.ofMillis(ACK_TIMEOUT))
            .backoff(Backoff.fixed(Duration.ofMillis(BACKOFF)))
            .maxAttempts(MAX_ATTEMPTS)
            .maxInFlight(MAX_IN_FLIGHT)
            .maxRetrying(MAX_RETRYING)
            .ordering(ordering)
            .build();
    producer = topic.producer(ProducerConfig.named("p"));
    Group group = topic.group("g", config);
    group.readAhead().opened(random.nextInt(2) * random.nextInt(20)); // must change nothing
    consumers.clear();
    for (int i = 0; i < CONSUMERS; i++) {
      consumers.add(group.consumer(newName(i)));
    }
    checkStats();
  }

  private TopicConfig config() {
    return TestStores.small()
        .durability(durability)
        .maxMessages(maxMessages)
        .onFull(OnFull.reject())
        .build();
  }

  private void step() {
    if (paused && random.nextInt(10) == 0) {
      pauseOrResume();
    }
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> send(1 + random.nextInt(4));
      case 3, 4, 5, 6 -> receive(1 + random.nextInt(6));
      case 7, 8, 9 -> settle("ack");
      case 10 -> ackSeveral();
      case 11, 12 -> settle("nack");
      case 13 -> settle("nackDelay");
      case 14 -> settle("release");
      case 15 -> settle(random.nextInt(4) == 0 ? "reject" : "extend");
      case 16, 17, 18 -> advance(random.nextInt(400));
      default -> {
        switch (random.nextInt(6)) {
          case 0 -> reopen(random.nextInt(3) > 0);
          case 1 -> replaceConsumer(random.nextInt(CONSUMERS));
          case 2, 3 -> seek();
          case 4 -> pauseOrResume();
          default -> cancel();
        }
      }
    }
    checkStats();
  }

  /** Some come again as if they were new, some never; whatever is out is nobody's any more. */
  private void seek() {
    if (messages.stream().anyMatch(m -> m.isTooOld(clock.time()))) {
      return; // it may become a dead letter in the middle of the comparison
    }
    long size = messages.size();
    long to = Math.max(0, size - random.nextInt(30));
    long repeated =
        messages.stream()
            .filter(m -> m.offset >= to && m.isFinished() && !m.cancelled)
            .count();
    long skipped = messages.stream().filter(m -> m.offset < to && !m.isFinished()).count();
    long retries = messages.stream().filter(ModelMessage::isRetrying).count();
    SeekReport expected =
        new SeekReport("t", mark(), to, repeated, skipped, count("running"), retries);
    Group group = engine.group("g");
    assertEquals(expected, group.previewSeek("t", StartAt.offset(to)));
    assertEquals(expected, group.seek("t", StartAt.offset(to)));
    for (ModelMessage message : messages) {
      message.holder = null;
      if (message.offset < to) {
        message.state = message.isFinished() ? message.state : "done";
      } else if (!message.cancelled) {
        message.again();
      }
    }
    seeks++;
  }

  private void pauseOrResume() {
    Group group = engine.group("g");
    if (paused) {
      group.resume();
    } else {
      group.pause();
      pauses++;
    }
    paused = !paused;
  }

  /** No two have the same name, so that the model can tell them apart. */
  private String newName(int number) {
    return "c" + number + "-" + named++;
  }

  /** What a consumer has is given back when it is closed; its holder may still ack late. */
  private void replaceConsumer(int number) {
    String name = consumers.get(number).name();
    consumers.get(number).close();
    consumers.set(number, engine.group("g").consumer(newName(number)));
    for (ModelMessage message : messages) {
      if (message.state.equals("running") && message.holder.consumer().equals(name)) {
        message.state = "available";
        message.due = clock.time();
      }
    }
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      Message.Builder message =
          Message.builder(("m" + messages.size()).getBytes(StandardCharsets.UTF_8));
      boolean delayed = ordering.kind() != Ordering.Kind.TOTAL && random.nextInt(6) == 0;
      long due = delayed ? clock.time() + delay() : 0;
      int number = random.nextInt(KEYS + 1);
      String key = number == 0 || delayed ? null : "k" + number; // it has its turn by the clock
      if (delayed) {
        message.deliverAt(Instant.ofEpochMilli(due));
      }
      if (key != null) {
        message.key(key);
      }
      boolean mortal = random.nextInt(12) == 0;
      long expiresAt = mortal ? clock.time() + 200 + random.nextInt(2_000) : Long.MAX_VALUE;
      if (mortal) {
        message.expiresAt(Instant.ofEpochMilli(expiresAt));
      }
      Receipt receipt = send(message.build());
      if (receipt == null) {
        return;
      }
      assertEquals(messages.size(), receipt.offset());
      String waitsFor =
          switch (ordering.kind()) {
            case NONE -> null;
            case BY_KEY -> key;
            case TOTAL -> "all";
          };
      ModelMessage sent = new ModelMessage(receipt.offset(), waitsFor);
      sent.deliverAt = due;
      sent.expiresAt = expiresAt;
      sent.due = due;
      messages.add(sent);
    }
  }

  /** Is refused where the group has too many before it; then null. What is too old may go first. */
  private Receipt send(Message message) {
    long most = messages.stream().filter(m -> !m.isFinished()).count();
    long least = most - messages.stream().filter(m -> m.isTooOld(clock.time())).count();
    try {
      Receipt receipt = producer.send(message);
      assertTrue(least < maxMessages, () -> least + " and one more were let in");
      return receipt;
    } catch (TopicFullException e) {
      assertTrue(most >= maxMessages, () -> most + " and one more were refused: " + e.getMessage());
      refused++;
      return null;
    }
  }

  private long delay() {
    return random.nextInt(20) == 0 ? Duration.ofDays(400).toMillis() : random.nextInt(1_500);
  }

  /** Before its time a message can be cancelled, as often as one likes; then it is too late. */
  private void cancel() {
    if (messages.isEmpty()) {
      return;
    }
    int among = Math.min(messages.size(), 40);
    ModelMessage message = messages.get(messages.size() - 1 - random.nextInt(among));
    boolean expected = message.cancelled || message.deliverAt > clock.time();
    assertEquals(expected, engine.topic("t").cancel(message.offset), "cancel of " + message.offset);
    if (expected) {
      message.cancelled = true;
      message.state = "done";
    }
  }

  private void advance(int millis) {
    clock.advance(Duration.ofMillis(millis));
    engine.tick();
    expire();
  }

  private void expire() {
    for (ModelMessage message : messages) {
      if (message.state.equals("running") && message.deadline <= clock.time()) {
        fail(message, BACKOFF);
      }
    }
  }

  private void fail(ModelMessage message, long delay) {
    message.failures++;
    message.suspect = false;
    if (message.failures >= MAX_ATTEMPTS) {
      message.dies();
    } else {
      message.state = "available";
      message.due = clock.time() + delay;
    }
  }

  private void receive(int max) {
    Consumer consumer = consumers.get(random.nextInt(CONSUMERS));
    int expiredBefore = expired;
    List<Delivery> got = consumer.receive(max, Duration.ZERO);
    statsAtRest();
    takeLetters(); // of what was too old, and made room for others, now or at the next receive
    int room = paused ? 0 : MAX_IN_FLIGHT - (int) count("running");
    assertTrue(got.size() <= Math.min(max, room), "more than asked for or allowed");
    TreeSet<Long> offsets = new TreeSet<>();
    batches++;
    for (Delivery delivery : got) {
      ModelMessage message = messages.get((int) delivery.offset());
      assertTrue(offsets.add(delivery.offset()), "twice in one receive");
      assertEquals("available", message.state, delivery.toString());
      assertTrue(!message.suspect || !isSuspectOut(), "two suspects out: " + delivery);
      assertTrue(message.due <= clock.time(), "before it was due: " + delivery);
      assertTrue(message.expiresAt > clock.time(), "when it was too old: " + delivery);
      assertTrue(hasTurn(message), "before its turn: " + delivery);
      assertEquals("m" + delivery.offset(), TestStores.text(delivery));
      message.state = "running";
      message.attempts++;
      message.deadline = clock.time() + ACK_TIMEOUT;
      message.holder = delivery;
      message.settledByHolder = false;
      message.batch = batches;
      assertEquals(message.attempts, delivery.attempt());
      assertEquals(message.failures > 0, delivery.lastError().isPresent());
      deliveries.add(delivery);
      received++;
    }
    if (got.size() < Math.min(max, room) && expired == expiredBefore) {
      checkNothingWasLeft();
    }
  }

  /** Less than asked for: no retry is due, and first attempts are used up or held back. */
  private void checkNothingWasLeft() {
    long retrying = messages.stream().filter(ModelMessage::isRetrying).count();
    for (ModelMessage message : messages) {
      boolean ready =
          message.state.equals("available")
              && message.due <= clock.time()
              && hasTurn(message);
      boolean heldBack =
          message.suspect ? isSuspectOut() : message.attempts == 0 && retrying >= MAX_RETRYING;
      assertTrue(!ready || heldBack, "message " + message.offset + " was not handed out");
    }
  }

  /** Whether all before it that it waits for are finished. */
  private boolean hasTurn(ModelMessage message) {
    for (int i = 0; message.key != null && i < message.offset; i++) {
      ModelMessage before = messages.get(i);
      boolean finished = before.isFinished();
      if (!finished && message.key.equals(before.key)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSuspectOut() {
    return messages.stream().anyMatch(m -> m.suspect && m.state.equals("running"));
  }

  private void settle(String how) {
    if (deliveries.isEmpty()) {
      return;
    }
    int among = Math.min(deliveries.size(), 30);
    Delivery delivery = deliveries.get(deliveries.size() - 1 - random.nextInt(among));
    ModelMessage message = messages.get((int) delivery.offset());
    Settled expected = expected(message, delivery, how);
    long delay = random.nextInt(500);
    Settled answer =
        switch (how) {
          case "ack" -> ack(message, delivery);
          case "nack" -> delivery.nack(new IllegalStateException("x"));
          case "nackDelay" ->
              delivery.nack(new IllegalStateException("x"), Duration.ofMillis(delay));
          case "release" -> delivery.release();
          case "reject" -> delivery.reject("no");
          default -> delivery.extend();
        };
    assertEquals(expected, answer, how + " of " + delivery + " in " + message.state);
    if (answer == Settled.DONE) {
      apply(message, how, delay);
      renew(message.batch);
    }
  }

  /** Who settles one of a batch is at work on it. */
  private void renew(int batch) {
    for (ModelMessage message : messages) {
      if (message.batch == batch && message.state.equals("running")) {
        message.deadline = Math.max(message.deadline, clock.time() + ACK_TIMEOUT);
      }
    }
  }

  /** Now and then by its id, which goes for what is out with that consumer only. */
  private Settled ack(ModelMessage message, Delivery delivery) {
    boolean running = message.holder == delivery && message.state.equals("running");
    if (running && random.nextInt(4) == 0) {
      int number = delivery.consumer().charAt(1) - '0';
      assertEquals(
          Settled.STALE, consumers.get((number + 1) % CONSUMERS).ack(delivery.messageId()));
      return consumers.get(number).ack(delivery.messageId());
    }
    return delivery.ack();
  }

  /** All that the consumer has up to one of its deliveries, or some of any kind at once. */
  private void ackSeveral() {
    if (deliveries.isEmpty()) {
      return;
    }
    Delivery last = deliveries.get(deliveries.size() - 1 - random.nextInt(deliveries.size()));
    List<Delivery> meant = new ArrayList<>();
    boolean upTo = random.nextBoolean();
    for (Delivery delivery : deliveries) {
      boolean running =
          messages.get((int) delivery.offset()).holder == delivery
              && messages.get((int) delivery.offset()).state.equals("running");
      boolean isMeant =
          upTo
              ? delivery == last
                  || running
                      && delivery.offset() <= last.offset()
                      && delivery.consumer().equals(last.consumer())
              : random.nextInt(4) == 0;
      if (isMeant) {
        meant.add(delivery);
      }
    }
    List<Delivery> done = new ArrayList<>();
    for (Delivery delivery : meant) {
      if (expected(messages.get((int) delivery.offset()), delivery, "ack") == Settled.DONE) {
        done.add(delivery);
      }
    }
    assertEquals(done.size(), upTo ? last.ackUpTo() : consumers.get(0).ackAll(meant));
    for (Delivery delivery : done) {
      assertTrue(delivery.isSettled());
      apply(messages.get((int) delivery.offset()), "ack", 0);
      renew(messages.get((int) delivery.offset()).batch);
    }
  }

  private Settled expected(ModelMessage message, Delivery delivery, String how) {
    boolean isHolder = message.holder == delivery;
    if (isHolder && message.settledByHolder) {
      return Settled.ALREADY_SETTLED;
    }
    if (isHolder && message.state.equals("running")) {
      return Settled.DONE;
    }
    boolean late = isHolder && message.state.equals("available") && how.equals("ack");
    if (late) {
      return Settled.DONE;
    }
    return settledBefore.contains(delivery) ? Settled.ALREADY_SETTLED : Settled.STALE;
  }

  private void apply(ModelMessage message, String how, long delay) {
    switch (how) {
      case "ack" -> message.state = "done";
      case "nack" -> fail(message, BACKOFF);
      case "nackDelay" -> fail(message, delay);
      case "release" -> {
        message.state = "available";
        message.due = clock.time();
      }
      case "reject" -> message.dies();
      default -> {
        message.deadline = Math.max(message.deadline, clock.time() + ACK_TIMEOUT);
        return;
      }
    }
    message.settledByHolder = true;
    settledBefore.add(message.holder);
  }

  private void reopen(boolean crash) {
    if (crash) {
      Path image = TestStores.image(store, dir.resolve("image" + images++));
      engine.close();
      TestStores.delete(store);
      store = image;
      crashes++;
    } else {
      engine.close();
    }
    if (crash) {
      judge();
    }
    for (ModelMessage message : messages) {
      message.holder = null;
      if (message.state.equals("running")) {
        message.state = "available";
        message.due = 0;
      }
    }
    deliveries.clear();
    settledBefore.clear();
    open();
  }

  /** One that was out alone, or the only suspect that was out, has done it. */
  private void judge() {
    List<ModelMessage> out = messages.stream().filter(m -> m.state.equals("running")).toList();
    List<ModelMessage> suspects = out.stream().filter(m -> m.suspect).toList();
    boolean others = messages.stream().anyMatch(m -> m.suspect && m.state.equals("available"));
    ModelMessage guilty = null;
    if (suspects.size() == 1) {
      guilty = suspects.get(0);
    } else if (suspects.isEmpty() && out.size() == 1 && !others) {
      guilty = out.get(0);
    }
    out.forEach(message -> message.suspect = true);
    if (guilty != null) {
      fail(guilty, 0);
      guilty.suspect = true;
      blamed++;
    }
  }

  private long count(String state) {
    return messages.stream().filter(message -> message.state.equals(state)).count();
  }

  /** The engine's timer may have found a lease run out before the tick, and be at its letter. */
  private GroupStats statsAtRest() {
    long deadline = System.nanoTime() + TestStores.SOON.toNanos();
    GroupStats stats = engine.group("g").lag().get(0);
    while (stats.dying() > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      stats = engine.group("g").lag().get(0);
    }
    return stats;
  }

  private void checkStats() {
    assertEquals(paused, engine.group("g").isPaused());
    GroupStats stats = statsAtRest();
    while (takeLetters()) {
      stats = statsAtRest();
    }
    long finished = messages.stream().filter(ModelMessage::isFinished).count();
    assertEquals(messages.size() - finished, stats.unfinished(), "unfinished");
    assertEquals(count("running"), stats.inFlight(), "in flight");
    long retrying = messages.stream().filter(ModelMessage::isRetrying).count();
    assertEquals(retrying, stats.retrying(), "retrying");
    assertEquals(messages.stream().mapToInt(m -> m.deaths).sum(), stats.dead(), "dead");
    assertEquals(0, stats.dying(), "dying");
    assertEquals(mark(), stats.lowWaterMark(), "low-water mark");
  }

  private long mark() {
    return messages.stream()
        .filter(message -> !message.isFinished())
        .mapToLong(message -> message.offset)
        .findFirst()
        .orElse(messages.size());
  }

  /** Of what is too old nobody knows when it becomes a dead letter; returns whether some did. */
  private boolean takeLetters() {
    if (!engine.topics().contains("t.g.dlq")) {
      return false;
    }
    int before = expired;
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.offset(lettersRead))) {
      while (reader.poll(this::takeLetter, 100) > 0) {
        // to the end
      }
      lettersRead = reader.offset();
    }
    return expired > before;
  }

  private void takeLetter(MessageView letter) {
    if (letter.header("dlq.reason").orElseThrow().equals("expired")) {
      ModelMessage message = messages.get(Integer.parseInt(letter.headers().get("dlq.offset")));
      assertTrue(message.isTooOld(clock.time()), () -> "a dead letter of " + message.offset);
      message.dies();
      expired++;
    }
  }

  private void checkLetters() {
    List<Long> expected =
        messages.stream().flatMap(m -> Collections.nCopies(m.deaths, m.offset).stream()).toList();
    List<Long> found = new ArrayList<>();
    if (!expected.isEmpty()) {
      try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
        MessageHandler note = view -> found.add(Long.valueOf(view.headers().get("dlq.offset")));
        while (reader.poll(note, 100) > 0) {
          // to the end
        }
      }
    }
    assertEquals(expected, found.stream().sorted().toList(), "one dead letter for each death");
  }
}
