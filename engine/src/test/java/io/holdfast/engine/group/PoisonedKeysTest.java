package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.PoisonedKeysFullException;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys whose messages follow one to the dead letters, and how many of them there may be. */
class PoisonedKeysTest {
  private static final String LONG = "k".repeat(60_000);

  @TempDir Path dir;

  @Test
  void theyAreKeptUntilTheyAreResumed() {
    try (Store store = Store.open(dir.resolve("store"), StoreConfig.defaults())) {
      PoisonedKeys keys = new PoisonedKeys(store, dir);
      assertTrue(keys.isEmpty());
      keys.add("a=b\nc");
      keys.add("d");
      assertTrue(keys.remove("d"));
      assertFalse(keys.remove("d"));
      PoisonedKeys again = new PoisonedKeys(store, dir);
      assertTrue(again.contains("a=b\nc"));
      assertEquals(1, again.all().size());
    }
  }

  @Test
  void whereThereAreTooManyTheNextOneIsRefusedAndTheOthersStay() {
    try (Store store = Store.open(dir.resolve("store"), StoreConfig.defaults())) {
      PoisonedKeys keys = new PoisonedKeys(store, dir);
      int room = 0;
      while (room < 100) {
        int next = room;
        try {
          keys.add(LONG + next);
        } catch (PoisonedKeysFullException e) {
          break;
        }
        room++;
      }
      assertEquals(11, room, "keys of 80,000 characters in base 64");
      String told =
          assertThrows(PoisonedKeysFullException.class, () -> keys.add(LONG + "more"))
              .getMessage();
      assertTrue(told.contains("11 keys") && told.contains("resumed"), told);
      assertEquals(keys.all(), new PoisonedKeys(store, dir).all());
      assertTrue(keys.remove(LONG + "0"));
      keys.add(LONG + "more");
    }
  }
}
