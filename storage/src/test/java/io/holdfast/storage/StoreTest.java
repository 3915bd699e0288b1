package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.NotAStoreException;
import io.holdfast.storage.error.StoreInUseException;
import io.holdfast.storage.error.StorePoisonedException;
import io.holdfast.storage.error.TopicExistsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreTest {
  @TempDir Path directory;

  private static final TopicSettings SETTINGS = LogFixture.small(Durability.powerLoss());

  @ParameterizedTest
  @ValueSource(strings = {"", "../x", "a/b", "a\\b", "nul\0", ".hidden", "-dash", "a b", "\u00e9"})
  void aNameThatCouldLeaveTheStoreIsRefused(String name) throws IOException {
    try (Store store = LogFixture.open(directory)) {
      String message =
          assertThrows(InvalidNameException.class, () -> store.createTopic(name, SETTINGS))
              .getMessage();
      assertTrue(message.contains("1 to 200") && message.indexOf('\0') < 0, message);
    }
    try (Stream<Path> topics = Files.list(directory.resolve("topics"))) {
      assertEquals(0, topics.count());
    }
  }

  @Test
  void aNameOf201CharactersIsRefusedAndOneOf200IsNot() {
    try (Store store = LogFixture.open(directory)) {
      assertThrows(
          InvalidNameException.class, () -> store.createTopic("a".repeat(201), SETTINGS));
      store.createTopic("a".repeat(200), SETTINGS);
    }
  }

  @Test
  void twoTopicsMayNotDifferInCaseOnly() {
    try (Store store = LogFixture.open(directory)) {
      store.createTopic("Orders", SETTINGS);
      assertThrows(TopicExistsException.class, () -> store.createTopic("Orders", SETTINGS));
      assertThrows(TopicExistsException.class, () -> store.createTopic("orders", SETTINGS));
    }
  }

  @Test
  void aStoreOpenedTwiceInOneProcessNamesThisProcessAndKeepsItsLock() throws Exception {
    try (Store store = LogFixture.open(directory)) {
      String pid = Long.toString(ProcessHandle.current().pid());
      String message =
          assertThrows(StoreInUseException.class, () -> LogFixture.open(directory)).getMessage();
      assertTrue(message.contains(pid), message);
      assertEquals(StoreChild.IN_USE, StoreChild.open(directory).waitFor());
      assertEquals(1, store.writerEpoch());
    }
    assertEquals(0, StoreChild.open(directory).waitFor());
  }

  @Test
  void aStoreHeldByAnotherProcessNamesItsPid() throws Exception {
    Process child = StoreChild.hold(directory);
    try {
      assertEquals('h', child.getInputStream().read(), "the child should hold the store");
      String message =
          assertThrows(StoreInUseException.class, () -> LogFixture.open(directory)).getMessage();
      assertTrue(message.contains("pid " + child.pid()), message);
    } finally {
      child.destroyForcibly().waitFor();
    }
    LogFixture.open(directory).close();
  }

  @Test
  void aDirectoryWithSomethingElseIsNotAStoreAndStaysAsItWas() throws IOException {
    Files.writeString(directory.resolve("letter.txt"), "dear");
    String message =
        assertThrows(NotAStoreException.class, () -> LogFixture.open(directory)).getMessage();
    assertTrue(message.contains("letter.txt"), message);
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void aFileIsNotAStore() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "text");
    assertThrows(NotAStoreException.class, () -> LogFixture.open(file));
  }

  @Test
  void oneTornControlSlotIsSurvivedAndTwoAreReported() {
    LogFixture.open(directory).close();
    LogFixture.open(directory).close();
    Path control = directory.resolve("store.ctl");
    DiskFixture.flip(control, 4096 + 8);
    Store store = LogFixture.open(directory);
    store.close();
    DiskFixture.flip(control, 4096 + 8);
    DiskFixture.flip(control, 8192 + 8);
    DiskFixture.flip(control, 4096 + 9);
    String message =
        assertThrows(DamagedStoreException.class, () -> LogFixture.open(directory)).getMessage();
    assertTrue(message.contains("store.ctl") && message.contains("backup"), message);
  }

  @Test
  void aChangedTopicFileIsReportedAndTheOtherTopicsOpen() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      store.createTopic("t", SETTINGS);
      store.createTopic("other", SETTINGS);
    }
    Path file = directory.resolve("topics/t/topic.properties");
    Files.writeString(file, Files.readString(file).replace("powerLoss", "processCrash"));
    try (Store store = LogFixture.open(directory)) {
      assertEquals(List.of("other", "t"), store.topicNames());
      String message =
          assertThrows(DamagedTopicException.class, () -> store.topic("t")).getMessage();
      assertTrue(message.contains("topic.properties"), message);
      assertThrows(TopicExistsException.class, () -> store.createTopic("t", SETTINGS));
      LogFixture.append(store.topic("other").orElseThrow(), 1, 1);
    }
  }

  @Test
  void topicNumbersAreNeverGivenTwiceEvenAfterAnUnfinishedCreation() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      assertEquals(1, store.createTopic("a", SETTINGS).number());
      assertEquals(2, store.createTopic("b", SETTINGS).number());
    }
    Files.delete(directory.resolve("topics/b/topic.properties"));
    try (Store store = LogFixture.open(directory)) {
      assertFalse(store.topic("b").isPresent());
      TopicLog again = store.createTopic("b", SETTINGS);
      assertEquals(3, again.number());
      assertEquals(0, again.endOffset());
    }
  }

  @Test
  void moreTopicsThanOneControlSlotHoldsMakeTheControlFileGrow() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      for (int i = 0; i < 130; i++) {
        LogFixture.append(store.createTopic("t" + i, SETTINGS), 1, 10);
      }
    }
    assertEquals(4096 + 2 * 8192, Files.size(directory.resolve("store.ctl")));
    try (Store store = LogFixture.open(directory)) {
      assertEquals(130, store.topicNames().size());
      assertEquals(131, store.createTopic("last", SETTINGS).number());
    }
  }

  @Test
  void nobodyElseMayLookIntoAStore() throws IOException {
    try (Store store = LogFixture.open(directory.resolve("s"))) {
      LogFixture.append(store.createTopic("t", SETTINGS), 1, 10);
    }
    try (Stream<Path> all = Files.walk(directory.resolve("s"))) {
      for (Path path : all.toList()) {
        String expected = Files.isDirectory(path) ? "rwx------" : "rw-------";
        assertEquals(
            expected,
            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)),
            path.toString());
      }
    }
  }

  @Test
  void aPoisonedStoreRefusesWritingAndKeepsTheFirstCause() {
    try (Poisoned poisoned = new Poisoned(LogFixture.open(directory))) {
      Store store = poisoned.store();
      TopicLog log = store.createTopic("t", SETTINGS);
      LogFixture.append(log, 3, 10);
      store.poison(new IOException("the device said no"));
      store.poison(new IOException("later"));
      String message =
          assertThrows(StorePoisonedException.class, () -> LogFixture.append(log, 1, 10))
              .getMessage();
      assertTrue(message.contains("the device said no"), message);
    }
    try (Store store = LogFixture.open(directory)) {
      assertEquals(3, store.topic("t").orElseThrow().endOffset());
    }
  }
}
