package io.holdfast.engine.group;

import io.holdfast.storage.Store;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The files of a group's state on one topic: makes, maps, grows, sets aside and deletes them. All
 * file work is done on the store's agent, so that no interrupt of a user's thread can break it.
 *
 * <p>A new file gets its header and its room under another name first: a file that has its name is
 * whole.
 */
final class StateFiles {
  private static final Logger LOG = System.getLogger(StateFiles.class.getName());
  private static final int FIRST_BLOCKS = 1;

  private final Store store;
  private final ForcedNames forced;
  private final Path directory;
  private final int topic;

  StateFiles(GroupContext context, Path directory, int topic) {
    this(context.store(), context.forcedNames(), directory, topic);
  }

  StateFiles(Store store, ForcedNames forced, Path directory, int topic) {
    this.store = store;
    this.forced = forced;
    this.directory = directory;
    this.topic = topic;
  }

  /** State exists if and only if its head does: the head is made last. */
  boolean exist() {
    return DurableFiles.isFile(head());
  }

  Path head() {
    return directory.resolve("head");
  }

  Path slots() {
    return directory.resolve("slots");
  }

  Path chunk(long number) {
    return directory.resolve(DoneLayout.fileName(number));
  }

  /**
   * Makes the directory and, last of all, a head of this content; returns nothing that is mapped.
   */
  void create(HeadFile.Content content) {
    onAgent(
        () -> {
          DurableFiles.makeDirectories(directory);
          make(slots(), FileKind.GROUP_SLOTS, SlotFile.fileLength(FIRST_BLOCKS)).close();
          makeHead(content);
          return null;
        });
  }

  /** Makes the directory, for what comes before the head. */
  void makeDirectory() {
    onAgent(
        () -> {
          DurableFiles.makeDirectories(directory);
          return null;
        });
  }

  /**
   * Replaces a head of an older format by one of this format that says the same: its slots have no
   * room for all fields. The new file is whole and forced before it gets the name, so a crash
   * leaves either; a second open finds nothing to do, or does it again.
   */
  void renewHead() {
    onAgent(
        () -> {
          HeadFile.Content content = null;
          try (MappedRegion region = MappedRegion.mapReadOnly(head())) {
            if (HeadSlot.isOld(region.buffer(), head())) {
              content = new HeadFile(region).read(head());
            }
          }
          if (content != null) {
            makeHead(content);
          }
          return null;
        });
  }

  private void makeHead(HeadFile.Content content) {
    Path temporary = temporary(head());
    try (HeadFile head =
        new HeadFile(allocate(temporary, FileKind.GROUP_HEAD, HeadLayout.CAPACITY))) {
      head.write(content);
      head.force();
    }
    DurableFiles.rename(temporary, head());
  }

  /**
   * Forces the names that lead to the state. Whoever gave them may have been killed, or have met an
   * error, before it forced them; a head that a power cut takes away would take all acks with it.
   */
  void forceNames() {
    onAgent(
        () -> {
          forced.force(directory);
          forced.force(directory.getParent());
          return null;
        });
  }

  /** Whether all files that are there belong to this store and this life of the topic. */
  boolean areOurs() {
    return onAgent(
        () -> {
          boolean ours = isOurs(head(), FileKind.GROUP_HEAD);
          ours &= isOurs(slots(), FileKind.GROUP_SLOTS);
          for (long number : chunkNumbers().keySet()) {
            ours &= isOurs(chunk(number), FileKind.GROUP_DONE);
          }
          return ours;
        });
  }

  /** Where the topic ended when this state could not be opened; see {@link StateCut}. */
  long cut() {
    return onAgent(() -> StateCut.read(directory));
  }

  /** The state has been cut there. */
  void forgetCut() {
    onAgent(
        () -> {
          StateCut.forget(directory);
          return null;
        });
  }

  /** Renames the directory; a name with '~' is no topic's, so nothing looks there again. */
  void setAside() {
    onAgent(
        () -> {
          Path aside = directory;
          for (int i = 1; DurableFiles.exists(aside); i++) {
            aside = directory.resolveSibling(directory.getFileName() + "~" + i);
          }
          DurableFiles.rename(directory, aside);
          LOG.log(
              Level.WARNING,
              directory + ": this is the state of another life of the topic or of another store;"
                  + " it was renamed to " + aside.getFileName()
                  + " and the group begins anew with the oldest message");
          return null;
        });
  }

  MappedRegion mapHead() {
    return onAgent(() -> MappedRegion.map(head()));
  }

  /** Maps the slots; a part of a block at the end is left out. */
  MappedRegion mapSlots() {
    return onAgent(
        () -> {
          long blocks = (Files.size(slots()) - SlotLayout.FIRST_BLOCK) / SlotLayout.BLOCK;
          if (blocks < 1) {
            throw GroupFiles.damaged(slots(), "it is too short for a single block of slots");
          }
          return MappedRegion.map(slots(), 0, SlotFile.fileLength((int) blocks));
        });
  }

  /** Adds blocks to the slots, all zeros and forced; returns a map of what was added. */
  MappedRegion growSlots(int oldBlocks, int newBlocks) {
    long from = SlotFile.fileLength(oldBlocks);
    long to = SlotFile.fileLength(newBlocks);
    return onAgent(
        () -> {
          try {
            DurableFiles.grow(slots(), from, to);
          } catch (DiskFullException e) {
            throw e; // the file has its old size, and nothing was forced
          } catch (StorageIoException e) {
            store.poison(e); // the force was one of the slots that are in use, too
            throw e;
          }
          return MappedRegion.map(slots(), from, to - from);
        });
  }

  MappedRegion makeChunk(long number) {
    return onAgent(() -> make(chunk(number), FileKind.GROUP_DONE, DoneLayout.CAPACITY));
  }

  MappedRegion mapChunk(long number) {
    return onAgent(
        () -> {
          long size = Files.size(chunk(number));
          if (size != DoneLayout.CAPACITY) {
            throw GroupFiles.damaged(
                chunk(number), "it has " + size + " bytes, not " + DoneLayout.CAPACITY);
          }
          return MappedRegion.map(chunk(number));
        });
  }

  /** Returns the numbers of the chunks that are there, in order. */
  SortedMap<Long, Path> chunkNumbers() {
    SortedMap<Long, Path> numbers = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.done")) {
      for (Path file : files) {
        long number = DoneLayout.chunkOf(file.getFileName().toString());
        if (number >= 0) {
          numbers.put(number, file);
        }
      }
    } catch (IOException e) {
      throw new StorageIoException(directory + ": cannot be listed: " + e.getMessage(), e);
    }
    return numbers;
  }

  void deleteChunk(long number) {
    onAgent(
        () -> {
          DurableFiles.delete(chunk(number));
          return null;
        });
  }

  /**
   * Deletes chunks which another life of the state has left behind; when this returns the device
   * has none of them.
   */
  void deleteChunksBut(Set<Long> kept) {
    onAgent(
        () -> {
          for (long number : chunkNumbers().keySet()) {
            if (!kept.contains(number)) {
              DurableFiles.delete(chunk(number));
            }
          }
          return null;
        });
  }

  /** What was begun cannot be ended here; the next open ends it. */
  void giveUp(StorageIoException cause) {
    store.poison(cause);
  }

  /**
   * Forces the head, which says that the chunk is not needed, then unmaps and deletes the chunk.
   */
  void retireChunk(long number, DoneChunk chunk, HeadFile head) {
    store.executeOnAgent(
        () -> {
          try (chunk) {
            head.force();
          }
          try {
            DurableFiles.delete(chunk(number));
          } catch (StorageIoException e) {
            // It costs room and nothing else; the next open tries again.
            LOG.log(Level.WARNING, "a chunk that nobody needs is still there", e);
          }
        });
  }

  /**
   * Forces mapped memory; a failure is final, so it poisons the store, and none is forced after it:
   * the kernel may say that all is well then, and what comes next in the order of steps would stand
   * on that.
   */
  void force(Runnable msync) {
    store.checkUsable();
    try {
      msync.run();
    } catch (StorageIoException e) {
      store.poison(e);
      throw e;
    }
  }

  /** As {@link #force}, on the agent, behind all that it was given before. */
  CompletableFuture<Void> forceOnAgent(Runnable msync) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    store.executeOnAgent(
        () -> {
          try {
            force(msync);
            done.complete(null);
          } catch (Throwable e) { // whoever waits is told, whatever it is
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  /** Waits for a force; what it threw is thrown here. */
  static void await(CompletableFuture<Void> forced) {
    try {
      forced.join(); // an interrupt does not end it
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Runs work behind all that the agent was given before, also in a poisoned store, and waits. */
  void runLast(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    store.executeOnAgent(
        () -> {
          try {
            work.run();
            done.complete(null);
          } catch (Throwable e) { // whoever waits is told, whatever it is
            done.completeExceptionally(e);
          }
        });
    done.join();
  }

  private <T> T onAgent(Callable<T> work) {
    return store.onAgent(work);
  }

  private boolean isOurs(Path file, FileKind kind) {
    if (!DurableFiles.isFile(file)) {
      throw GroupFiles.damaged(file, "it is not there");
    }
    try (MappedRegion region = MappedRegion.mapReadOnly(file)) {
      return GroupFiles.isOurs(region, kind, file, store.id(), topic);
    }
  }

  private MappedRegion make(Path file, FileKind kind, long bytes) {
    Path temporary = temporary(file);
    MappedRegion region = allocate(temporary, kind, bytes);
    try {
      DurableFiles.rename(temporary, file);
      region.moved(file);
      return region;
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  private MappedRegion allocate(Path temporary, FileKind kind, long bytes) {
    DurableFiles.delete(temporary);
    DurableFiles.allocate(temporary, bytes);
    MappedRegion region = MappedRegion.map(temporary);
    try {
      GroupFiles.writeHeader(region, kind, store.id(), topic);
      return region;
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }
}
