package io.holdfast.engine.dedup;

import io.holdfast.engine.error.DamagedDedupException;
import io.holdfast.storage.Store;
import io.holdfast.storage.check.CarriedTable;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.file.PropertiesFile;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The files in {@code dedup/<topic>}. Every call but {@link #exist} runs on the store's agent. A
 * file that has its name is whole.
 */
final class DedupFiles {
  private static final String TEMPORARY = ".tmp";

  private final Store store;
  private final Path directory;
  private final Path settings; // of the topic
  private final int topic;

  DedupFiles(Store store, String topicName, int topic) {
    this.store = store;
    this.directory = store.directory().resolve("dedup").resolve(topicName);
    this.settings =
        store.directory().resolve("topics").resolve(topicName).resolve("topic.properties");
    this.topic = topic;
  }

  boolean exist() {
    return DurableFiles.isDirectory(directory);
  }

  Path sequences() {
    return directory.resolve("sequences");
  }

  Path ids() {
    return directory.resolve("ids");
  }

  /**
   * Forces the names that lead here: who gave them may have been killed before it forced them, and
   * what is found under them counts from now on. Deletes what was not finished.
   */
  void settleNames() {
    DurableFiles.forceNames(directory);
    DurableFiles.forceNames(directory.getParent());
    DurableFiles.forceNames(store.directory());
    DurableFiles.delete(temporary(sequences()));
    DurableFiles.delete(temporary(ids()));
  }

  /**
   * Reads what producers had sent.
   *
   * @return empty where there is no such file, or one of another life of the topic
   * @throws DamagedDedupException when it is not whole
   */
  Optional<SequenceFile> readSequences() {
    if (!DurableFiles.exists(sequences())) {
      return Optional.empty();
    }
    SequenceFile file = SequenceFile.read(sequences());
    if (!file.storeId().equals(store.id()) || file.topic() != topic) {
      DurableFiles.delete(sequences());
      return Optional.empty();
    }
    return Optional.of(file);
  }

  /**
   * Makes the directory, where there is none. First the topic's settings are written once more, in
   * this format: an older Holdfast, which would roll without the table, refuses the topic then.
   */
  private void makeDirectory() {
    if (!exist()) {
      PropertiesFile.write(settings, PropertiesFile.read(settings));
      DurableFiles.makeDirectories(directory);
    }
  }

  void writeSequences(long offset, CarriedTable table) {
    makeDirectory();
    SequenceFile.write(sequences(), store.id(), topic, offset, table);
  }

  /**
   * Opens the ring of ids.
   *
   * @return empty where there is none, or one of another life of the topic
   * @throws DamagedDedupException when it is not whole
   */
  Optional<IdFile> openIds() {
    if (!DurableFiles.exists(ids())) {
      return Optional.empty();
    }
    long size = DurableFiles.size(ids());
    if (size < IdRingLayout.RING + IdRingLayout.ENTRY || size > Integer.MAX_VALUE) {
      throw damaged("it has " + size + " bytes");
    }
    MappedRegion region = MappedRegion.map(ids());
    try {
      Optional<FileHeader> header =
          FileHeader.readBlock(FileKind.DEDUP_IDS, region.buffer(), 0, ids());
      if (header.isEmpty() || header.get().capacity() != size) {
        throw damaged("neither copy of its header is valid, or its size is another");
      }
      if (!header.get().storeId().equals(store.id()) || header.get().topic() != topic) {
        region.close();
        DurableFiles.delete(ids());
        return Optional.empty();
      }
      IdRing ring = new IdRing(region);
      if (!ring.open()) {
        throw damaged("neither of its two heads has a valid checksum");
      }
      force(ring::settle);
      return Optional.of(new IdFile(ring, header.get().salt()));
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  /**
   * A ring, and what ids are hashed with.
   *
   * @param ring open
   * @param salt of its header
   */
  record IdFile(IdRing ring, long salt) {}

  /** Makes a ring of ids that begins at an offset; replaces what is there. */
  IdFile makeIds(int entries, long offset) {
    makeDirectory();
    Path temporary = temporary(ids());
    DurableFiles.delete(temporary);
    int bytes = IdRingLayout.capacity(entries);
    DurableFiles.allocate(temporary, bytes);
    MappedRegion region = MappedRegion.map(temporary);
    try {
      long salt = ThreadLocalRandom.current().nextLong();
      FileHeader.of(FileKind.DEDUP_IDS, store.id(), salt, bytes, topic)
          .writeBlock(region.buffer(), 0);
      IdRing ring = new IdRing(region);
      ring.write(new IdRing.Checkpoint(offset, 0));
      force(region::force);
      DurableFiles.rename(temporary, ids());
      region.moved(ids());
      return new IdFile(ring, salt);
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

  private DamagedDedupException damaged(String problem) {
    return new DamagedDedupException(
        ids() + ": " + problem + "; what it held is taken from the topic, as far as that has it");
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + TEMPORARY);
  }
}
