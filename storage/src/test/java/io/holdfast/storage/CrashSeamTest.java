package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A whole store on files and memory in process: every state that a power cut may leave at any call
 * of a small script is opened, and every call is made to fail once.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that the
 * device may have or not (at most 20); of other moments some are opened.
 */
class CrashSeamTest {
  private static final int SOME = 4;

  private final Logger poisonings = Logger.getLogger(Store.class.getName());
  private final int choices = Integer.getInteger("holdfast.crash.choices", 3);
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final List<TopicHistory> histories = new CopyOnWriteArrayList<>();

  @AfterEach
  void listen() {
    poisonings.setLevel(null);
  }

  private static Store open(CrashFileSystem disk) {
    StoreConfig config =
        new StoreConfig(LogFixture.clockAt(1_000_000)).withRecycling(0, 4 << 20);
    return Store.open(CrashRun.directory(disk), config);
  }

  private static TopicHistory create(
      Store store, List<TopicHistory> histories, Durability durability) {
    TopicHistory history = new TopicHistory("t" + histories.size());
    histories.add(history);
    history.follow(store.createTopic(history.name(), LogFixture.small(durability)));
    return history;
  }

  @Test
  void aStoreLivesOnFilesThatTheKernelNeverSees() {
    try (Store store = open(disk)) {
      for (Durability durability : List.of(Durability.powerLoss(), Durability.processCrash())) {
        LogFixture.append(create(store, histories, durability).log(), 3_000, 1_000);
      }
    }
    try (Store store = open(disk)) {
      for (TopicHistory history : histories) {
        TopicLog log = store.topic(history.name()).orElseThrow();
        assertTrue(log.segments().ofOffset(Long.MAX_VALUE).number() > 1, "it should have rolled");
        assertEquals(
            LongStream.range(0, 3_000).boxed().toList(), LogFixture.offsets(log, 0));
      }
    }
  }

  @Test
  void directoriesThatAKilledProcessMadeAreForcedByTheNextOne() throws IOException {
    Files.createDirectory(disk.getPath("/data"));
    Files.createDirectory(disk.getPath("/data/store")); // and was killed before it forced them
    Path directory = disk.getPath("/data/store");
    try (Store store = LogFixture.open(directory)) {
      store.createTopic("t", LogFixture.small(Durability.powerLoss()));
    }
    CrashFileSystem cut = disk.point().cut(new Random(1), 4096, 0);
    try (Store store = LogFixture.open(cut.getPath(directory.toString()))) {
      assertEquals(List.of("t"), store.topicNames());
    }
  }

  @Test
  void whatAKilledProcessAppendedIsForcedBeforeItCountsAsDurable() {
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.processCrash());
      history.append(new Random(1), 5, 100, 100);
      CrashFileSystem killed = disk.point().killed();
      CrashFileSystem again = disk.point().killed();
      try (Store next = open(killed)) {
        assertEquals(5, next.topic(history.name()).orElseThrow().endOffset()); // and no more
      }
      assertEquals(5, endAfterPowerCut(killed, history.name()));
      try (Store next = open(again)) {
        next.topic(history.name()).orElseThrow().force(5);
        assertEquals(5, endAfterPowerCut(again, history.name()));
      }
    }
  }

  private static long endAfterPowerCut(CrashFileSystem disk, String topic) {
    try (Store store = open(disk.point().cut(new Random(1), 4096, 0))) {
      return store.topic(topic).orElseThrow().endOffset();
    }
  }

  @Test
  void aDropThatIsCutShortLosesNothingThatWasDurable() {
    List<CrashMoment> moments = new ArrayList<>();
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.processCrash());
      while (history.log().unforcedSegments() < 2) {
        history.append(new Random(1), 1, 10_000, 10_000);
      }
      disk.watch(call -> moments.add(CrashMoment.now(disk, call.toString(), histories)));
      history.dropBefore(history.log().endOffset());
      disk.watch(call -> {});
      assertTrue(history.log().firstOffset() > 0);
    }
    CrashRun run = new CrashRun(1);
    for (CrashMoment moment : moments) {
      CrashFileSystem nothing = moment.point().cut(new Random(1), 4096, 0);
      run.open(nothing, moment, false, CrashRun.MAX_DEPTH, "a power cut");
      run.open(moment.point().killed(), moment, true, CrashRun.MAX_DEPTH, "a kill");
    }
  }

  /** A short life of a store, from nothing to its second opening. */
  private interface Script {
    void run(CrashFileSystem disk, List<TopicHistory> histories);
  }

  /** Appends, forces, appends, closes, opens, appends. */
  private static void appendAndForce(CrashFileSystem disk, List<TopicHistory> histories) {
    Random random = new Random(7);
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.powerLoss());
      for (int i = 0; i < 3; i++) {
        history.append(random, 3, 10, 2_000);
        history.log().force(history.log().endOffset() - 1);
      }
    }
    reopenAndAppend(disk, histories.get(0));
  }

  private static void reopenAndAppend(CrashFileSystem disk, TopicHistory history) {
    try (Store store = open(disk)) {
      history.follow(store.topic(history.name()).orElseThrow());
      history.append(new Random(8), 4, 10, 3_000);
    }
  }

  /** Rolls, drops what lies before, rolls into the file of what was dropped. */
  private static void rollAndDrop(CrashFileSystem disk, List<TopicHistory> histories) {
    Random random = new Random(9);
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.powerLoss());
      for (int segment = 1; segment < 6; segment++) {
        while (history.log().segments().last().number() <= segment) {
          history.append(random, 3, 30_000, 60_000);
        }
        history.log().force(history.log().endOffset());
        history.dropBefore(history.log().endOffset() - 4);
      }
    }
    reopenAndAppend(disk, histories.get(0));
  }

  /** Rolls until the flusher forces what nobody waits for, then drops. */
  private static void rollUnforced(CrashFileSystem disk, List<TopicHistory> histories) {
    Random random = new Random(9);
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.processCrash());
      while (history.log().segments().last().number() < 8) {
        history.append(random, 3, 30_000, 60_000);
      }
      store.atRest(() -> null);
      history.dropBefore(history.log().endOffset() - 4);
    }
    reopenAndAppend(disk, histories.get(0));
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfWhatIsForcedLateIsRecovered() {
    everyState("roll unforced", CrashSeamTest::rollUnforced);
  }

  @Test
  void aSealedSegmentThatCannotBeForcedIsTheEndOfTheStore() {
    poisonings.setLevel(Level.OFF);
    disk.watch(
        call -> {
          boolean flusher = Thread.currentThread().getName().equals("holdfast-flusher");
          if (flusher && call.kind() == Call.Kind.FORCE && isAtThird(histories.get(0).log())) {
            throw new IOException("Input/output error");
          }
        });
    Random random = new Random(5);
    try (Poisoned poisoned = new Poisoned(open(disk))) {
      Store store = poisoned.store();
      TopicHistory history = create(store, histories, Durability.processCrash());
      assertThrows(
          StorePoisonedException.class,
          () -> {
            while (history.log().endOffset() < 10_000) {
              history.append(random, 1, 30_000, 30_000);
            }
          });
      long third = history.log().segments().ofNumber(3).firstOffset();
      assertEquals(third, history.log().durableOffset(), "all below what cannot be forced");
      assertThrows(StorePoisonedException.class, () -> history.log().force(third + 1));
    }
    disk.watch(call -> {});
    CrashMoment moment = CrashMoment.now(disk, "a force failed", histories);
    CrashFileSystem cut = moment.point().cut(random, 4096, 0);
    new CrashRun(1).open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
  }

  /** Whether the second segment was forced, and the third is next. */
  private static boolean isAtThird(TopicLog log) {
    Segment third = log.segments().ofNumber(3);
    return third != null && log.durableOffset() == third.firstOffset();
  }

  @Test
  void aDropDeletesWhereTheDiskHasNoRoomForAnotherName() throws IOException {
    disk.watch(
        call -> {
          if (call.kind() == Call.Kind.RENAME && call.path().toString().contains("recycled")) {
            throw new IOException("No space left on device");
          }
        });
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.powerLoss());
      while (history.log().segments().last().number() < 5) {
        history.append(new Random(1), 3, 30_000, 60_000);
      }
      history.log().force(history.log().endOffset());
      history.dropBefore(history.log().endOffset());
      Path topic = CrashRun.directory(disk).resolve("topics").resolve(history.name());
      long first = SegmentFiles.list(topic).firstKey();
      assertEquals(history.log().segments().first().number(), first);
      assertTrue(first > 1, "nothing was dropped");
      LogFixture.append(history.log(), 3, 10);
    }
  }

  @Test
  void everyStateThatAPowerCutMayLeaveAtAnyCallIsRecovered() {
    everyState("append and force", CrashSeamTest::appendAndForce);
  }

  @Test
  void everyStateThatAPowerCutMayLeaveWhileSegmentsAreUsedAgainIsRecovered() {
    everyState("roll and drop", CrashSeamTest::rollAndDrop);
  }

  private void everyState(String name, Script script) {
    List<CrashMoment> moments = new ArrayList<>();
    disk.watch(call -> take(call, moments));
    script.run(disk, histories);
    disk.watch(call -> {});
    CrashRun run = new CrashRun(1);
    AtOnce.each(moments, moment -> everyState(run, moment));
    long whole = moments.stream().filter(this::isInFull).count();
    System.out.printf(
        "CrashSeamTest: %s: %d states of %d moments, %d in full (-Dholdfast.crash.choices=%d)%n",
        name, run.states(), moments.size(), whole, choices);
  }

  private boolean isInFull(CrashMoment moment) {
    return moment.point().choices() <= choices;
  }

  private void everyState(CrashRun run, CrashMoment moment) {
    if (isInFull(moment)) {
      for (CrashFileSystem cut : moment.point().allCuts()) {
        run.open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
      }
    } else {
      Random random = new Random(moment.before().hashCode());
      for (int i = 0; i < SOME; i++) {
        CrashFileSystem cut = moment.point().cut(random, 512, random.nextDouble());
        run.open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
      }
    }
  }

  /** The zeros of a segment that is being made are many, and nothing else happens meanwhile. */
  private void take(Call call, List<CrashMoment> moments) {
    if (call.kind() != Call.Kind.WRITE || call.number() % 8 == 0) {
      moments.add(CrashMoment.now(disk, call.toString(), histories));
    }
  }

  @Test
  void anyCallMayFailAndNothingThatWasConfirmedIsLost() {
    poisonings.setLevel(Level.OFF); // each with its stack, a hundred times
    CrashRun run = new CrashRun(1);
    int failures = 0;
    long calls = 0;
    for (long failing = 1; calls == failing - 1; failing++) {
      CrashFileSystem broken = CrashFileSystem.create();
      List<TopicHistory> written = new CopyOnWriteArrayList<>();
      long which = failing;
      broken.watch(
          call -> {
            if (call.number() == which) {
              throw new IOException("Input/output error");
            }
          });
      try {
        appendAndForce(broken, written);
      } catch (HoldfastException e) {
        failures++;
      }
      calls = Math.min(broken.calls(), failing); // fewer when none was left to fail
      broken.watch(call -> {});
      CrashMoment moment = CrashMoment.now(broken, "call " + failing + " failed", written);
      CrashFileSystem cut = moment.point().cut(new Random(failing), 4096, 0);
      run.open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
      run.open(moment.point().killed(), moment, true, CrashRun.MAX_DEPTH, "a kill");
    }
    System.out.printf(
        "CrashSeamTest: %d of %d calls failed what called them%n", failures, calls);
    assertTrue(failures > calls / 2, failures + " of " + calls);
  }
}
