package io.holdfast.storage.file;

import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files whose content and name are on the device when a call returns. Directories are made 0700,
 * files 0600, at creation; no symbolic link is followed. Every method may be called from any
 * thread; an interrupt during one fails it, so the engine calls them on its agent.
 */
public final class DurableFiles {
  /**
   * Zeros go through the channel in writes of this size: larger ones leave large folios in the page
   * cache, and one mapped store then dirties (and one force writes) a whole folio.
   */
  private static final int ZERO_WRITE = 16 * 1024;

  private DurableFiles() {}

  /**
   * Makes a directory, and its missing parents, and forces the entries.
   *
   * @param directory may exist already
   */
  public static void makeDirectories(Path directory) {
    if (attributes(directory).map(BasicFileAttributes::isDirectory).orElse(false)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      makeDirectories(parent);
    }
    try {
      Files.createDirectory(directory, permissions(directory, "rwx------"));
      if (parent != null) {
        forceDirectory(parent);
      }
    } catch (IOException e) {
      throw failure(directory, "cannot be made", e);
    }
  }

  /**
   * Forces the names that lead to a directory, as far up as {@link #makeDirectories} may have made
   * them in a process that was killed before it forced them: a parent that holds more than the way
   * to here was there before.
   *
   * @param directory exists
   */
  public static void forceWayTo(Path directory) {
    boolean more = true;
    Path outer = directory.toAbsolutePath().getParent();
    for (; outer != null && more; outer = outer.getParent()) {
      try {
        forceDirectory(outer);
        try (Stream<Path> entries = Files.list(outer)) {
          more = entries.limit(2).count() < 2;
        }
      } catch (AccessDeniedException e) {
        more = false; // those that were made here can be read
      } catch (IOException e) {
        throw failure(outer, "its names cannot be forced", e);
      }
    }
  }

  /**
   * Whether a name is there. Unlike {@link Files#exists} it does not take an error for an answer:
   * what cannot be looked at may well be there, and would be made anew over it.
   *
   * @param file of any kind; a symbolic link is one and not followed
   * @return false only where the system says that there is none
   * @throws StorageIoException when the system does not say
   */
  public static boolean exists(Path file) {
    return attributes(file, LinkOption.NOFOLLOW_LINKS).isPresent();
  }

  /**
   * Whether a name is there and is a regular file; see {@link #exists}.
   *
   * @param file a symbolic link is none
   * @return false where there is none, or something else
   * @throws StorageIoException when the system does not say
   */
  public static boolean isFile(Path file) {
    return attributes(file, LinkOption.NOFOLLOW_LINKS)
        .map(BasicFileAttributes::isRegularFile)
        .orElse(false);
  }

  /**
   * Whether a name is there and is a directory; see {@link #exists}.
   *
   * @param file a symbolic link is none
   * @return false where there is none, or something else
   * @throws StorageIoException when the system does not say
   */
  public static boolean isDirectory(Path file) {
    return attributes(file, LinkOption.NOFOLLOW_LINKS)
        .map(BasicFileAttributes::isDirectory)
        .orElse(false);
  }

  private static Optional<BasicFileAttributes> attributes(Path file, LinkOption... options) {
    try {
      return Optional.of(Files.readAttributes(file, BasicFileAttributes.class, options));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null && !Files.isDirectory(parent) && exists(parent)) {
        return Optional.empty(); // a file stands where its directory should
      }
      throw failure(file, "cannot be looked at", e);
    }
  }

  /**
   * Forces the names in a directory. A process that was killed, or met an error, may have given a
   * name and not have forced it; whoever builds on what stands under that name does.
   *
   * @param directory exists
   * @throws StorageIoException when the device did not take them
   */
  public static void forceNames(Path directory) {
    try {
      forceDirectory(directory);
    } catch (IOException e) {
      throw failure(directory, "its names cannot be forced", e);
    }
  }

  /**
   * Replaces a small file: writes a temporary one beside it, forces it, renames it, forces the
   * directory. After a crash either the old or the new content is there.
   *
   * @param file may exist
   * @param content all of it
   */
  public static void replace(Path file, byte[] content) {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.deleteIfExists(temporary);
      try (FileChannel channel = create(temporary)) {
        writeFully(channel, ByteBuffer.wrap(content), 0);
        channel.force(true);
      }
      rename(temporary, file);
    } catch (IOException e) {
      throw failure(file, "cannot be replaced", e);
    }
  }

  /**
   * Writes a file that may be rebuilt: a crash may leave a part of it.
   *
   * @param file is overwritten when it exists
   * @param content all of it
   * @throws DiskFullException when there is no room; nothing is left behind
   */
  public static void write(Path file, byte[] content) {
    try {
      Files.deleteIfExists(file);
      try (FileChannel channel = create(file)) {
        writeFully(channel, ByteBuffer.wrap(content), 0);
        channel.force(true);
      }
      forceDirectory(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      HoldfastException failure = failureToGrow(file, "cannot be written", e);
      deleteUnfinished(file, failure);
      throw failure;
    }
  }

  /**
   * Makes a file of zeros, written and forced, so that no store to a map of it can meet a full
   * disk. A file that could not be finished is deleted.
   *
   * @param file must not exist
   * @param bytes its size
   * @throws DiskFullException when there is no room
   */
  public static void allocate(Path file, long bytes) {
    allocate(file, bytes, true);
  }

  /**
   * Makes a file of zeros, written, so that no store to a map of it can meet a full disk as long as
   * the system is up: the file system has set the room aside. After a power cut the file may have
   * holes, unless it was forced. A file that could not be finished is deleted.
   *
   * @param file must not exist
   * @param bytes its size
   * @param forced whether the zeros are forced, too
   * @throws DiskFullException when there is no room
   */
  public static void allocate(Path file, long bytes, boolean forced) {
    checkRoom(file, bytes);
    try (FileChannel channel = create(file)) {
      writeZeros(channel, 0, bytes);
      if (forced) {
        channel.force(true);
      }
    } catch (FileAlreadyExistsException e) {
      throw failure(file, "cannot be allocated", e);
    } catch (IOException e) {
      String what = "cannot be allocated, %d bytes".formatted(bytes);
      HoldfastException failure = failureToGrow(file, what, e);
      deleteUnfinished(file, failure);
      throw failure;
    } catch (RuntimeException | Error e) {
      deleteUnfinished(file, e);
      throw e;
    }
  }

  /** Spares a full disk the zeros; what fails nevertheless is found when they are written. */
  private static void checkRoom(Path file, long bytes) {
    Path directory = file.toAbsolutePath().getParent();
    try {
      long room = Files.getFileStore(directory).getUsableSpace();
      if (room < bytes) {
        throw new DiskFullException(
            "%s: cannot be allocated, %d bytes: only %d are free; nothing was changed, free some "
                    .formatted(file, bytes, room)
                + "room and try again");
      }
    } catch (IOException e) {
      throw failure(directory, "the room on its disk cannot be read", e);
    }
  }

  /**
   * Grows a file by zeros, written and forced; on failure the file has its old size again.
   *
   * @param file must exist
   * @param oldBytes its size now
   * @param newBytes its size then
   * @throws DiskFullException when there is no room
   * @throws StorageIoException when it could not be forced: of what was in the file before, too, it
   *     is unknown then whether the device has it
   */
  public static void grow(Path file, long oldBytes, long newBytes) {
    try (FileChannel channel = open(file, StandardOpenOption.WRITE)) {
      writeZeros(channel, oldBytes, newBytes);
    } catch (IOException e) {
      HoldfastException failure =
          failureToGrow(file, "cannot grow to %d bytes".formatted(newBytes), e);
      shrink(file, oldBytes, failure);
      throw failure;
    }
    try {
      force(file);
    } catch (StorageIoException e) {
      shrink(file, oldBytes, e);
      throw e;
    }
  }

  private static void shrink(Path file, long bytes, Throwable failure) {
    try (FileChannel channel = open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Renames a file and forces the directories on both sides.
   *
   * @param from exists
   * @param to is replaced when it exists
   */
  public static void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceDirectory(to.toAbsolutePath().getParent());
      if (!from.toAbsolutePath().getParent().equals(to.toAbsolutePath().getParent())) {
        forceDirectory(from.toAbsolutePath().getParent());
      }
    } catch (IOException e) {
      throw failure(from, "cannot be renamed to " + to, e);
    }
  }

  /**
   * Deletes a file and forces its directory.
   *
   * @param file may be missing
   */
  public static void delete(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        forceDirectory(file.toAbsolutePath().getParent());
      }
    } catch (IOException e) {
      throw failure(file, "cannot be deleted", e);
    }
  }

  /**
   * Deletes a file, or a directory with all that is in it, in any order and without forcing it: the
   * device knows by something else that nobody needs it.
   *
   * @param path need not be there; a symbolic link is deleted, and not followed
   */
  public static void deleteTree(Path path) {
    try {
      if (isDirectory(path)) {
        try (Stream<Path> entries = Files.list(path)) {
          entries.toList().forEach(DurableFiles::deleteTree);
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failure(path, "cannot be deleted", e);
    }
  }

  /**
   * Reads a small file.
   *
   * @param file a regular file, not a symbolic link
   * @param limit most bytes it may have
   * @return its bytes
   */
  public static byte[] read(Path file, int limit) {
    try (FileChannel channel = open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > limit) {
        throw new StorageIoException(
            "%s: expected at most %d bytes, found %d".formatted(file, limit, size));
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // a file that shrinks meanwhile leaves zeros, which no format of ours accepts
      }
      return content.array();
    } catch (IOException e) {
      throw failure(file, "cannot be read", e);
    }
  }

  /**
   * How long a file is.
   *
   * @param file exists
   * @return bytes
   * @throws StorageIoException when the file system does not say
   */
  public static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw failure(file, "its size cannot be read", e);
    }
  }

  /**
   * Forces the content of a file, also what was written to it through a map.
   *
   * @param file exists
   * @throws StorageIoException when the device did not take it
   */
  public static void force(Path file) {
    try (FileChannel channel = open(file, StandardOpenOption.WRITE)) {
      channel.force(false);
    } catch (IOException e) { // never a full disk's error, after which one may try again
      throw new StorageIoException(file + ": cannot be forced: " + e, e);
    }
  }

  /**
   * Forces the entries of a directory.
   *
   * @param directory exists
   * @throws IOException when the device did not take them
   */
  public static void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Opens a regular file without following a symbolic link.
   *
   * @param file exists
   * @param options READ, WRITE
   * @return the channel
   * @throws IOException when it cannot be opened
   */
  public static FileChannel open(Path file, StandardOpenOption... options) throws IOException {
    Set<OpenOption> all = new java.util.HashSet<>(Set.of(options));
    all.add(LinkOption.NOFOLLOW_LINKS);
    return FileChannel.open(file, all);
  }

  /**
   * Writes a whole buffer.
   *
   * @param channel open for writing
   * @param bytes from its position to its limit
   * @param position in the file
   * @throws IOException when not all was written
   */
  public static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** The error of who makes or grows a file, also where the system says it in another language. */
  private static StorageIoException failureToGrow(Path file, String what, IOException e) {
    StorageIoException failure = failure(file, what, e);
    if (!(failure instanceof DiskFullException) && isDiskFull(file)) {
      return new DiskFullException(failure.getMessage() + "; the disk is full", e);
    }
    return failure;
  }

  private static boolean isDiskFull(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    try {
      return Files.getFileStore(directory).getUsableSpace() < ZERO_WRITE;
    } catch (IOException e) {
      return false; // the failure that is being told of says more
    }
  }

  /**
   * The error for a failed call: a full disk gets its own type.
   *
   * @param file where
   * @param what could not be done
   * @param e what the system said
   * @return the error to throw
   */
  public static StorageIoException failure(Path file, String what, IOException e) {
    String said = String.valueOf(e.getMessage());
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left")
        || lower.contains("quota exceeded")
        || lower.contains("file too large")) { // a limit of the process, or of the file system
      return new DiskFullException(
          "%s: %s: %s; nothing was changed, free some room and try again"
              .formatted(file, what, said),
          e);
    }
    return new StorageIoException(
        "%s: %s: %s (%s)".formatted(file, what, said, e.getClass().getSimpleName()), e);
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        permissions(file, "rw-------"));
  }

  /** Nothing where the file system does not know such permissions. */
  static FileAttribute<?>[] permissions(Path file, String permissions) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static void writeZeros(FileChannel channel, long from, long to) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_WRITE);
    for (long at = from; at < to; at += ZERO_WRITE) {
      zeros.clear().limit((int) Math.min(ZERO_WRITE, to - at));
      writeFully(channel, zeros, at);
    }
  }

  private static void deleteUnfinished(Path file, Throwable failure) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
