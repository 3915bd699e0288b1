package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.WatchedFileSystem;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on the machine's own files works as ever while its calls are watched. */
class WatchedStoreTest {
  @TempDir Path directory;

  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();

  private static void work(Store store) {
    TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
    LogFixture.append(log, 300, 10_000);
    log.dropBefore(200);
    LogFixture.append(log, 10, 100);
  }

  @Test
  void allThatChangesSomethingIsTold() {
    WatchedFileSystem files = new WatchedFileSystem(calls::add);
    try (Store store = LogFixture.open(files.path(directory))) {
      work(store);
    }
    Set<Call.Kind> kinds = calls.stream().map(Call::kind).collect(Collectors.toSet());
    Set<Call.Kind> expected =
        EnumSet.of(
            Call.Kind.MAKE_DIRECTORY,
            Call.Kind.CREATE,
            Call.Kind.WRITE,
            Call.Kind.FORCE,
            Call.Kind.FORCE_DIRECTORY,
            Call.Kind.RENAME,
            Call.Kind.DELETE);
    assertTrue(kinds.containsAll(expected), kinds.toString());
    Set<Long> numbers = calls.stream().map(Call::number).collect(Collectors.toSet());
    assertEquals(calls.size(), numbers.size(), "each call has its own number");
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(310, log.endOffset());
      assertEquals(310 - log.firstOffset(), LogFixture.offsets(log, log.firstOffset()).size());
    }
  }

  @Test
  void aCallThatItsWatcherRefusesFails() {
    Thread sender = Thread.currentThread();
    AtomicBoolean refusing = new AtomicBoolean();
    WatchedFileSystem files =
        new WatchedFileSystem(
            call -> {
              boolean ours = Thread.currentThread() == sender;
              if (refusing.get() && call.kind() == Call.Kind.FORCE && ours) {
                throw new IOException("refused");
              }
            });
    try (Poisoned poisoned = new Poisoned(LogFixture.open(files.path(directory)))) {
      Store store = poisoned.store();
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, 10, 100);
      refusing.set(true);
      StorageIoException told =
          assertThrows(StorageIoException.class, () -> LogFixture.append(log, 10, 100));
      assertTrue(told.getMessage().contains("refused"), told.getMessage());
      assertThrows(StorePoisonedException.class, store::checkUsable);
    }
  }
}
