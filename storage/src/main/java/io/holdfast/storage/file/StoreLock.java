package io.holdfast.storage.file;

import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StoreInUseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lock that makes one process the owner of a store. The kernel frees it when the process dies;
 * the file {@code store.owner} beside it is for people and decides nothing.
 */
public final class StoreLock implements AutoCloseable {
  private static final String LOCK = "store.lock";
  private static final String OWNER = "store.owner";

  /**
   * Stores that this process holds. Such a lock is the process's own and closing <em>any</em>
   * descriptor of the file drops it, so a second opening in one process must be refused before it
   * opens the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;
  private boolean closed; // guarded by this

  private StoreLock(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock or says who holds it.
   *
   * @param directory of the store; exists
   * @return the lock, to be closed
   * @throws StoreInUseException when this or another process holds it
   */
  public static StoreLock take(Path directory) {
    Path real = real(directory);
    if (!HELD.add(real)) {
      throw new StoreInUseException(
          "%s is open already in this process (pid %d): use the store that is open, or close it"
              .formatted(directory, ProcessHandle.current().pid()));
    }
    boolean taken = false;
    try {
      FileChannel channel = openLockFile(real.resolve(LOCK));
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new StoreInUseException(
              "%s is in use by another process: %s; close it there first"
                  .formatted(directory, owner(real)));
        }
        writeOwner(real);
        taken = true;
        return new StoreLock(real, channel, lock);
      } finally {
        if (!taken) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure(real.resolve(LOCK), "cannot be locked", e);
    } finally {
      if (!taken) {
        HELD.remove(real);
      }
    }
  }

  /**
   * What the owner file says.
   *
   * @param directory of the store
   * @return one line with the pid and the time at which the owner opened the store
   */
  public static String owner(Path directory) {
    try {
      return Files.readString(directory.resolve(OWNER)).strip().replace("\n", ", ");
    } catch (NoSuchFileException e) {
      return "pid unknown";
    } catch (IOException e) {
      return "pid unknown (" + e.getMessage() + ")";
    }
  }

  /** Frees the lock. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      try {
        Files.deleteIfExists(directory.resolve(OWNER));
      } finally {
        try (channel) {
          lock.release();
        }
      }
    } catch (IOException e) {
      throw new StorageIoException(directory + ": the lock cannot be freed: " + e.getMessage(), e);
    } finally {
      HELD.remove(directory);
    }
  }

  private static FileChannel openLockFile(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
        DurableFiles.permissions(file, "rw-------"));
  }

  /** It is for people, so a full disk that does not take it keeps nobody from the store. */
  private static void writeOwner(Path directory) throws IOException {
    String text =
        "pid %d%nsince %s%nboot %s%n"
            .formatted(ProcessHandle.current().pid(), Instant.now(), bootId());
    Path file = directory.resolve(OWNER);
    Files.deleteIfExists(file);
    try (FileChannel out =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            DurableFiles.permissions(file, "rw-------"))) {
      DurableFiles.writeFully(out, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      if (!(DurableFiles.failure(file, "cannot be written", e) instanceof DiskFullException full)) {
        throw e;
      }
      System.getLogger(StoreLock.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "others cannot see who has the store: {0}",
              full.getMessage());
    }
  }

  private static String bootId() throws IOException {
    Path file = Path.of("/proc/sys/kernel/random/boot_id");
    return Files.isReadable(file) ? Files.readString(file).strip() : "unknown";
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be found", e);
    }
  }
}
