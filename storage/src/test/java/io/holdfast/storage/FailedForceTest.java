package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A force of a segment fails, its process dies, and the next one opens the store: the page cache
 * holds what the device never got, and a second force says that all is well.
 */
class FailedForceTest {
  private final Logger poisonings = Logger.getLogger(Store.class.getName());
  private final CrashFileSystem disk = CrashFileSystem.create();

  @BeforeEach
  void expectPoison() {
    poisonings.setLevel(Level.OFF);
  }

  @AfterEach
  void listen() {
    poisonings.setLevel(null);
  }

  private static Store open(CrashFileSystem disk) {
    return Store.open(CrashRun.directory(disk), LogFixture.config());
  }

  /** Appends until the topic has so many segments, and has their force fail; gives its end. */
  private long failToForce(String level, int segments) {
    try (Poisoned poisoned = new Poisoned(open(disk))) {
      Store store = poisoned.store();
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.parse(level)));
      do {
        append(log, 10);
      } while (log.segments().last().number() < segments);
      disk.watch(
          call -> {
            if (call.kind() == Call.Kind.FORCE && call.path().toString().endsWith(".log")) {
              throw new IOException("Input/output error");
            }
          });
      long end = log.endOffset();
      assertThrows(HoldfastException.class, () -> log.force(end));
      assertThrows(StorePoisonedException.class, store::checkUsable);
      disk.watch(call -> {});
      return end;
    }
  }

  private static void append(TopicLog log, int count) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      batch.add(new byte[0], 0, new byte[1_000], 0, 1_000);
    }
    log.append(batch);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatTheNextProcessCallsDurableSurvivesAPowerCut(int segments) {
    long end = failToForce("processCrash", segments);
    CrashFileSystem next = disk.point().killed();
    CrashFileSystem cut;
    try (Store store = open(next)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(end, log.endOffset());
      append(log, 1);
      log.force(end + 1);
      assertEquals(end + 1, log.durableOffset());
      cut = next.point().cut(new Random(1), 4096, 0);
    }
    try (Store store = open(cut)) {
      assertEquals(
          LongStream.rangeClosed(0, end).boxed().toList(),
          LogFixture.offsets(store.topic("t").orElseThrow(), 0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "interval:PT1S", "powerLoss"})
  void aPowerCutAfterAnOpeningThatForcedNothingRefusesNothing(String level) {
    failToForce(level, 3);
    CrashFileSystem next = disk.point().killed();
    try (Store store = open(next)) {
      assertFalse(store.topicNames().isEmpty());
    }
    try (Store store = open(next.point().cut(new Random(1), 4096, 0))) {
      assertTrue(store.topic("t").isPresent());
    }
  }
}
