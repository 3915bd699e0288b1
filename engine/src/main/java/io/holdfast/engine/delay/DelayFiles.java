package io.holdfast.engine.delay;

import io.holdfast.storage.Store;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The files of a topic's delayed messages, in the directory {@code delays/<topic>}. Every call runs
 * on the store's agent. A new file gets its content, forced, under another name first: one that has
 * its name is whole.
 */
final class DelayFiles {
  private static final String TEMPORARY = ".tmp";

  private final Store store;
  private final Path directory;
  private final int topic;

  DelayFiles(Store store, Path directory, int topic) {
    this.store = store;
    this.directory = directory;
    this.topic = topic;
  }

  boolean exist() {
    return DurableFiles.isDirectory(directory);
  }

  /**
   * Forces the names that lead here: who gave them may have been killed before it forced them, and
   * what is found under them counts from now on. Deletes what was not finished.
   */
  void settleNames() {
    DurableFiles.forceNames(directory);
    DurableFiles.forceNames(directory.getParent());
    DurableFiles.forceNames(store.directory());
    for (String name : names()) {
      if (name.endsWith(TEMPORARY)) {
        DurableFiles.delete(directory.resolve(name));
      }
    }
  }

  /** Returns the names of all files that are there, sorted. */
  TreeSet<String> names() {
    TreeSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (IOException e) {
      throw new StorageIoException(directory + ": cannot be listed: " + e.getMessage(), e);
    }
    return names;
  }

  Path run(long number) {
    return directory.resolve(DelayRunLayout.fileName(number));
  }

  Path chunk(long number, String suffix) {
    return directory.resolve(DelayBitsLayout.fileName(number, suffix));
  }

  void delete(String name) {
    DurableFiles.delete(directory.resolve(name));
  }

  /** Maps a file if its header is whole and says what it should; else returns null. */
  MappedRegion map(Path file, FileKind kind) {
    long size = DurableFiles.size(file);
    if (size < FileHeader.BLOCK || size > Integer.MAX_VALUE) {
      return null;
    }
    MappedRegion region = MappedRegion.map(file);
    Optional<FileHeader> header = FileHeader.readBlock(kind, region.buffer(), 0, file);
    if (header.isPresent() && header.get().capacity() == size) {
      return region;
    }
    region.close();
    return null;
  }

  /** Whether a file that could be mapped belongs to this store and this life of the topic. */
  boolean isOurs(MappedRegion region, FileKind kind, Path file) {
    FileHeader header = FileHeader.readBlock(kind, region.buffer(), 0, file).orElseThrow();
    return header.storeId().equals(store.id()) && header.topic() == topic;
  }

  /** Makes a chunk of clear bits. */
  MappedRegion makeChunk(long number, String suffix, FileKind kind) {
    Path file = chunk(number, suffix);
    return name(allocate(file, kind, DelayBitsLayout.CAPACITY), file);
  }

  /** Makes the file of a run, which has no name yet; the caller fills it. */
  MappedRegion makeRun(long number, int entries) {
    return allocate(run(number), FileKind.DELAY_RUN, DelayRunLayout.fileLength(entries));
  }

  /** Forces a file and gives it its name. A crash before that leaves nothing that counts. */
  MappedRegion name(MappedRegion region, Path file) {
    try {
      force(region::force);
      DurableFiles.rename(temporary(file), file);
      region.moved(file);
      return region;
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  /** Forces mapped memory. A failure is final, so it poisons the store. */
  void force(Runnable msync) {
    store.checkUsable();
    try {
      msync.run();
    } catch (StorageIoException e) {
      store.poison(e);
      throw e;
    }
  }

  private MappedRegion allocate(Path file, FileKind kind, long bytes) {
    DurableFiles.makeDirectories(directory);
    Path temporary = temporary(file);
    DurableFiles.delete(temporary);
    DurableFiles.allocate(temporary, bytes);
    MappedRegion region = MappedRegion.map(temporary);
    long salt = ThreadLocalRandom.current().nextLong();
    FileHeader.of(kind, store.id(), salt, bytes, topic).writeBlock(region.buffer(), 0);
    return region;
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + TEMPORARY);
  }
}
