package io.holdfast.engine;

import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.ProducerNameInUseException;
import io.holdfast.engine.error.UnknownGroupException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.engine.group.ClockWatch;
import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.engine.group.ForcedNames;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.ReadAhead;
import io.holdfast.engine.group.Suspects;
import io.holdfast.engine.group.Threads;
import io.holdfast.storage.Signal;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.TopicDeletedException;
import io.holdfast.storage.file.JvmFlags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * An engine is an open store: its topics, producers and groups. One process at a time has a store
 * open. Thread-safe.
 *
 * <p>Opening recovers whatever the last process left behind, be it by a close, a crash or a power
 * cut.
 */
public final class Engine implements AutoCloseable {
  private final EngineConfig config;
  private final Store store;
  private final GroupTimer timer;
  private final Suspects suspects = new Suspects();
  private final ForcedNames forcedNames = new ForcedNames();
  private final TopicRuntimes runtimes;
  private final ExpiringSends sends = new ExpiringSends();
  private final RetentionThread retention;
  private final Events events;
  private final ClockWatch clockWatch;
  private final GroupDirectory groups;
  private final Joining joining;
  private final Deletion deletion;
  private final Transactions transactions;
  private final EngineClose closing;
  private final ReentrantLock changing = new ReentrantLock(); // topics and groups are made under it
  private final Map<String, Producer> producers = new ConcurrentHashMap<>(); // by topic and name

  private Engine(
      Store store, EngineConfig config, Consumer<DeadLetterStep> steps, DelayLimits delays) {
    this.store = store;
    this.config = config;
    this.timer = new GroupTimer(store.clock());
    this.events =
        new Events(config.listener().orElse(null), config.monotonic(), config.closeTimeout());
    this.clockWatch = new ClockWatch(config.clock(), config.monotonic(), events);
    timer.add(clockWatch);
    this.retention = new RetentionThread(store.clock());
    this.transactions = new Transactions(this, store, config.maxTransactionBytes());
    this.runtimes =
        new TopicRuntimes(
            new TopicServices(
                store,
                store.clock(),
                config.monotonic(),
                clockWatch,
                timer,
                delays,
                events,
                retention,
                transactions::mayDrop));
    this.groups =
        new GroupDirectory(
            this, store, suspects, forcedNames, (name, of) -> context(name, of, steps));
    this.joining = new Joining(store, groups);
    this.deletion =
        new Deletion(this, store, groups, runtimes, producers, config.closeTimeout());
    this.closing =
        new EngineClose(
            config.closeTimeout(),
            store,
            timer,
            groups,
            runtimes,
            retention,
            producers,
            transactions,
            events,
            changing);
  }

  /**
   * Opens a store with the default configuration.
   *
   * @param directory of the store; made where it is missing
   * @return to be closed
   */
  public static Engine open(Path directory) {
    return open(directory, EngineConfig.defaults());
  }

  /**
   * Opens a store, or makes one in a directory that is missing or empty.
   *
   * @param directory of the store
   * @param config how
   * @return to be closed
   * @throws io.holdfast.storage.error.JvmFlagsException when the JVM lacks flags; it gives them
   * @throws io.holdfast.storage.error.StoreInUseException when a process has it open; names the pid
   * @throws io.holdfast.storage.error.NotAStoreException when the directory holds something else
   * @throws io.holdfast.storage.error.FormatVersionException when a newer version wrote it
   */
  public static Engine open(Path directory, EngineConfig config) {
    return open(directory, config, step -> {});
  }

  /** As above; tests are told of the steps of dead letters. */
  static Engine open(Path directory, EngineConfig config, Consumer<DeadLetterStep> steps) {
    return open(directory, config, steps, DelayLimits.DEFAULTS);
  }

  /** As above; tests have small indexes of delayed messages. */
  static Engine open(
      Path directory, EngineConfig config, Consumer<DeadLetterStep> steps, DelayLimits delays) {
    JvmFlags.check();
    // Opening goes through channels, which an interrupt of the caller would close under it.
    return Threads.callUninterruptibly(
        "holdfast-open", () -> openHere(directory, config, steps, delays));
  }

  private static Engine openHere(
      Path directory, EngineConfig config, Consumer<DeadLetterStep> steps, DelayLimits delays) {
    Store store = Store.open(directory, new StoreConfig(config.clock()));
    Engine engine = null;
    try {
      engine = new Engine(store, config, steps, delays);
      engine.deletion.clear();
      engine.transactions.readAcks();
      engine.runtimes.openAll();
      engine.groups.openAll();
      engine.transactions.apply(engine.groups.isWhole());
      engine.groups.judge(); // a dead letter must not take an offset that was acked
      engine.timer.tick();
      engine.timer.start();
      engine.runtimes.all().forEach(TopicRuntime::askRetention);
      engine.retention.start();
      return engine;
    } catch (RuntimeException | Error e) {
      List<AutoCloseable> closings = new ArrayList<>();
      if (engine != null) {
        closings.addAll(List.of(engine.groups::closeAll, engine.runtimes, engine.events));
      }
      closings.add(store);
      try {
        CloseHelper.closeAll(closings); // all, else nobody could open the store in this process
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /**
   * Returns a topic, which is made if there is none of this name. Once this returns, the topic is
   * on the device, and every group with a pattern that matches it has it from its first message on.
   *
   * @param name a letter or digit, then at most 127 of letters, digits, '.', '_' and '-'; not
   *     ending in {@code .dlq}, {@code .retry} or {@code .dead}, not beginning with {@code bus.}
   * @param topicConfig what it is made with
   * @return the topic
   * @throws io.holdfast.engine.error.ConfigurationMismatchException when there is one with another
   *     configuration; it lists the differences
   * @throws InvalidNameException when the name does not fit
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was made
   */
  public Topic topic(String name, TopicConfig topicConfig) {
    Names.userTopic(name);
    Objects.requireNonNull(topicConfig, "topicConfig");
    checkOpen();
    changing.lock();
    try {
      checkOpen(); // a close waits for the lock: nothing is made behind it
      Optional<TopicLog> existing = store.topic(name);
      if (existing.isEmpty()) {
        return new Topic(this, make(name, topicConfig));
      }
      Topic topic = topic(name);
      Differences.refuse(
          "topic " + name,
          topic.config().toProperties(),
          topicConfig.toProperties(),
          "; what a topic is made with is fixed, so for anything else make another one");
      return topic;
    } finally {
      changing.unlock();
    }
  }

  /**
   * Returns a topic that exists, one that the engine made as well.
   *
   * @param name of the topic
   * @return the topic
   * @throws UnknownTopicException when there is none
   * @throws io.holdfast.storage.error.DamagedTopicException when recovery refused it
   */
  public Topic topic(String name) {
    return new Topic(this, log(Names.topic(name)));
  }

  /**
   * Returns the names of the topics.
   *
   * @return sorted; damaged topics and those that the engine made included, but for the log of
   *     transactions
   */
  public List<String> topics() {
    checkOpen();
    return store.topicNames().stream().filter(name -> !Names.isTransactions(name)).toList();
  }

  /**
   * Begins a transaction. It costs nothing until its commit, and holds nothing.
   *
   * @return to be closed, which rolls it back unless it is committed
   */
  public Transaction transaction() {
    checkOpen();
    return transactions.begin();
  }

  /**
   * Returns a group, which is made if there is none of this name.
   *
   * @param name a letter or digit, then at most 63 of letters, digits, '_' and '-'
   * @param groupConfig what it is made with
   * @return the group
   * @throws io.holdfast.engine.error.ConfigurationMismatchException when there is one with another
   *     configuration; it lists the differences, and {@link Group#update} changes it
   * @throws InvalidNameException when the name does not fit, or differs from another one in case
   *     only
   */
  public Group group(String name, GroupConfig groupConfig) {
    Names.plain("group", name);
    Objects.requireNonNull(groupConfig, "groupConfig");
    checkOpen();
    changing.lock();
    try {
      checkOpen(); // as above
      return groups.getOrMake(name, groupConfig);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Returns a group that exists.
   *
   * @param name of the group
   * @return the group
   * @throws UnknownGroupException when there is none
   */
  public Group group(String name) {
    Names.plain("group", name);
    checkOpen();
    return groups
        .get(name)
        .orElseThrow(
            () ->
                new UnknownGroupException(
                    "there is no group " + name + " in " + store.directory() + "; there are "
                        + groups.names()));
  }

  /**
   * Deletes a topic with its messages, its dead letters and redriven messages, with what nobody was
   * there for, and with what groups have done there. Once this returns it is gone. Its producers
   * are closed after what is pending was sent, and whoever reads it or has deliveries of it is
   * told.
   *
   * <p>A topic that is made under the name again is another one: it has another number, and groups
   * begin with its first message.
   *
   * @param name of a user's topic, also of a damaged one; or of dead letters or redriven messages
   *     of a group, or what nobody was there for of a topic, that is not there any more
   * @throws UnknownTopicException when there is none
   * @throws InvalidNameException for a topic that the engine still writes to; nothing was deleted
   */
  public void deleteTopic(String name) {
    Names.topic(name);
    checkOpen();
    deletion.topic(name);
  }

  /**
   * Deletes a group with all that it has done, and with what was redriven to it. Once this returns
   * it is gone. Its consumers and subscriptions end; handlers have the engine's closeTimeout for
   * that, and are then interrupted, but for one that calls this.
   *
   * <p>Dead letters stay, as topics to be read or deleted. A group that is made under the name
   * again begins anew, and may have all of them redriven.
   *
   * @param name of the group, also of a damaged one
   * @throws UnknownGroupException when there is none
   */
  public void deleteGroup(String name) {
    Names.plain("group", name);
    checkOpen();
    deletion.group(name);
  }

  /**
   * Returns the names of the groups.
   *
   * @return sorted
   */
  public List<String> groups() {
    checkOpen();
    return groups.names();
  }

  /**
   * Says that the clock is right as it is now. After a jump of more than an hour nothing expires
   * until the clock has come back or this is called; see {@link EngineEvent.ClockJumped}. Without a
   * jump it changes nothing.
   */
  public void trustClock() {
    checkOpen();
    clockWatch.trust();
    timer.wake();
    runtimes.all().forEach(TopicRuntime::askRetention);
  }

  /**
   * Ends all work and frees the store: nothing more is handed out, running handlers have
   * closeTimeout to end and are then interrupted, pending sends are sent, deliveries that are out
   * are given back. A second call waits for the first. From a handler or a callback it returns at
   * once and the rest follows; from what completes a stage it waits up to closeTimeout, and the
   * message of that stage is given back.
   *
   * @throws io.holdfast.storage.error.StorePoisonedException when a force has failed; all is closed
   */
  @Override
  public void close() {
    closing.close();
  }

  @Override
  public String toString() {
    return "engine of " + store.directory();
  }

  /** Does what is due by the clock, for tests with a clock of their own. */
  void tick() {
    timer.tick();
    transactions.tick();
    retention.tick();
  }

  private TopicLog make(String name, TopicConfig topicConfig) {
    joining.expect(name); // before others can see it
    TopicLog made;
    try {
      made = store.createTopic(name, topicConfig.settings());
    } catch (RuntimeException | Error e) {
      joining.forget(name);
      throw e;
    }
    runtimes.of(made);
    joining.join(made);
    return made;
  }

  /** Waits for what the store's agent has been given, for tests that look at its files. */
  void awaitAgent() {
    store.onAgent(() -> null);
  }

  TopicLog log(String name) {
    checkOpen();
    TopicLog log =
        store
            .topic(name)
            .orElseThrow(
                () ->
                    new UnknownTopicException(
                        "there is no topic " + name + " in " + store.directory()
                            + "; make it with engine.topic(name, config)"));
    if (joining.isPending(name)) {
      change(() -> joining.join(log)); // whoever made it has failed at that, or is about to do it
    }
    return log;
  }

  void store(Group group, GroupConfig groupConfig) {
    groups.store(group, groupConfig, group.patternSet());
  }

  NanoClock monotonic() {
    return config.monotonic();
  }

  Transactions transactions() {
    return transactions;
  }

  EpochClock clock() {
    return store.clock();
  }

  ExpiringSends sends() {
    return sends;
  }

  void checkNotClosing() {
    checkOpen();
  }

  Events events() {
    return events;
  }

  Deletion deletion() {
    return deletion;
  }

  Group fork(Group source, String name) {
    changing.lock();
    try {
      checkOpen();
      return groups.fork(source, name);
    } finally {
      changing.unlock();
    }
  }

  Joining joining() {
    return joining;
  }

  /** Does work that changes which topics and groups there are, or which topics groups have. */
  void change(Runnable work) {
    changing.lock();
    try {
      checkOpen();
      work.run();
    } finally {
      changing.unlock();
    }
  }

  TopicRuntime runtime(TopicLog log) {
    checkOpen();
    if (store.topic(log.name()).orElse(null) != log) { // what is shared would be another topic's
      throw new UnknownTopicException(
          "topic " + log.name() + " was deleted; where it was made anew, ask the engine for it");
    }
    return runtimes.of(log);
  }

  Producer producer(TopicLog log, ProducerConfig producerConfig) {
    checkOpen();
    String key = Names.writable(log.name()) + "/" + producerConfig.name();
    log.checkOpen(); // it may have been deleted
    TopicRuntime runtime = runtime(log);
    // Only itself: a second close must not take out another producer that has the name by then.
    Producer producer =
        new Producer(
            log,
            runtime.gate(),
            producerConfig,
            new ProducerServices(store.clock(), config.monotonic(), timer, sends),
            runtime.dedup(),
            closed -> producers.remove(key, closed));
    if (producers.putIfAbsent(key, producer) != null) {
      throw new ProducerNameInUseException(
          "a producer " + producerConfig.name() + " of topic " + log.name()
              + " is open; share it, close it, or take another name");
    }
    if (closing.hasBegun()) {
      producer.close();
      checkOpen();
    }
    if (deletion.isGoing(log.name()) || store.topic(log.name()).orElse(null) != log) {
      producer.close();
      throw new TopicDeletedException(
          "topic " + log.name() + " was deleted; one that is made again is another topic");
    }
    return producer;
  }

  /** Refuses where a producer is open. */
  void checkNotOpen(TopicLog log, String producer) {
    if (producers.containsKey(log.name() + "/" + producer)) {
      throw new ProducerNameInUseException(
          "producer " + producer + " of topic " + log.name()
              + " is open; close it before it is forgotten. Nothing was done");
    }
  }

  GroupContext context(
      String name, GroupConfig groupConfig, Consumer<DeadLetterStep> steps) {
    return new GroupContext(
        name,
        new AtomicReference<>(groupConfig),
        store,
        store.clock(),
        config.seed(),
        new Signal(),
        timer,
        events,
        clockWatch,
        new ReadAhead(),
        sends,
        suspects,
        transactions.committed(),
        forcedNames,
        steps);
  }

  private void checkOpen() {
    if (closing.hasBegun()) {
      throw new AlreadyClosedException(this + " is closed");
    }
  }
}
