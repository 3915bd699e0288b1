package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.check.GroupCheck;
import io.holdfast.engine.check.GroupView;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.error.InvalidNameException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters go back to the group that failed, to that one alone, and never in a loop. */
class RedriveTest {
  private static final GroupConfig ONCE =
      GroupConfig.builder().maxAttempts(1).ackTimeout(Duration.ofDays(1)).build();
  private static final RedriveConfig ALL = RedriveConfig.defaults();

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Group group(GroupConfig config) {
    TopicConfig topic = TestStores.small().durability(Durability.processCrash()).build();
    return engine.topic("t", topic).group("g", config);
  }

  private void send(Message... messages) {
    try (Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
      producer.sendAll(List.of(messages));
    }
  }

  private static List<Delivery> receive(Group group) {
    return group.consumer("c").receive(100, AT_ONCE);
  }

  private static void die(Group group, Throwable cause) {
    receive(group).forEach(delivery -> delivery.nack(cause));
  }

  /** Sends messages that die at once. */
  private Group dead(String... texts) {
    Group group = group(ONCE);
    send(Stream.of(texts).map(TestStores::message).toArray(Message[]::new));
    die(group, new IllegalStateException("no stock"));
    return group;
  }

  private List<Map<String, String>> letters() {
    List<Map<String, String>> letters = new ArrayList<>();
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
      reader.poll(view -> letters.add(view.headers()), 1_000);
    }
    return letters;
  }

  private static RedriveReport redrive(Group group, DeadLetterFilter filter) {
    return group.redrive("t", filter, ALL);
  }

  private static RedriveReport redriveAll(Group group) {
    return redrive(group, DeadLetterFilter.all());
  }

  @Test
  void aRedrivenMessageIsTheMessageThatWasSent() {
    Group group = group(ONCE);
    Message sent =
        Message.builder(new byte[] {1, 2, 3}).key("k").subject("s").header("h", "v").build();
    send(message("before"), sent);
    List<Delivery> first = receive(group);
    first.get(0).ack();
    final long id = first.get(1).messageId();
    final Instant sentAt = first.get(1).timestamp();
    clock.advance(Duration.ofHours(1));
    first.get(1).nack(new Exception());
    clock.advance(Duration.ofHours(1));
    assertEquals(new RedriveReport(1, 1, 1, 0), redriveAll(group));
    Delivery again = receive(group).get(0);
    assertArrayEquals(sent.payload(), again.message().payload());
    assertEquals(Optional.of("k"), again.message().key());
    assertEquals(Optional.of("s"), again.message().subject());
    assertEquals(Map.of("h", "v"), again.message().headers());
    assertEquals(Optional.of("p"), again.producer());
    assertEquals(id, again.messageId());
    assertEquals(1, again.offset());
    assertEquals("t", again.topic());
    assertEquals(sentAt, again.timestamp());
    assertEquals(1, again.redrives());
    assertEquals(1, again.attempt());
    assertEquals(Optional.empty(), again.lastError());
    assertEquals(0, first.get(1).redrives());
    assertEquals(Settled.DONE, again.ack());
    assertEquals(List.of(), receive(group));
  }

  @Test
  void headersWithTheNamesOfTheEngineAreLeftOutAndOthersKeepTheirOrder() {
    Group group = group(ONCE);
    send(
        Message.builder(new byte[0])
            .header("z", "1")
            .header("holdfast.retry.producer", "somebody else")
            .header("retry.count", "2")
            .header("a", "3")
            .build());
    die(group, new Exception());
    redriveAll(group);
    Delivery again = receive(group).get(0);
    assertEquals(
        List.of("z", "retry.count", "a"), List.copyOf(again.message().headers().keySet()));
    assertEquals(Optional.of("p"), again.producer());
  }

  @Test
  void noOtherGroupReceivesWhatIsRedriven() {
    Group group = dead("m");
    Group other = engine.topic("t").group("other", ONCE);
    receive(other).forEach(Delivery::ack);
    redriveAll(group);
    assertEquals(List.of(), receive(other));
    Topic retry = engine.topic("t.g.retry");
    assertThrows(InvalidNameException.class, () -> other.topics("t.g.retry"));
    assertThrows(InvalidNameException.class, () -> retry.group("third", ONCE));
    assertThrows(InvalidNameException.class, () -> retry.producer(ProducerConfig.named("p")));
    assertEquals(List.of("t", "t.g.retry"), group.topics("t.g.retry").topicNames());
    assertEquals(List.of("m"), texts(receive(group)));
    assertEquals(List.of("g", "other"), engine.groups());
  }

  @Test
  void aLetterIsRedrivenOnce() {
    Group group = dead("a", "b");
    assertEquals(new RedriveReport(2, 2, 2, 0), redriveAll(group));
    assertEquals(new RedriveReport(0, 0, 0, 0), redriveAll(group));
    assertEquals(List.of("a", "b"), texts(receive(group)));
    assertEquals(2, letters().size(), "a letter stays where it is");
  }

  @Test
  void whatDiesAgainIsALetterOfTheSameTopicUntilItsRedrivesAreUsedUp() {
    Group group = group(GroupConfig.builder().maxAttempts(1).maxRedrives(2).build());
    send(message("before"), message("poison"));
    receive(group).forEach(d -> settle(d, "first"));
    for (String error : List.of("second", "third")) {
      assertEquals(new RedriveReport(1, 1, 1, 0), redriveAll(group));
      receive(group).forEach(d -> settle(d, error));
    }
    assertEquals(new RedriveReport(1, 1, 0, 1), redriveAll(group));
    assertEquals(List.of(), receive(group));
    assertEquals(List.of("t", "t.g.dlq", "t.g.retry"), engine.topics());
    List<Map<String, String>> letters = letters();
    assertEquals(3, letters.size());
    int number = engine.topic("t").number();
    String sentAt = letters.get(0).get("dlq.timestamp");
    for (int i = 0; i < 3; i++) {
      Map<String, String> letter = letters.get(i);
      assertEquals(Integer.toString(i), letter.get("dlq.redrives"));
      assertEquals(number + ":1:1:g:" + i, letter.get("dlq.id"));
      assertEquals("t", letter.get("dlq.topic"));
      assertEquals("1", letter.get("dlq.offset"));
      assertEquals("1", letter.get("dlq.attempts"));
      assertEquals(sentAt, letter.get("dlq.timestamp"));
      assertEquals("p", letter.get("dlq.producer"));
      assertEquals(List.of("first", "second", "third").get(i), letter.get("dlq.error.message"));
      assertTrue(letter.keySet().stream().noneMatch(name -> name.startsWith("holdfast.")));
    }
    assertEquals(
        List.of(
            TestStores.stats("t", 2, 2, 0, 0, 0, 0, 3),
            TestStores.stats("t.g.retry", 2, 2, 0, 0, 0, 0, 0)),
        group.lag());
  }

  private static void settle(Delivery delivery, String error) {
    if (text(delivery).equals("poison")) {
      delivery.nack(new Exception(error));
    } else {
      delivery.ack();
    }
  }

  @Test
  void whatDiesAgainDuringARedriveWaitsForTheNextOne() {
    Group group = group(ONCE);
    send(message("m"));
    die(group, new Exception());
    Subscription failing =
        group.subscribe(
            delivery -> {
              throw new IllegalStateException();
            },
            SubscribeConfig.concurrency(1));
    assertEquals(new RedriveReport(1, 1, 1, 0), redriveAll(group));
    failing.close();
  }

  @Test
  void theRestOfAKeyFollowsARedrivenMessageThatDiesAgain() {
    GroupConfig config =
        GroupConfig.builder()
            .maxAttempts(1)
            .ackTimeout(Duration.ofDays(1))
            .ordering(Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY))
            .build();
    Group group = group(config);
    send(keyed("a1", "a"), keyed("a2", "a"));
    die(group, new Exception());
    assertEquals(List.of(), receive(group), "the second follows the first");
    assertEquals(2, redriveAll(group).redriven());
    send(keyed("a3", "a"));
    List<Delivery> first = receive(group);
    assertEquals(List.of("a1"), texts(first), "no new one of its key, and one at a time");
    first.get(0).nack(new Exception());
    assertEquals(List.of(), receive(group));
    assertEquals(
        List.of("0 attempts", "0 key", "0 key", "1 attempts", "1 key"),
        letters().stream()
            .map(letter -> letter.get("dlq.redrives") + " " + letter.get("dlq.reason"))
            .sorted()
            .toList());
    assertTrue(group.resumeKey("t", "a"));
    assertTrue(group.resumeKey("t.g.retry", "a"));
    redriveAll(group);
    for (String text : List.of("a3", "a1", "a2")) {
      List<Delivery> next = receive(group);
      assertEquals(List.of(text), texts(next), "in the order in which they died");
      next.get(0).ack();
    }
  }

  @Test
  void aFilterAsksForAllThatItWasGiven() {
    Group group = group(ONCE);
    send(keyed("a", "1"), keyed("b", "2"), keyed("c", "1"), keyed("d", "3"));
    List<Delivery> out = receive(group);
    out.get(0).nack(new IllegalStateException("order 17 has no stock"));
    clock.advance(Duration.ofMinutes(1));
    out.get(1).nack(new IllegalStateException("order 18 has no price"));
    clock.advance(Duration.ofMinutes(1));
    out.get(2).nack(new IllegalArgumentException("no stock"));
    clock.advance(Duration.ofMinutes(1));
    out.get(3).reject("no stock");
    DeadLetterFilter all = DeadLetterFilter.all();
    assertMatches(4, all);
    assertMatches(1, all.withReason("rejected"));
    assertMatches(3, all.withReason("attempts"));
    assertMatches(2, all.withErrorClass("java.lang.IllegalStateException"));
    assertMatches(0, all.withErrorClass("IllegalStateException"));
    assertMatches(3, all.withErrorText("no stock"));
    assertMatches(2, all.withKey("1"));
    assertMatches(1, all.withKey("1").withErrorClass("java.lang.IllegalStateException"));
    assertMatches(0, all.withKey("1").withReason("rejected"));
    Instant begin = Instant.ofEpochMilli(clock.time()).minus(Duration.ofMinutes(3));
    assertMatches(2, all.withTime(begin, begin.plus(Duration.ofMinutes(2))));
    assertMatches(1, all.withTime(begin.plusMillis(1), begin.plus(Duration.ofMinutes(2))));
    assertThrows(IllegalArgumentException.class, () -> all.withTime(begin, begin));
    DeadLetterFilter third =
        all.withErrorText("stock")
            .withKey("1")
            .withReason("attempts")
            .withErrorClass("java.lang.IllegalArgumentException");
    assertEquals(1, redrive(group, third).redriven());
    assertEquals(List.of("c"), texts(receive(group)));
    assertMatches(3, all);
  }

  private void assertMatches(int count, DeadLetterFilter filter) {
    RedriveReport report = engine.group("g").redrive("t", filter, ALL.asDryRun());
    assertEquals(count, report.matched(), filter.toString());
  }

  private static Message keyed(String text, String key) {
    return Message.builder(message(text).payload()).key(key).build();
  }

  @Test
  void aDryRunWritesNothing() {
    Group group = dead("a", "b");
    assertEquals(
        new RedriveReport(2, 2, 2, 0),
        group.redrive("t", DeadLetterFilter.all(), ALL.asDryRun()));
    assertEquals(List.of("t", "t.g.dlq"), engine.topics());
    assertEquals(List.of("t"), group.topicNames());
    assertFalse(dir.resolve("groups/g.redrive").toFile().exists());
    assertEquals(2, group.deadLetters("t").letters());
  }

  @Test
  void aRedriveEndsAfterTheMostMessagesThatItMayRedrive() {
    Group group = dead("a", "b", "c");
    DeadLetterFilter all = DeadLetterFilter.all();
    assertEquals(new RedriveReport(2, 2, 2, 0), group.redrive("t", all, ALL.withMost(2)));
    assertEquals(List.of("a", "b"), texts(receive(group)));
    assertEquals(new RedriveReport(1, 1, 1, 0), group.redrive("t", all, ALL.withMost(2)));
    assertEquals(List.of("c"), texts(receive(group)));
  }

  @Test
  void anInterruptEndsARedriveBetweenTwoLetters() {
    Group group = dead("a", "b");
    Thread.currentThread().interrupt();
    assertThrows(HoldfastInterruptedException.class, () -> redriveAll(group));
    assertTrue(Thread.interrupted(), "the flag stays");
    assertEquals(new RedriveReport(2, 2, 2, 0), redriveAll(group));
  }

  @Test
  void anInterruptEndsTheWaitForTheRate() {
    Group group = dead("a", "b");
    Thread redriver = Thread.currentThread();
    group.subscribe(delivery -> redriver.interrupt(), SubscribeConfig.concurrency(1));
    HoldfastInterruptedException e =
        assertThrows(
            HoldfastInterruptedException.class,
            () -> group.redrive("t", DeadLetterFilter.all(), ALL.withRate(0.001)));
    assertTrue(Thread.interrupted(), "the flag stays");
    assertTrue(e.getMessage().contains("redriven=1"), e.getMessage());
    assertEquals(1, group.deadLetters("t").letters());
  }

  @Test
  void aCloseOfTheEngineEndsTheWaitForTheRate() {
    Group group = dead("a", "b");
    group.subscribe(delivery -> engine.close(), SubscribeConfig.concurrency(1));
    AlreadyClosedException e =
        assertThrows(
            AlreadyClosedException.class,
            () -> group.redrive("t", DeadLetterFilter.all(), ALL.withRate(0.001)));
    assertTrue(e.getMessage().contains("redriven=1"), e.getMessage());
    assertThrows(AlreadyClosedException.class, () -> redriveAll(group));
  }

  @Test
  void redrivesAtOnceShareTheLetters() {
    String[] texts = IntStream.range(0, 200).mapToObj(i -> "m" + i).toArray(String[]::new);
    Group group = group(ONCE);
    send(Stream.of(texts).map(TestStores::message).toArray(Message[]::new));
    group.consumer("c").receive(200, AT_ONCE).forEach(d -> d.nack(new Exception()));
    long redriven =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> redriveAll(group)))
            .toList()
            .stream()
            .mapToLong(run -> run.join().redriven())
            .sum();
    assertEquals(200, redriven);
    List<Delivery> got = group.consumer("c").receive(1_000, AT_ONCE);
    assertEquals(Set.of(texts), Set.copyOf(texts(got)));
    assertEquals(200, got.size());
  }

  @Test
  void lettersThatASalvageLostAreNotMissed() {
    Group group = dead("a", "b", "c", "d", "e");
    redrive(group, DeadLetterFilter.all().withFingerprint("none"));
    group.redrive("t", DeadLetterFilter.all(), ALL.withMost(1));
    engine.close();
    SalvagedTopicTest.lose(dir, "t.g.dlq", 1, 3);
    open();
    assertEquals(2, engine.group("g").deadLetters("t").letters());
    assertEquals(new RedriveReport(2, 2, 2, 0), redriveAll(engine.group("g")));
    assertEquals(List.of("a", "c", "e"), texts(receive(engine.group("g"))));
  }

  @Test
  void aSummaryCountsWhatIsStillThereByItsCause() {
    Group group = group(ONCE);
    send(message("a"), message("b"), message("c"));
    List<Delivery> out = receive(group);
    RuntimeException[] errors = new RuntimeException[2];
    for (int i = 0; i < 2; i++) {
      errors[i] = new IllegalStateException("order " + i + " has no stock");
    }
    out.get(0).nack(errors[0]);
    clock.advance(Duration.ofMinutes(1));
    out.get(1).nack(errors[1]);
    out.get(2).reject("not ours");
    DeadLetterSummary summary = group.deadLetters("t");
    assertEquals(3, summary.letters());
    DeadLetterCause first = summary.causes().get(0);
    assertEquals("java.lang.IllegalStateException", first.errorClass());
    assertEquals("order 0 has no stock", first.message());
    assertEquals(Set.of("attempts"), first.reasons());
    assertEquals(2, first.count());
    assertEquals(Duration.ofMinutes(1), Duration.between(first.first(), first.last()));
    DeadLetterFilter same = DeadLetterFilter.all().withFingerprint(first.fingerprint());
    assertEquals(new RedriveReport(3, 2, 2, 0), redrive(group, same));
    assertEquals(List.of("a", "b"), texts(receive(group)));
    assertEquals(
        List.of("rejected"),
        group.deadLetters("t").causes().stream().map(DeadLetterCause::errorClass).toList());
  }

  @Test
  void whatCannotBeRedrivenIsRefused() {
    Group group = group(ONCE);
    assertThrows(UnknownTopicException.class, () -> redriveAll(group));
    assertThrows(UnknownTopicException.class, () -> group.deadLetters("nothing"));
    assertEquals(new DeadLetterSummary(0, List.of(), 0), group.deadLetters("t"));
    DeadLetterFilter all = DeadLetterFilter.all();
    for (String name : new String[] {"t.g.dlq", "t.g.retry"}) {
      assertThrows(InvalidNameException.class, () -> group.redrive(name, all, ALL));
      assertThrows(InvalidNameException.class, () -> group.deadLetters(name));
    }
    assertThrows(IllegalArgumentException.class, () -> ALL.withRate(0));
    assertThrows(IllegalArgumentException.class, () -> ALL.withRate(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> ALL.withMost(0));
  }

  @Test
  void namesMayBeAsLongAsTheyGet() {
    String topic = "t".repeat(128);
    String name = "g".repeat(64);
    TopicConfig config = TestStores.small().durability(Durability.processCrash()).build();
    Group group = engine.topic(topic, config).group(name, ONCE);
    try (Producer producer = engine.topic(topic).producer(ProducerConfig.named("p"))) {
      producer.send(message("m"));
    }
    die(group, new Exception());
    assertEquals(1, group.redrive(topic, DeadLetterFilter.all(), ALL).redriven());
    assertEquals(1, engine.topic(topic + "." + name + ".retry").endOffset());
    assertEquals(List.of("m"), texts(receive(group)));
  }

  @Test
  void whatWasRedrivenStaysSoAfterAnOpening() {
    Group group = dead("a", "b", "c");
    group.redrive("t", DeadLetterFilter.all(), ALL.withMost(2));
    receive(group).get(0).ack();
    engine.close();
    open();
    Group again = engine.group("g");
    assertEquals(List.of("t", "t.g.retry"), again.topicNames());
    assertEquals(1, again.deadLetters("t").letters());
    assertEquals(List.of("b"), texts(receive(again)));
    assertEquals(new RedriveReport(1, 1, 1, 0), redriveAll(again));
    assertEquals(List.of("c"), texts(receive(again)));
  }

  @Test
  void messagesAreRedrivenThoughTheStateOfTheGroupThereIsGone() {
    redriveAll(dead("a"));
    engine.close();
    TestStores.delete(dir.resolve("groups/g/t.g.retry"));
    open();
    assertEquals(List.of("a"), texts(receive(engine.group("g"))));
  }

  @Test
  void theToolsSeeWhatWasRedriven() {
    Group group = dead("a", "b", "c");
    group.redrive("t", DeadLetterFilter.all(), ALL.withMost(1));
    engine.close();
    GroupView view =
        GroupView.of(dir).stream()
            .filter(of -> of.group().equals("g.redrive"))
            .findFirst()
            .orElseThrow();
    assertEquals("t.g.dlq", view.topic());
    assertEquals(2, view.unfinished(3));
    assertEquals(0, view.dead());
    assertEquals(List.of(), GroupCheck.of(StoreView.open(dir)));
    TestStores.delete(dir.resolve("groups/g.redrive/t.g.dlq/slots"));
    assertEquals(1, GroupCheck.of(StoreView.open(dir)).size());
  }
}
