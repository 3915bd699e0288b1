package io.holdfast.engine.delay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.DamagedDelaysException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Signal;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index of delayed messages by itself, with a tail of eight entries. */
class DelayIndexTest {
  private static final DelayLimits SMALL = new DelayLimits(8, 4, 2, 3, 72, 1);
  private static final int MESSAGES = 1_000;
  private static final TopicSettings SETTINGS =
      new TopicSettings(Durability.processCrash(), 1 << 20, 4096, new TreeMap<>());

  @TempDir Path dir;
  private final AtomicLong clock = new AtomicLong(1_000);
  private final AtomicLong planned = new AtomicLong(Long.MAX_VALUE);
  private final List<Long> cancelled = new ArrayList<>();
  private final Signal signal = new Signal();
  private final Logger keeper = Logger.getLogger(DelayKeeper.class.getName());
  private Store store;
  private TopicLog log;
  private DelayIndex index;

  @BeforeEach
  void make() {
    store = Store.open(dir, new StoreConfig(clock::get));
    log = store.createTopic("t", SETTINGS);
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < MESSAGES; i++) {
      batch.add(new byte[0], 0, new byte[1], 0, 1);
    }
    log.append(batch);
    log.force(MESSAGES);
    index = DelayIndex.open(store, log, SMALL, this::plan);
  }

  @AfterEach
  void close() {
    keeper.setLevel(null);
    index.close();
    store.close();
  }

  private void plan(long time) {
    planned.accumulateAndGet(time, Math::min);
  }

  private void reopen() {
    close();
    openAgain();
  }

  private void openAgain() {
    store = Store.open(dir, new StoreConfig(clock::get));
    log = store.topic("t").orElseThrow();
    index = DelayIndex.open(store, log, SMALL, this::plan);
  }

  private DelayCursor cursor() {
    return index.attach(signal, cancelled::add);
  }

  private void settle() {
    store.onAgent(() -> null); // what it was asked for is behind it then
    store.onAgent(() -> null);
  }

  private void meet(DelayCursor cursor, long offset, long due) {
    assertEquals(DelayAnswer.NOT_DUE, cursor.meet(offset, due, clock.get()));
  }

  private static List<Long> take(DelayCursor cursor, long now) {
    List<Long> taken = new ArrayList<>();
    while (cursor.next(now)) {
      taken.add(cursor.message());
      cursor.passed();
    }
    return taken;
  }

  private List<String> files(String suffix) {
    Path delays = dir.resolve("delays/t");
    if (!Files.isDirectory(delays)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(delays)) {
      return files.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsDueComesInTheOrderOfTimesToEachCursor() {
    Random random = new Random(7);
    DelayCursor first = cursor();
    DelayCursor second = cursor();
    List<long[]> all = new ArrayList<>();
    for (int offset = 0; offset < 300; offset++) {
      long due = 2_000 + random.nextInt(100);
      all.add(new long[] {due, offset});
      meet(first, offset, due);
      settle(); // else the agent may be behind, and the limit met
    }
    all.sort((a, b) -> a[0] != b[0] ? Long.compare(a[0], b[0]) : Long.compare(a[1], b[1]));
    assertEquals(300, index.waiting(1_999));
    assertEquals(OptionalLong.of(all.get(0)[0]), index.nextDue(1_999));
    List<Long> got = new ArrayList<>();
    for (long now = 1_990; now < 2_110; now += 7) {
      got.addAll(take(first, now));
      long until = now;
      long due = all.stream().filter(entry -> entry[0] <= until).count();
      assertEquals(due, got.size());
      assertEquals(300 - due, index.waiting(now));
    }
    List<Long> expected = all.stream().map(entry -> entry[1]).toList();
    assertEquals(expected, got);
    assertEquals(expected, take(second, 2_200), "each cursor by itself");
  }

  @Test
  void aFullTailBecomesARunWhoseMessagesNobodyReadsAgain() {
    DelayCursor cursor = cursor();
    for (int offset = 10; offset < 19; offset++) {
      assertEquals(offset, cursor.skip(offset));
      meet(cursor, offset, 2_000);
    }
    settle();
    assertEquals(List.of("0000000001.run"), files(".run"));
    assertEquals(0, cursor.skip(0), "those before them are read");
    assertEquals(18, cursor.skip(10), "the ninth is in the tail");
    assertEquals(2_000, planned.get());
  }

  @Test
  void aReopenedIndexHasWhatIsInRuns() {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 100; offset++) {
      meet(cursor, offset, 2_000 + offset);
      settle();
    }
    cursor.close();
    reopen();
    DelayCursor again = cursor();
    assertEquals(100, index.waiting(1_000), "the close has written the tail");
    assertEquals(100, again.skip(0));
    assertEquals(List.of(), take(again, 1_999));
    assertEquals(100, take(again, 3_000).size());
  }

  @Test
  void runsAreMergedAndThoseThatAllHavePassedAreDeletedWithTheirBits() {
    DelayCursor first = cursor();
    DelayCursor second = cursor();
    for (int offset = 0; offset < 200; offset++) {
      meet(first, offset, 2_000 + offset);
      settle();
    }
    assertTrue(files(".run").size() < 8, () -> "not merged: " + files(".run"));
    assertEquals(192, first.skip(0));
    assertEquals(200, take(first, 3_000).size());
    settle();
    assertEquals(192, second.skip(0), "one of them still needs the runs");
    assertEquals(200, take(second, 3_000).size());
    settle();
    assertEquals(List.of(), files(".run"));
    assertEquals(List.of(), files(".delayed"), "chunks without a bit go, too");
    assertEquals(0, cursor().skip(0), "a group that comes reads the messages");
  }

  @Test
  void aGroupThatComesLaterTakesFromTheRunsWhatItsBitsHaveItSkip() {
    DelayCursor first = cursor();
    for (int offset = 0; offset < 16; offset++) {
      meet(first, offset, 2_000 + offset);
    }
    settle();
    assertEquals(8, take(first, 2_007).size());
    settle();
    DelayCursor second = cursor();
    long from = second.skip(0);
    List<Long> taken = take(second, 3_000);
    for (long offset = 0; offset < from; offset++) {
      assertTrue(taken.contains(offset), offset + " is in no run, and nobody reads it");
    }
  }

  @Test
  void anEntryThatAGroupPassesBeforeItHasMetTheMessageIsReadWhenItIsMet() {
    DelayCursor ahead = cursor();
    for (int offset = 0; offset < 16; offset++) {
      meet(ahead, offset, 2_000 + offset);
      settle();
    }
    DelayCursor behind = cursor();
    assertTrue(behind.next(2_000));
    assertEquals(0, behind.message());
    behind.passedUnmet();
    assertEquals(0, behind.skip(0));
    assertTrue(behind.next(3_000));
    behind.passed();
    assertEquals(8, behind.skip(1), "the others stay skipped");
  }

  @Test
  void noBitIsSetForWhatAGroupHasPassedWithoutHavingMetIt() {
    DelayCursor ahead = cursor();
    DelayCursor behind = cursor();
    for (int offset = 0; offset < 8; offset++) {
      meet(ahead, offset, 2_000);
    }
    while (behind.next(2_000)) {
      behind.passedUnmet(); // it is in the tail
    }
    meet(ahead, 8, 2_000); // and is written now
    settle();
    assertEquals(0, behind.skip(0));
  }

  @Test
  void aClockThatStepsBackBringsNewEntriesBeforeThePlaceOfAGroup() {
    DelayCursor cursor = cursor();
    meet(cursor, 5, 5_000);
    assertEquals(List.of(5L), take(cursor, 5_000));
    meet(cursor, 6, 3_000); // by a clock of 1,000
    assertEquals(List.of(), take(cursor, 2_999));
    assertEquals(List.of(6L), take(cursor, 3_000));
    assertEquals(List.of(5L), take(cursor, 5_000), "again; its group knows that it has it");
  }

  @Test
  void aTickTellsGroupsWhenSomethingBecomesDueAndWhenToComeAgain() {
    assertEquals(Long.MAX_VALUE, index.tick(1_000));
    DelayCursor cursor = cursor();
    meet(cursor, 0, 2_000);
    meet(cursor, 1, 3_000);
    long version = signal.version();
    assertEquals(2_000, index.tick(1_500));
    assertEquals(version, signal.version());
    assertEquals(3_000, index.tick(2_500));
    assertEquals(version + 1, signal.version());
    assertEquals(3_000, index.tick(2_600));
    assertEquals(version + 1, signal.version(), "told once");
    assertEquals(Long.MAX_VALUE, index.tick(3_000));
    assertEquals(version + 2, signal.version());
  }

  @Test
  void aCancelHoldsAndIsToldOnceItIsOnDisk() {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 9; offset++) {
      meet(cursor, offset, 2_000);
    }
    settle();
    assertTrue(index.cancel(3, 2_000));
    assertEquals(List.of(3L), cancelled);
    assertEquals(DelayAnswer.CANCELLED, cursor.meet(3, 2_000, 1_000));
    assertEquals(3, cursor.skip(0), "who comes to it learns that it was cancelled");
    reopen();
    assertEquals(DelayAnswer.CANCELLED, cursor().meet(3, 2_000, 2_500));
    assertTrue(index.cancel(3, 2_000));
    clock.set(2_000);
    assertFalse(index.cancel(4, 2_000), "it is due");
    assertTrue(index.cancel(3, 2_000), "it was in time once");
  }

  @Test
  void whatAGroupFoundDueIsNotCancelledThoughTheClockStepsBack() {
    DelayCursor cursor = cursor();
    assertEquals(DelayAnswer.DUE, cursor.meet(3, 1_500, 1_500));
    assertFalse(index.cancel(3, 1_500));
    meet(cursor, 4, 1_800);
    assertTrue(cursor.next(1_900));
    assertFalse(index.cancel(4, 1_800));
    assertTrue(index.cancel(5, 1_901));
  }

  @Test
  void bitsAboveTheEndOfTheTopicAreClearedAtOpenAndEntriesStayHarmless() {
    DelayCursor cursor = cursor();
    for (int offset = MESSAGES - 4; offset < MESSAGES + 5; offset++) {
      meet(cursor, offset, 2_000); // as if the topic had had them
    }
    settle();
    assertTrue(index.cancel(MESSAGES + 2, 2_000));
    assertEquals(MESSAGES + 2, cursor.skip(MESSAGES - 4));
    reopen();
    assertEquals(MESSAGES, cursor().skip(MESSAGES - 4));
    assertEquals(DelayAnswer.NOT_DUE, cursor().meet(MESSAGES + 2, 2_000, 1_000));
  }

  @Test
  void aRunThatWasCutHasTheTopicReadAgain() throws IOException {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 9; offset++) {
      meet(cursor, offset, 2_000);
    }
    settle();
    assertTrue(index.cancel(3, 2_000));
    assertEquals(3, cursor.skip(0));
    close();
    try (FileChannel run =
        FileChannel.open(dir.resolve("delays/t/0000000001.run"), StandardOpenOption.WRITE)) {
      run.truncate(4096);
    }
    keeper.setLevel(Level.OFF);
    openAgain();
    assertEquals(0, cursor().skip(0));
    assertEquals(List.of(), files(".delayed"));
    assertEquals(List.of(), files(".run"));
    assertEquals(DelayAnswer.CANCELLED, cursor().meet(3, 2_000, 1_000), "cancels stay");
  }

  @Test
  void aFlippedBitInARunIsToldAndTheNextOpeningReadsTheTopic() throws IOException {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 9; offset++) {
      meet(cursor, offset, 2_000);
    }
    settle();
    close();
    try (FileChannel run =
        FileChannel.open(dir.resolve("delays/t/0000000001.run"), StandardOpenOption.WRITE)) {
      run.write(ByteBuffer.wrap(new byte[] {77}), 4096 + 8);
    }
    openAgain();
    DelayCursor again = cursor();
    assertThrows(DamagedDelaysException.class, () -> again.next(2_000));
    settle();
    reopen();
    DelayCursor last = cursor();
    assertEquals(0, last.skip(0));
    assertEquals(List.of(), take(last, 2_000), "nobody meets the damage again");
    meet(last, 8, 2_000);
    assertEquals(List.of(8L), take(last, 2_000));
  }

  @Test
  void filesOfAnotherLifeOfTheTopicAreDeleted() throws IOException {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 9; offset++) {
      meet(cursor, offset, 2_000);
    }
    settle();
    index.cancel(5, 2_000);
    index.close();
    TopicLog other = store.createTopic("u", SETTINGS);
    Files.move(dir.resolve("delays/t"), dir.resolve("delays/u"));
    DelayIndex strange = DelayIndex.open(store, other, SMALL, this::plan);
    assertEquals(0, strange.waiting(0));
    assertEquals(0, strange.attach(signal, cancelled::add).skip(0));
    strange.close();
    try (Stream<Path> left = Files.list(dir.resolve("delays/u"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void whatIsMetWithATimeReadBeforeTheLastTickIsToldOf() {
    DelayCursor cursor = cursor();
    meet(cursor, 1, 9_000);
    index.tick(1_005);
    assertEquals(DelayAnswer.NOT_DUE, cursor.meet(2, 1_003, 1_000));
    long version = signal.version();
    assertEquals(9_000, index.tick(1_006));
    assertTrue(signal.version() > version);
  }

  @Test
  void whoLooksWithATimeBeforeTheTickThatToldOfAMessageIsToldAgain() {
    DelayCursor cursor = cursor();
    meet(cursor, 1, 1_500);
    assertFalse(cursor.next(1_000));
    index.tick(1_500);
    assertFalse(cursor.next(1_499));
    long version = signal.version();
    assertEquals(1_500, index.tick(1_499));
    index.tick(1_500);
    assertTrue(signal.version() > version);
  }

  @Test
  void groupsWaitWhereTheAgentDoesNotKeepUp() {
    DelayCursor cursor = cursor();
    AtomicLong go = new AtomicLong();
    store.executeOnAgent(
        () -> {
          while (go.get() == 0) {
            Thread.onSpinWait();
          }
        });
    int offset = 0;
    DelayAnswer answer = DelayAnswer.NOT_DUE;
    while (answer == DelayAnswer.NOT_DUE && offset < MESSAGES) {
      answer = cursor.meet(offset++, 2_000, 1_000);
    }
    assertEquals(DelayAnswer.NO_ROOM, answer);
    assertEquals(SMALL.tail() * (SMALL.frozen() + 1) + 1, offset);
    long version = signal.version();
    go.set(1);
    settle();
    assertTrue(signal.version() > version, "they are told when there is room");
    assertEquals(DelayAnswer.NOT_DUE, cursor.meet(offset - 1, 2_000, 1_000));
  }

  @Test
  void cancelledEntriesGoWithTheNextMerge() {
    DelayCursor cursor = cursor();
    for (int offset = 0; offset < 16; offset++) {
      meet(cursor, offset, 2_000 + offset);
      settle();
    }
    for (int offset = 0; offset < 8; offset++) {
      assertTrue(index.cancel(offset, 2_000 + offset));
    }
    for (int offset = 16; offset < 25; offset++) {
      meet(cursor, offset, 2_000 + offset);
      settle();
    }
    assertEquals(17, index.waiting(1_000));
  }
}
