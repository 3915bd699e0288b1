package io.holdfast.engine.group;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The file {@code cut} beside a group's state on a topic that could not be opened: where the topic
 * ended then. A crash may have cut the topic there, and what is appended from now on takes offsets
 * that the state may call done; whoever repairs the state and opens it cuts it there first.
 */
public final class StateCut {
  private static final Logger LOG = System.getLogger(StateCut.class.getName());
  private static final String NAME = "cut";
  private static final String END = "end";

  private StateCut() {}

  /**
   * Notes the end of a topic, before anything can be appended; the lowest one stays. On a thread
   * that may do channel I/O.
   *
   * @param state directory of the state; nothing is noted where there is no head in it
   * @param end of the topic
   * @throws StorageIoException when it cannot be noted
   */
  public static void note(Path state, long end) {
    if (mayHaveHead(state) && end < read(state)) {
      SortedMap<String, String> properties = new TreeMap<>();
      properties.put(END, Long.toString(end));
      PropertiesFile.write(state.resolve(NAME), properties);
    }
  }

  /** A head that cannot be looked at may well be there. */
  private static boolean mayHaveHead(Path state) {
    try {
      return DurableFiles.isFile(state.resolve("head"));
    } catch (StorageIoException e) {
      LOG.log(Level.DEBUG, "the end is noted beside a head that cannot be looked at", e);
      return true;
    }
  }

  /** Returns what was noted; the end of all offsets where nothing was. */
  static long read(Path state) {
    Path file = state.resolve(NAME);
    if (!DurableFiles.exists(file)) {
      return Long.MAX_VALUE;
    }
    SortedMap<String, String> properties = PropertiesFile.read(file);
    try {
      return Long.parseLong(PropertiesFile.require(file, properties, END));
    } catch (NumberFormatException e) {
      throw new DamagedStoreException(file + ": expected an offset, found " + e.getMessage(), e);
    }
  }

  /** Forgets it, once the device has the state without what lay above. */
  static void forget(Path state) {
    DurableFiles.delete(state.resolve(NAME));
  }
}
