package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.HoldfastException;
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
  private static final int SOME = 16;

  private final Logger poisonings = Logger.getLogger(Store.class.getName());
  private final int choices = Integer.getInteger("holdfast.crash.choices", 4);
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final List<TopicHistory> histories = new CopyOnWriteArrayList<>();

  @AfterEach
  void listen() {
    poisonings.setLevel(null);
  }

  private static Store open(CrashFileSystem disk) {
    return LogFixture.open(CrashRun.directory(disk));
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

  /** Makes a store and a topic, appends, forces, appends, closes, opens, appends. */
  private static void smallScript(CrashFileSystem disk, List<TopicHistory> histories) {
    Random random = new Random(7);
    try (Store store = open(disk)) {
      TopicHistory history = create(store, histories, Durability.powerLoss());
      for (int i = 0; i < 3; i++) {
        history.append(random, 3, 2_000);
        history.log().force(history.log().endOffset() - 1);
      }
    }
    try (Store store = open(disk)) {
      TopicHistory history = histories.get(0);
      history.follow(store.topic(history.name()).orElseThrow());
      history.append(random, 4, 3_000);
    }
  }

  @Test
  void everyStateThatAPowerCutMayLeaveAtAnyCallOfASmallScriptIsRecovered() {
    List<CrashMoment> moments = new ArrayList<>();
    disk.watch(call -> moments.add(CrashMoment.now(disk, call.toString(), histories)));
    smallScript(disk, histories);
    disk.watch(call -> {});
    CrashRun run = new CrashRun(1);
    Random random = new Random(1);
    int whole = 0;
    for (CrashMoment moment : moments) {
      if (moment.point().choices() <= choices) {
        whole++;
        for (CrashFileSystem cut : moment.point().allCuts()) {
          run.open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
        }
      } else {
        for (int i = 0; i < SOME; i++) {
          CrashFileSystem cut = moment.point().cut(random, 512, random.nextDouble());
          run.open(cut, moment, false, CrashRun.MAX_DEPTH, "a power cut");
        }
      }
    }
    System.out.printf(
        "CrashSeamTest: %d states of %d moments, %d in full (-Dholdfast.crash.choices=%d)%n",
        run.states(), moments.size(), whole, choices);
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
        smallScript(broken, written);
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
