package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.crash.Fault;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Errors of the device while a store only looks: at its names, at what they are, into files. */
class ReadErrorTest {
  private static final TopicSettings SETTINGS = LogFixture.small(Durability.powerLoss());
  private static final int MESSAGES = 40;

  private final Logger poisonings = Logger.getLogger("io.holdfast.storage");
  private final CrashFileSystem disk = CrashFileSystem.create();

  @AfterEach
  void listen() {
    poisonings.setLevel(null);
  }

  private Store open() {
    return LogFixture.open(CrashRun.directory(disk));
  }

  private void make() {
    try (Store store = open()) {
      for (String name : List.of("a", "b")) {
        LogFixture.append(store.createTopic(name, SETTINGS), MESSAGES, 50_000);
      }
    }
  }

  @Test
  void aTopicThatCannotBeReadIsRefusedAloneUntilItCan() {
    make();
    for (String file : List.of("topic.properties", "0000000001.log", "0000000002.log")) {
      disk.watchReads(
          call -> {
            if (call.path().endsWith("topics/b/" + file) && call.kind() == Call.Kind.READ) {
              throw new IOException("Input/output error");
            }
          });
      try (Store store = open()) {
        assertEquals(List.of("a", "b"), store.topicNames());
        LogFixture.append(store.topic("a").orElseThrow(), 1, 10);
        DamagedTopicException refused =
            assertThrows(DamagedTopicException.class, () -> store.topic("b"));
        String message = refused.getMessage();
        assertTrue(message.contains(file) && message.contains("Input/output error"), message);
        assertEquals(StorageIoException.class, refused.getCause().getCause().getClass());
        assertThrows(HoldfastException.class, () -> store.createTopic("b", SETTINGS));
      }
    }
    disk.watchReads(call -> {});
    try (Store store = open()) {
      assertEquals(MESSAGES, store.topic("b").orElseThrow().endOffset());
    }
  }

  /** Else it would be made anew, over what is there. */
  @Test
  void aFileThatCannotBeLookedAtIsNotTakenForMissing() {
    make();
    for (String file : List.of("store.ctl", "topics/a/topic.properties")) {
      disk.watchReads(
          call -> {
            if (call.path().endsWith(file) && call.kind() == Call.Kind.LOOK) {
              throw new IOException("Input/output error");
            }
          });
      String message = assertThrows(StorageIoException.class, this::open).getMessage();
      assertTrue(message.contains(file), message);
    }
    disk.watchReads(call -> {});
    try (Store store = open()) {
      assertEquals(MESSAGES, store.topic("a").orElseThrow().endOffset());
    }
  }

  @Test
  void anyLookOfAnOpeningMayFailAndNothingIsLost() {
    make();
    poisonings.setLevel(Level.OFF);
    CrashPoint whole = disk.point();
    long looks = openWith(whole, new Fault(Fault.Error.READ, 0, false));
    int refused = 0;
    for (long nth = 1; nth <= looks; nth++) {
      for (boolean lasting : new boolean[] {false, true}) {
        Fault fault = new Fault(Fault.Error.READ, nth, lasting);
        openWith(whole, fault);
        refused += fault.first().isPresent() ? 1 : 0;
      }
    }
    assertTrue(refused > looks, refused + " of " + looks);
  }

  /** Opens a copy with the fault, and without. */
  private static long openWith(CrashPoint whole, Fault fault) {
    CrashFileSystem copy = whole.killed();
    fault.on(copy);
    try (Store store = LogFixture.open(CrashRun.directory(copy))) {
      for (String name : store.topicNames()) {
        checkIfOpen(store, name);
      }
    } catch (HoldfastException e) {
      assertTrue(e.getMessage().contains("/"), e.getMessage());
    }
    long seen = fault.seen();
    fault.end();
    try (Store store = LogFixture.open(CrashRun.directory(copy))) {
      for (String name : List.of("a", "b")) {
        assertEquals(MESSAGES, LogFixture.offsets(store.topic(name).orElseThrow(), 0).size());
      }
    }
    return seen;
  }

  private static void checkIfOpen(Store store, String name) {
    try {
      assertEquals(MESSAGES, store.topic(name).orElseThrow().endOffset());
    } catch (DamagedTopicException e) {
      assertTrue(e.getMessage().contains("Input/output error"), e.getMessage());
    }
  }
}
