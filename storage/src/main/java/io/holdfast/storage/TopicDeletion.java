package io.holdfast.storage;

import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.TopicDeletedException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.StoreAgent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The end of a topic, in two steps, so that whoever keeps files beside it can delete them between.
 * Thread-safe.
 *
 * <p>Order: {@code topic.properties} gets the name {@code topic.deleted}, forced: the topic is
 * gone. Then the entry in the control file; at the second step all other files, and the mark last.
 * A crash before the first leaves the topic whole, after it a directory that the next opening knows
 * to be of a deleted topic. Its number is not given again, because the control file knows the
 * highest.
 */
public final class TopicDeletion {
  private static final Logger LOG = System.getLogger(TopicDeletion.class.getName());

  private final Store store;
  private final StoreDirectory directory;
  private final ControlFile control; // on the agent
  private final StoreAgent agent;
  private final ReentrantLock changing; // the store's, for what topics there are

  TopicDeletion(
      Store store,
      StoreDirectory directory,
      ControlFile control,
      StoreAgent agent,
      ReentrantLock changing) {
    this.store = store;
    this.directory = directory;
    this.control = control;
    this.agent = agent;
    this.changing = changing;
  }

  /**
   * Deletes a topic, also one that was refused. Once this returns it is gone, whatever happens, and
   * whoever has it in hand gets a {@link TopicDeletedException}. Its files go with {@link #finish},
   * after whatever belongs to it elsewhere.
   *
   * @param name of the topic
   * @return whether there was one
   * @throws StorageIoException when it could not be deleted; it is closed, and the next opening
   *     finds it whole or gone
   */
  public boolean begin(String name) {
    TopicName.check(name);
    store.checkNotOnAgent();
    changing.lock();
    try {
      store.checkUsable();
      TopicLog log = store.openLog(name);
      if (log != null) {
        log.delete();
      } else if (!store.topicNames().contains(name)) {
        return false;
      }
      store.flusher().call(() -> commit(name, log)); // which neither forces nor stores it then
      return true;
    } finally {
      changing.unlock();
    }
  }

  private Void commit(String name, TopicLog log) {
    agent.call(
        () -> {
          OptionalInt number = number(name, directory.topicFile(name));
          DurableFiles.rename(directory.topicFile(name), directory.deletedFile(name));
          forget(number);
          return null;
        });
    store.forget(name, log);
    return null;
  }

  /**
   * Topics that were deleted and whose files may still be there, because a process ended before
   * {@link #finish}.
   *
   * @return their names
   */
  public List<String> unfinished() {
    return store.onAgent(directory::deletedNames);
  }

  /**
   * Deletes the files of a topic that was deleted.
   *
   * @param name of the topic; nothing happens where there is no such file
   */
  public void finish(String name) {
    changing.lock();
    try {
      store.onAgent(() -> delete(name));
    } finally {
      changing.unlock();
    }
  }

  private Void delete(String name) {
    Path mark = directory.deletedFile(name);
    if (DurableFiles.isFile(mark) && !DurableFiles.isFile(directory.topicFile(name))) {
      forget(number(name, mark));
      directory.removeDeleted(name);
    }
    return null;
  }

  /** What whoever has a deleted topic in hand is told. */
  static TopicDeletedException error(TopicLog log) {
    return new TopicDeletedException(
        "topic " + log.name() + " (number " + log.number() + ") was deleted, and its messages with"
            + " it; a topic of that name that is made again is another one");
  }

  private void forget(OptionalInt number) {
    if (number.isPresent() && control.remove(number.getAsInt())) {
      control.write();
    }
  }

  /** What cannot be read leaves an entry in the control file, and nothing else. */
  private static OptionalInt number(String name, Path file) {
    try {
      return OptionalInt.of(TopicSettings.read(file, name).number());
    } catch (StorageIoException e) {
      throw e;
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, "the number of a topic that is deleted cannot be read", e);
      return OptionalInt.empty();
    }
  }
}
