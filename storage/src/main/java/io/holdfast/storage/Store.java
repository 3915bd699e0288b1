package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.error.StorePoisonedException;
import io.holdfast.storage.error.TopicExistsException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.FileSystemDoubt;
import io.holdfast.storage.file.JvmFlags;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.file.StoreAgent;
import io.holdfast.storage.file.StoreLock;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;

/**
 * A data directory and its topics, owned by one process. Thread-safe.
 *
 * <p>Opening always recovers: there is no mark of a clean shutdown to believe.
 */
public final class Store implements AutoCloseable {
  private final StoreDirectory directory;
  private final StoreConfig config;
  private final StoreLock lock;
  private final ControlFile control; // while opening, then the agent only
  private final StoreAgent agent; // names, control file, whatever the engine does with files
  private final StoreAgent allocatorAgent; // makes segments; waits for no other thread
  private final StoreAgent flusher; // forces and drops segments; waits for the agent at most
  private final StoreClock clock;
  private final SegmentAllocator allocator;
  private final Housekeeping housekeeping;
  private final int writerEpoch;
  private final ReentrantLock changing = new ReentrantLock(); // createTopic and close
  private final ConcurrentSkipListMap<String, TopicLog> logs = new ConcurrentSkipListMap<>();
  private final SortedMap<String, HoldfastException> refused = new ConcurrentSkipListMap<>();
  private final List<TopicRecovery> recovery = new ArrayList<>(); // set while opening
  private final AtomicReference<Throwable> poison = new AtomicReference<>();
  private volatile boolean closed; // written under changing, read anywhere

  private Store(StoreDirectory directory, StoreConfig config, StoreLock lock) {
    this.directory = directory;
    this.config = config;
    this.lock = lock;
    this.control = directory.openControl();
    this.clock = StoreClock.of(config.clock());
    IdleSegments idle = new IdleSegments(config.mappedSegments());
    this.allocator = new SegmentAllocator(directory.pool(), control.storeId(), idle, config);
    this.agent = new StoreAgent("holdfast-agent", this::poison);
    this.allocatorAgent = new StoreAgent("holdfast-allocator", this::poison);
    this.flusher = new StoreAgent("holdfast-flusher", this::poison);
    this.housekeeping = new Housekeeping(this, flusher, config.mappedSegments());
    try {
      allocator.clearPool();
      try (StoreRecovery all = new StoreRecovery(directory, control, allocator)) {
        control.raiseEpochAbove(all.scan());
        this.writerEpoch = control.writerEpoch();
        control.write(); // forced: no record is written under an epoch that could be given again
        all.recover(writerEpoch, clock.time()).forEach(this::take);
      }
      logs.values().forEach(this::reserveFor);
    } catch (RuntimeException | Error e) {
      closed = true;
      try {
        unmapAll();
      } finally {
        closeThreads();
      }
      throw e;
    }
  }

  /**
   * Opens a store, or makes one in a directory that is missing or empty. Logs a warning where its
   * file system is known not to keep what a store promises ({@link FileSystemDoubt}).
   *
   * @param directory of the store
   * @param config how
   * @return to be closed
   * @throws io.holdfast.storage.error.StoreInUseException when a process has it open; names the pid
   * @throws io.holdfast.storage.error.NotAStoreException when the directory holds something else
   * @throws io.holdfast.storage.error.DamagedStoreException when the control file is damaged
   * @throws io.holdfast.storage.error.FormatVersionException when a newer version wrote it
   * @throws io.holdfast.storage.error.DiskFullException when recovery needs room, for what a crash
   *     cut short; free some and open it again
   * @throws io.holdfast.storage.error.StorageIoException when a file cannot be read or written
   */
  public static Store open(Path directory, StoreConfig config) {
    JvmFlags.check();
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new HoldfastException("Holdfast needs a little-endian machine; this one is not");
    }
    StoreDirectory place = StoreDirectory.checked(directory);
    FileSystemDoubt.of(directory)
        .ifPresent(
            doubt ->
                System.getLogger(Store.class.getName()).log(System.Logger.Level.WARNING, doubt));
    StoreLock lock = StoreLock.take(directory);
    try {
      return new Store(place, config, lock);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens a store with the default configuration.
   *
   * @param directory of the store
   * @return to be closed
   */
  public static Store open(Path directory) {
    return open(directory, StoreConfig.defaults());
  }

  /** What recovery found of a topic, in the order of their names. */
  private void take(StoreRecovery.Recovered topic) {
    recovery.add(topic.outcome());
    if (topic.refusal() != null) {
      refused.put(topic.name(), topic.refusal());
      return;
    }
    Path path = directory.topic(topic.name());
    logs.put(
        topic.name(), new TopicLog(this, path, topic.name(), topic.stored(), topic.start()));
  }

  /**
   * Where the store is.
   *
   * @return as it was opened
   */
  public Path directory() {
    return directory.path();
  }

  /**
   * The store's identity, made with it.
   *
   * @return stands in every file
   */
  public UUID id() {
    return control.storeId();
  }

  /**
   * Counts the openings of this store for writing.
   *
   * @return stands in every record written since this opening
   */
  public int writerEpoch() {
    return writerEpoch;
  }

  /**
   * What gives messages their time.
   *
   * @return the configured clock; the system's is read once a millisecond
   */
  public EpochClock clock() {
    return clock;
  }

  /**
   * What recovery found, one entry a topic.
   *
   * @return by name, refused topics included
   */
  public List<TopicRecovery> recovery() {
    return List.copyOf(recovery);
  }

  /**
   * The topics.
   *
   * @return their names, sorted, refused ones included
   */
  public List<String> topicNames() {
    TreeMap<String, Boolean> names = new TreeMap<>();
    logs.keySet().forEach(name -> names.put(name, true));
    refused.keySet().forEach(name -> names.put(name, true));
    return List.copyOf(names.keySet());
  }

  /**
   * An existing topic.
   *
   * @param name of the topic
   * @return empty when there is none
   * @throws DamagedTopicException when recovery refused it, because it is damaged, cannot be read
   *     or is of a newer format; the cause says which
   */
  public Optional<TopicLog> topic(String name) {
    checkUsable();
    HoldfastException refusal = refused.get(name);
    if (refusal != null) {
      throw new DamagedTopicException(refusal.getMessage(), refusal);
    }
    return Optional.ofNullable(logs.get(name));
  }

  /**
   * Makes a topic. Once this returns, the topic is on the device.
   *
   * @param name see {@link TopicName}
   * @param settings what it is created with
   * @return the topic
   * @throws TopicExistsException when there is one of this name, or of one that differs in case
   *     only
   * @throws io.holdfast.storage.error.InvalidNameException when the name does not fit
   * @throws DiskFullException when there is no room; nothing was made
   */
  public TopicLog createTopic(String name, TopicSettings settings) {
    TopicName.check(name);
    changing.lock();
    try {
      checkUsable();
      for (String existing : topicNames()) {
        if (existing.equalsIgnoreCase(name)) {
          String caseOnly = ", which differs from '" + name + "' in case only";
          throw new TopicExistsException(
              "expected a new topic name, found the topic '%s' already%s"
                  .formatted(existing, existing.equals(name) ? "" : caseOnly));
        }
      }
      TopicLog log = agent.call(() -> create(name, settings));
      logs.put(name, log);
      reserveFor(log);
      return log;
    } finally {
      changing.unlock();
    }
  }

  /**
   * On the agent. Order: first segment in the pool (so that a full disk uses up no number), number
   * (forced), the segment's name, {@code topic.properties}: the topic exists with the last. A crash
   * before that leaves a directory that the next creation of this name clears, and a number that
   * nobody gets again.
   */
  private TopicLog create(String name, TopicSettings settings) {
    int capacity = Math.min(settings.segmentSize(), config.firstSegment());
    SegmentAllocator.Prepared ready = allocator.prepare(capacity, true);
    int number;
    Path path;
    try {
      number = addTopic();
      path = directory.makeTopic(name);
    } catch (RuntimeException | Error e) {
      ready.discard();
      throw e;
    }
    SegmentBegin begin = new SegmentBegin(number, 1, 0, clock().time(), 0);
    Segment first = allocator.use(ready, path, begin, writerEpoch, 0);
    settings.write(directory.topicFile(name), number, name);
    LogStart.Resume resume = new LogStart.Resume(first.growsFrom(), 0);
    return new TopicLog(
        this,
        path,
        name,
        new TopicSettings.Stored(number, settings),
        new LogStart(new SegmentList(first), resume, 0, 0, begin.baseTime()));
  }

  /**
   * The way to delete topics.
   *
   * @return of this store
   */
  public TopicDeletion deletion() {
    return new TopicDeletion(this, directory, control, agent, changing);
  }

  /** On the flusher: a topic does not exist any more. */
  void forget(String name, TopicLog log) {
    refused.remove(name);
    if (log != null) {
      logs.remove(name);
      housekeeping.forget(log, log.discard());
    }
  }

  /** Returns a topic that is open, or null, where {@link #topicNames} has the name or not. */
  TopicLog openLog(String name) {
    return logs.get(name);
  }

  /** Has the reserve hold what the topic's largest record needs. */
  private void reserveFor(TopicLog log) {
    int least = log.settings().leastSegment();
    allocatorAgent.execute(() -> allocator.reserve().ensure(least));
  }

  private int addTopic() {
    try {
      return control.addTopic();
    } catch (DiskFullException e) {
      throw e; // the file has its old size and content
    } catch (StorageIoException e) {
      poison(e); // a failed force is final
      throw e;
    }
  }

  /**
   * Makes a file of zeros, forced and mapped, and its directory where that is missing; runs on the
   * agent.
   *
   * @param file must not exist
   * @param bytes its size
   * @return the region, to be closed by the caller before the store
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing is left
   *     behind
   */
  public MappedRegion allocate(Path file, long bytes) {
    return onAgent(
        () -> {
          DurableFiles.makeDirectories(file.getParent());
          DurableFiles.allocate(file, bytes);
          try {
            DurableFiles.forceDirectory(file.getParent());
            return MappedRegion.map(file);
          } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(file); // else the next try would find it
            throw e;
          }
        });
  }

  /**
   * Does file work on the agent and waits for it; an interrupt breaks neither.
   *
   * @param work what to do; it must not wait for a lock whose holder waits for the agent
   * @param <T> what it gives
   * @return what it gave
   */
  public <T> T onAgent(Callable<T> work) {
    checkUsable();
    return agent.call(work);
  }

  /**
   * Does file work on the agent some time later.
   *
   * @param work what to do; a Throwable from it poisons the store
   */
  public void executeOnAgent(Runnable work) {
    agent.execute(work);
  }

  /**
   * Refuses when the store can no longer be used.
   *
   * @throws StorePoisonedException after a failed force
   * @throws StoreClosedException when it was closed
   */
  public void checkUsable() {
    Throwable cause = poison.get();
    if (cause != null) {
      throw new StorePoisonedException(
          directory.path()
              + ": a force or the agent failed, so what the device holds is unknown and nothing "
              + "more is written; find the cause, then open the store again: " + cause,
          cause);
    }
    if (closed) {
      throw new StoreClosedException(directory.path() + ": the store has been closed");
    }
  }

  /** Whether it is neither closed nor poisoned. */
  boolean isOpen() {
    return !closed && poison.get() == null;
  }

  /**
   * Ends all writing for good, because what the device holds is unknown. The first cause stays.
   *
   * @param cause what failed
   */
  public void poison(Throwable cause) {
    if (poison.compareAndSet(null, cause)) {
      System.getLogger(Store.class.getName())
          .log(System.Logger.Level.ERROR, directory.path() + ": the store is poisoned", cause);
      logs.values().forEach(TopicLog::raiseSignals); // whoever waits is told
    }
  }

  SegmentAllocator allocator() {
    return allocator;
  }

  StoreAgent allocatorAgent() {
    return allocatorAgent;
  }

  StoreAgent flusher() {
    return flusher;
  }

  StoreConfig config() {
    return config;
  }

  /** What waits for the flusher must not keep the agent, for which the flusher waits. */
  void checkNotOnAgent() {
    if (agent.isCurrent()) {
      throw new IllegalStateException("expected a thread other than the store's agent");
    }
  }

  /** Does work while none of the store's threads does any: for tests that look at the files. */
  <T> T atRest(Callable<T> work) {
    return flusher.call(() -> allocatorAgent.call(() -> agent.call(work)));
  }

  Iterable<TopicLog> logs() {
    return logs.values();
  }

  /** A topic's durable point rose, or a segment was sealed. */
  void durableMoved() {
    housekeeping.ask();
  }

  /** A topic's last segment was mapped to write on. */
  void woke() {
    housekeeping.woke();
  }

  /**
   * States durably that a topic begins with a segment. On the flusher.
   *
   * @param log the topic
   * @param kept the lowest that must be there from now on; the device has its begin record
   */
  void keepFrom(TopicLog log, Segment kept) {
    agent.call(
        () -> {
          long durable = Math.max(log.durableOffset(), kept.firstOffset());
          control.put(log.number(), new ControlFile.Entry(durable, kept.number()));
          writeControl();
          return null;
        });
  }

  /**
   * Stores the durable points that are not in the control file yet. On the flusher.
   *
   * @param topics whose durable points have been at rest
   */
  void storeDurable(List<TopicLog> topics) {
    agent.call(
        () -> {
          for (TopicLog log : topics) {
            control.put(
                log.number(),
                new ControlFile.Entry(
                    log.durableOffset(), control.entry(log.number()).firstSegment()));
          }
          writeControl();
          return null;
        });
  }

  private void writeControl() {
    try {
      control.write();
    } catch (RuntimeException e) {
      poison(e); // a failed force is final
      throw e;
    }
  }

  /**
   * Forces what was appended, stores the durable offsets, unmaps, frees the lock. A second call
   * does nothing. Readers that are still open keep the memory they stand in until they are closed.
   *
   * @throws StorePoisonedException when a force or a thread of the store failed, whoever was told
   *     so before: what was appended is not forced; everything else was done
   */
  @Override
  public void close() {
    changing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      logs.values().forEach(TopicLog::refuseAppends);
      try {
        flusher.close(); // ends before the agent, because it waits for that
        allocatorAgent.close();
        agent.call(this::closeTopics);
      } finally {
        closeThreads();
        MappedRegion.awaitUnmapped();
        lock.close();
      }
      if (poison.get() != null) {
        checkUsable(); // always: who was told before may have been a thread that only logs it
      }
    } finally {
      changing.unlock();
    }
  }

  private void closeThreads() {
    flusher.close();
    allocatorAgent.close();
    agent.close();
    clock.close();
  }

  /** On the agent. */
  private Void closeTopics() {
    boolean force = poison.get() == null;
    RuntimeException failure = null;
    for (TopicLog log : logs.values()) {
      try {
        log.close(force);
        if (force) {
          control.put(
              log.number(),
              new ControlFile.Entry(log.durableOffset(), log.segments().first().number()));
        }
      } catch (RuntimeException e) { // the other topics are unmapped all the same
        poison(e);
        force = false;
        failure = e;
      }
    }
    allocator.close();
    if (failure != null) {
      throw failure;
    }
    if (force) {
      control.write();
    }
    return null;
  }

  private void unmapAll() {
    for (TopicLog log : logs.values()) {
      log.close(false);
    }
    allocator.close();
  }
}
