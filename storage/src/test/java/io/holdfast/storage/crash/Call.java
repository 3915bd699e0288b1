package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.file.Path;

/**
 * One call that changes a file, a name or what the device has of them, or one that only looks.
 *
 * @param number from 1, in the order of the file system; calls that only look are counted apart
 * @param kind what is done
 * @param path where; for a rename the old name
 */
public record Call(long number, Kind kind, Path path) {
  /** What a call does. */
  public enum Kind {
    /** Makes a directory. */
    MAKE_DIRECTORY,
    /** Makes an empty file. */
    CREATE,
    /** Writes through a channel. */
    WRITE,
    /** Makes a file shorter. */
    TRUNCATE,
    /** Forces a file through a channel, or a part of it through a region. */
    FORCE,
    /** Forces the names in a directory. */
    FORCE_DIRECTORY,
    /** Gives a file another name. */
    RENAME,
    /** Takes a name away. */
    DELETE,
    /** Opens a file or directory that is there; told only to who watches reads, as what follows. */
    OPEN,
    /** Reads through a channel. */
    READ,
    /** Maps a file. */
    MAP,
    /** Reads the names in a directory. */
    LIST,
    /** Asks what a file is, or whether there is one. */
    LOOK
  }

  /** Is told of every call before it is done. */
  @FunctionalInterface
  public interface Watcher {
    /**
     * Looks at the file system between two calls, which it keeps from changing meanwhile; only
     * stores to regions go on. Runs on the thread that makes the call.
     *
     * @param call which comes next
     * @throws IOException makes the call fail; after a failed force the next one says that all is
     *     well, as a kernel does, and the device has not what it lacked
     */
    void before(Call call) throws IOException;
  }
}
