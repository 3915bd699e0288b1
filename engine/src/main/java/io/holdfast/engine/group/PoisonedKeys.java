package io.holdfast.engine.group;

import io.holdfast.engine.Ordering;
import io.holdfast.engine.error.PoisonedKeysFullException;
import io.holdfast.storage.Store;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The keys of which a message has become a dead letter, in a group that lets the rest of the key
 * follow it: the file {@code poisoned} beside the group's state, which is there when there is such
 * a key. It is replaced as a whole, and forced, before the dead letter is written: a crash never
 * lets the rest of the key through.
 *
 * <p>Thread-safe.
 */
final class PoisonedKeys {
  private static final String NAME = "poisoned";
  private static final int MOST_KEYS = 10_000;
  private static final int MOST_CHARACTERS = 900_000; // of the file, which is read at open

  private final Store store;
  private final Path file;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile SortedSet<String> keys; // never changed once it is here

  PoisonedKeys(Store store, Path directory) {
    this.store = store;
    this.file = directory.resolve(NAME);
    this.keys = store.onAgent(this::read);
  }

  /** Returns those of a group's state; null where the rest of a key goes on. */
  static PoisonedKeys of(GroupContext context, Path directory) {
    return context.config().ordering().onPoison() == Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY
        ? new PoisonedKeys(context.store(), directory)
        : null;
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  boolean contains(String key) {
    return keys.contains(key);
  }

  SortedSet<String> all() {
    return new TreeSet<>(keys);
  }

  /**
   * Adds a key; when this returns the device has it.
   *
   * @throws PoisonedKeysFullException when there are too many
   */
  void add(String key) {
    if (keys.contains(key)) {
      return;
    }
    changing.lock();
    try {
      SortedSet<String> more = all();
      more.add(key);
      int characters = more.stream().mapToInt(each -> encode(each).length() + 16).sum();
      if (more.size() > MOST_KEYS || characters > MOST_CHARACTERS) {
        throw new PoisonedKeysFullException(
            file + " has " + keys.size() + " keys and no room for another (" + MOST_KEYS
                + " keys, " + MOST_CHARACTERS + " characters); the message waits, and its key"
                + " with it, until some are resumed");
      }
      write(more);
    } finally {
      changing.unlock();
    }
  }

  /** Takes a key away; returns whether it was there. */
  boolean remove(String key) {
    changing.lock();
    try {
      SortedSet<String> less = all();
      boolean was = less.remove(key);
      if (was) {
        write(less);
      }
      return was;
    } finally {
      changing.unlock();
    }
  }

  private void write(SortedSet<String> all) {
    SortedMap<String, String> properties = new TreeMap<>();
    for (String key : all) {
      properties.put("key." + properties.size(), encode(key));
    }
    store.onAgent(
        () -> {
          PropertiesFile.write(file, properties);
          return null;
        });
    keys = all;
  }

  private SortedSet<String> read() {
    SortedSet<String> found = new TreeSet<>();
    if (DurableFiles.exists(file)) {
      try {
        PropertiesFile.read(file).values().forEach(text -> found.add(decode(text)));
      } catch (IllegalArgumentException e) {
        throw new DamagedStoreException(file + ": expected keys in base 64, found another", e);
      }
    }
    return found;
  }

  private static String encode(String key) {
    return Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }
}
