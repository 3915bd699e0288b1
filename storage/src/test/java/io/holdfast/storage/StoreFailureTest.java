package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fails half way leaves nothing behind that a later step would stumble over. */
class StoreFailureTest {
  private static final TopicSettings SETTINGS = LogFixture.small(Durability.processCrash());

  @TempDir Path directory;

  @Test
  void aCloseTellsOfAFailureAndFreesTheLockAllTheSame() {
    for (boolean told : new boolean[] {false, true}) { // perhaps a thread that only logged it
      Store store = LogFixture.open(directory);
      store.poison(new StorageIoException("thrown by the test"));
      if (told) {
        assertThrows(StorePoisonedException.class, store::checkUsable);
      }
      assertThrows(StorePoisonedException.class, store::close);
      store.close();
    }
  }

  @Test
  void anErrorWhileOpeningFreesTheLock() {
    try (Store store = LogFixture.open(directory)) {
      LogFixture.append(store.createTopic("t", SETTINGS), 3, 10);
    }
    StoreConfig failing =
        new StoreConfig(
            () -> {
              throw new NoClassDefFoundError("thrown by the test");
            });
    assertThrows(NoClassDefFoundError.class, () -> Store.open(directory, failing));
    try (Store store = LogFixture.open(directory)) {
      assertEquals(3, store.topic("t").orElseThrow().endOffset());
    }
  }

  @Test
  void aControlFileThatCouldNotGrowIsWrittenInItsOldSize() throws IOException {
    Path file = directory.resolve("store.ctl");
    ControlFile control = ControlFile.create(file);
    int room = io.holdfast.storage.check.ControlSlot.room((int) Files.size(file));
    for (int i = 0; i < room; i++) {
      control.addTopic();
    }
    Path inTheWay = Files.createDirectories(directory.resolve("store.ctl.tmp/x"));
    assertThrows(StorageIoException.class, control::addTopic);
    control.put(1, new ControlFile.Entry(77, 1));
    control.write();
    assertEquals(77, ControlFile.read(file).entry(1).durableOffset());
    assertEquals(room, ControlFile.read(file).lastTopic());
    Files.delete(inTheWay);
    assertEquals(room + 1, control.addTopic());
    assertEquals(room + 1, ControlFile.read(file).lastTopic());
  }

  @Test
  void aBatchOfATopicWithHigherLimitsIsRefusedBeforeAnythingIsWritten() {
    TopicSettings large =
        new TopicSettings(
            Durability.processCrash(), 64 << 20, 8 << 20, new java.util.TreeMap<>());
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("small", SETTINGS);
      LogFixture.append(log, 3, 10);
      RecordBatch batch = store.createTopic("large", large).newBatch();
      batch.add(new byte[0], 0, new byte[2 << 20], 0, 2 << 20);
      assertThrows(IllegalArgumentException.class, () -> log.append(batch));
      LogFixture.append(log, 3, 10);
      assertEquals(6, LogFixture.offsets(log, 0).size());
    }
  }

  @Test
  void anAppendThatFailsHalfWayIsTheLastOne() throws ReflectiveOperationException {
    try (Poisoned poisoned = new Poisoned(LogFixture.open(directory))) {
      Store store = poisoned.store();
      TopicLog log = store.createTopic("t", SETTINGS);
      LogFixture.append(log, 3, 10);
      RecordBatch batch = log.newBatch();
      for (int i = 0; i < 3; i++) {
        batch.add(new byte[0], 0, new byte[10], 0, 10);
      }
      java.lang.reflect.Field starts = RecordBatch.class.getDeclaredField("starts");
      starts.setAccessible(true);
      ((int[]) starts.get(batch))[2] = 1 << 20; // the third record cannot be copied
      assertThrows(IndexOutOfBoundsException.class, () -> log.append(batch));
      assertThrows(StorePoisonedException.class, () -> LogFixture.append(log, 1, 10));
    }
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      LogFixture.append(log, 1, 10);
      assertEquals(log.endOffset(), LogFixture.offsets(log, 0).size());
    }
  }

  @Test
  void aFileThatIsThereAlreadyIsNotAllocatedAndNotDeleted() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      Path file = directory.resolve("groups").resolve("state");
      byte[] content = {1, 2, 3};
      Files.write(file, content);
      assertThrows(StorageIoException.class, () -> store.allocate(file, 4_096));
      assertArrayEquals(content, Files.readAllBytes(file));
    }
  }

  @Test
  void theLockIsFreeEvenWhenTheOwnerFileCannotBeDeleted() throws Exception {
    Path owner = directory.resolve("store.owner");
    Store store = LogFixture.open(directory);
    Files.delete(owner);
    Path inTheWay = Files.createDirectories(owner.resolve("x"));
    assertThrows(StorageIoException.class, store::close);
    Files.delete(inTheWay);
    Files.delete(owner);
    assertEquals(0, StoreChild.open(directory).waitFor());
  }

  @Test
  void anUnfinishedTopicIsClearedFromItsPropertiesOn() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      Path topic = Files.createDirectories(directory.resolve("topics/t"));
      for (int i = 0; i < 20; i++) {
        Files.createDirectories(topic.resolve(i + "/cannot be deleted"));
      }
      Files.createFile(topic.resolve("topic.properties"));
      assertThrows(StorageIoException.class, () -> store.createTopic("t", SETTINGS));
      assertFalse(Files.exists(topic.resolve("topic.properties")));
      for (int i = 0; i < 20; i++) {
        Files.deleteIfExists(topic.resolve(i + "/cannot be deleted"));
      }
      store.createTopic("t", SETTINGS);
    }
  }
}
