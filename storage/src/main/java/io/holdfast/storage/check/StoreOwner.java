package io.holdfast.storage.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Who has a store open, as its file {@code store.owner} says. The lock itself is not touched: this
 * is for people and for the reading of live stores, and decides nothing.
 *
 * @param state what became of the owner
 * @param pid its process id, or 0
 * @param since when it opened the store, ISO-8601, or empty
 */
public record StoreOwner(State state, long pid, String since) {
  private static final StoreOwner NONE = new StoreOwner(State.CLOSED, 0, "");
  private static final int MAX_LINES = 16;

  /** What became of the owner. */
  public enum State {
    /** Nobody has it open; the last owner closed it. */
    CLOSED,
    /** A process with this id runs since the same boot. */
    OPEN,
    /** The last owner died without closing it; the next opening recovers. */
    DIED
  }

  /**
   * Reads the owner file.
   *
   * @param store directory of the store
   * @return who has it open
   */
  public static StoreOwner of(Path store) {
    Path file = store.resolve("store.owner");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return NONE;
    }
    Map<String, String> lines = new HashMap<>();
    try (var text = Files.lines(file)) {
      text.limit(MAX_LINES)
          .map(line -> line.split(" ", 2))
          .filter(words -> words.length == 2)
          .forEach(words -> lines.put(words[0], words[1]));
      long pid = Long.parseLong(lines.getOrDefault("pid", "0"));
      boolean alive =
          bootId().equals(lines.getOrDefault("boot", ""))
              && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
      return new StoreOwner(
          alive ? State.OPEN : State.DIED, pid, lines.getOrDefault("since", ""));
    } catch (IOException | RuntimeException e) {
      // It went away, or somebody wrote into it: it decides nothing, so neither matters.
      return Files.exists(file) ? new StoreOwner(State.DIED, 0, "") : NONE;
    }
  }

  private static String bootId() throws IOException {
    Path file = Path.of("/proc/sys/kernel/random/boot_id");
    return Files.isReadable(file) ? Files.readString(file).strip() : "unknown";
  }
}
