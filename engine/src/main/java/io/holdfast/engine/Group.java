package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.group.LeaseHolder;
import io.holdfast.engine.group.ReadAhead;
import io.holdfast.engine.group.ReadyTopics;
import io.holdfast.storage.Signal;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * A consumer group gets every message of its topics and hands each to one of its consumers until it
 * is done. Its name and configuration hold for the whole store; what is done is known for each
 * topic. Thread-safe; it ends with its engine.
 */
public final class Group {
  private final Engine engine;
  private final GroupContext context;
  private final Attached attached;
  private volatile SortedSet<TopicPattern> patterns; // never changed once it is here
  private final Set<Consumer> consumers = ConcurrentHashMap.newKeySet();
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Members members;
  private final GroupRedrive redrive;
  private final GroupExpiry expiry;
  private volatile String ended; // why nothing goes on; null while it does; written once, by stop
  private final Pause pause;

  Group(
      Engine engine, GroupContext context, Path directory, SortedSet<TopicPattern> patterns) {
    this.engine = engine;
    this.context = context;
    this.patterns = patterns;
    this.attached = new Attached(engine, context, directory);
    this.members = new Members(context.config(), context.clock(), context.signal());
    Path redriven = directory.resolveSibling(InternalNames.redriveState(context.group()));
    this.pause = new Pause(context.store(), directory);
    this.redrive = new GroupRedrive(this, context, redriven);
    this.expiry =
        new GroupExpiry(
            context,
            engine.monotonic(),
            directory.resolve(GroupExpiry.NAME),
            this::isUnused,
            () -> engine.deletion().expired(this));
  }

  /** Whether time counts for an expiry: nobody is there, and nothing keeps it from being used. */
  boolean isUnused() {
    return consumers.isEmpty() && !pause.isPaused();
  }

  GroupExpiry expiry() {
    return expiry;
  }

  /**
   * Returns the group's name.
   *
   * @return the name
   */
  public String name() {
    return context.group();
  }

  /**
   * Returns the group's configuration.
   *
   * @return as it is stored
   */
  public GroupConfig config() {
    return context.config();
  }

  /**
   * Changes the configuration, at once for all topics and for consumers that are at work. What is
   * out keeps its deadline, and with it its ackTimeout, until it is extended; deliveries keep the
   * rules for errors that they came with.
   *
   * <p>These may be changed: ackTimeout, maxProcessing, maxAttempts, backoff, maxInFlight,
   * maxRetrying, maxRedrives, lookahead, expireAfter, the rules for errors, onPoison between SKIP
   * and BLOCK, loadSharing between ANY_FREE and ROUND_ROBIN.
   *
   * @param config all of it; it is stored, and on the device, before it holds
   * @return this
   * @throws io.holdfast.engine.error.ConfigurationMismatchException when it differs in what cannot
   *     be changed; it lists that, and nothing was changed
   */
  public Group update(GroupConfig config) {
    Objects.requireNonNull(config, "config");
    engine.change(
        () -> {
          checkOpen();
          GroupUpdate.check(name(), config(), config);
          engine.store(this, config);
        });
    return this;
  }

  /**
   * Attaches topics, from the oldest message on: those that are named, and those that match a
   * pattern, now or when they are made. A topic that is attached already stays as it is.
   *
   * <p>A pattern consists of tokens with dots between them: {@code *} stands for one token, {@code
   * >} at the end for all that follow, at least one. It is stored with the group, matches users'
   * topics only, and gives the group each new topic that matches from its first message on.
   *
   * @param namesOrPatterns of topics that exist, where they are names; dead-letter topics are
   *     topics too. For a wrong one nothing is changed
   * @return this
   * @throws io.holdfast.engine.error.UnknownTopicException when there is none of a name
   * @throws io.holdfast.storage.error.InvalidNameException for a pattern that is none, for the
   *     1,001st, and for a topic that holds what another group redrives
   * @throws io.holdfast.engine.error.DamagedGroupException when the group's state there is damaged
   */
  public Group topics(String... namesOrPatterns) {
    return topics(StartAt.earliest(), namesOrPatterns);
  }

  /**
   * Attaches topics, from a certain place on: messages before it count as done. A topic that is
   * attached already stays where it is; one that is made later and matches a pattern is attached
   * from its first message on.
   *
   * @param start where the group begins in topics that are there; a place that a topic does not
   *     have stands for the nearest one that it has
   * @param namesOrPatterns as for {@link #topics(String...)}, which throws the same
   * @return this
   */
  public Group topics(StartAt start, String... namesOrPatterns) {
    List<TopicPattern> asked = Joining.patterns(namesOrPatterns);
    engine.change(
        () -> {
          checkOpen();
          List<TopicLog> named = new ArrayList<>();
          for (String name : namesOrPatterns) {
            if (!TopicPattern.isPattern(name)) {
              named.add(engine.log(Names.attachable(name, name())));
            }
          }
          engine.joining().add(this, named, asked, start);
        });
    return this;
  }

  /**
   * Moves the group on one topic, forwards or backwards: what is before the place counts as done,
   * and everything from there on comes, or comes again, with attempts counted anew. Consumers may
   * be at work meanwhile. Their deliveries become {@link Settled#STALE}; in an order by key nobody
   * else gets a message of the key before a handler that is at work has returned. Messages on their
   * way to the dead letters become dead letters first. When this returns the device has it; a crash
   * in between leaves the group where it was, or moved.
   *
   * @param topic that the group has
   * @param to where it goes; a place that the topic does not have (any more) stands for the nearest
   *     one that it has
   * @return what was done
   * @throws io.holdfast.engine.error.UnknownTopicException when the group does not have it
   * @throws io.holdfast.storage.error.HoldfastException when a dead letter that waits cannot be
   *     written; the group is where it was
   */
  public SeekReport seek(String topic, StartAt to) {
    return attached.seek(attachedTopic(topic), Objects.requireNonNull(to, "to"));
  }

  /**
   * Moves the group on all its topics, that of redriven messages included, one after the other:
   * where one cannot be moved, those before it are.
   *
   * @param to where it goes
   * @return what was done, sorted by topic
   * @throws io.holdfast.storage.error.HoldfastException when a dead letter that waits cannot be
   *     written
   */
  public List<SeekReport> seek(StartAt to) {
    checkOpen();
    return attached.all().stream().map(topic -> attached.seek(topic, to)).toList();
  }

  /**
   * Says what a seek would do at this moment; changes nothing.
   *
   * @param topic that the group has
   * @param to where it would go
   * @return what a seek would report
   * @throws io.holdfast.engine.error.UnknownTopicException when the group does not have it
   */
  public SeekReport previewSeek(String topic, StartAt to) {
    return attachedTopic(topic).position().preview(to::offsetIn);
  }

  /**
   * Says what a seek on all topics would do at this moment; changes nothing.
   *
   * @param to where it would go
   * @return what a seek would report, sorted by topic
   */
  public List<SeekReport> previewSeek(StartAt to) {
    checkOpen();
    return attached.all().stream().map(topic -> topic.position().preview(to::offsetIn)).toList();
  }

  /**
   * Hands out nothing more until {@link #resume}, also after the store was opened again. What is
   * out may be settled, its leases run on, and dead letters are written. When this returns the
   * device has it.
   */
  public void pause() {
    checkOpen();
    expiry.changes(() -> pause.set(true));
  }

  /** Ends a pause; when this returns the device has it. Without a pause it changes nothing. */
  public void resume() {
    checkOpen();
    expiry.changes(() -> pause.set(false));
    signal().raise();
  }

  /**
   * Whether the group is paused.
   *
   * @return true from {@link #pause} to {@link #resume}
   */
  public boolean isPaused() {
    return pause.isPaused();
  }

  /**
   * Makes another group, with the same configuration, patterns and topics, which is done with what
   * this one is done with: of each topic as of one moment while this runs. What is out, or waits
   * for a retry, or was redriven and is not done, is not: the first two come to the new group, as
   * new. Its counts begin at 0, and it is not paused. When this returns the device has it; a crash
   * in between leaves nothing.
   *
   * @param name as for {@link Engine#group(String, GroupConfig)}
   * @return the new group
   * @throws io.holdfast.engine.error.GroupExistsException when there is one of this name
   * @throws io.holdfast.storage.error.InvalidNameException when the name does not fit, or differs
   *     from another one in case only
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was made
   */
  public Group fork(String name) {
    return engine.fork(this, Names.plain("group", name));
  }

  /**
   * Leaves topics, and forgets patterns. What the group has done in a topic is forgotten, too, and
   * what was redriven there; should it come back, it begins with the oldest message. Deliveries
   * that are out can no longer be settled. The dead letters stay where they are.
   *
   * <p>A pattern goes together with the topics that match it, and no other pattern of the group.
   *
   * @param namesOrPatterns of topics that the group has, or patterns; one that it does not have is
   *     passed over
   * @return this
   * @throws io.holdfast.engine.error.UnknownTopicException when the group does not have a topic
   * @throws io.holdfast.storage.error.InvalidNameException for a topic that a pattern of the group
   *     would bring back; nothing was changed
   */
  public Group removeTopics(String... namesOrPatterns) {
    engine.change(
        () -> {
          checkOpen();
          engine.deletion().leave(this, namesOrPatterns);
        });
    return this;
  }

  /**
   * Returns the patterns that the group has.
   *
   * @return sorted
   */
  public List<String> patterns() {
    return patterns.stream().map(TopicPattern::text).toList();
  }

  /**
   * Returns the topics that are attached.
   *
   * @return their names, sorted; a topic of redriven messages is attached by itself
   */
  public List<String> topicNames() {
    return attached.all().stream().map(topic -> topic.log().name()).toList();
  }

  /**
   * Returns a consumer.
   *
   * @param name letters, digits, '_' and '-', at most 64; for people
   * @return to be closed
   * @throws AlreadyClosedException when the engine is closed
   */
  public Consumer consumer(String name) {
    return open(new Consumer(this, Names.plain("consumer", name), null));
  }

  /**
   * Returns a consumer that waits for messages in the way of an idle strategy instead of parking.
   * One that spins answers soonest and takes a core while it waits.
   *
   * @param name letters, digits, '_' and '-', at most 64; for people
   * @param idles gives one where a receive has to wait and none is free, on the thread that waits;
   *     they need not be thread-safe
   * @return to be closed
   * @throws AlreadyClosedException when the engine is closed
   */
  public Consumer consumer(String name, Supplier<? extends IdleStrategy> idles) {
    Objects.requireNonNull(idles, "idles");
    return open(new Consumer(this, Names.plain("consumer", name), idles));
  }

  private Consumer open(Consumer consumer) {
    checkOpen();
    expiry.changes(() -> consumers.add(consumer));
    expiry.used();
    if (ended != null) {
      consumer.stopReceiving();
    }
    return consumer;
  }

  /**
   * Starts to handle messages on threads of the engine, or on those of an executor.
   *
   * @param handler called for each delivery, by several threads at once
   * @param config how many at once, and where
   * @return to be closed
   */
  public Subscription subscribe(DeliveryHandler handler, SubscribeConfig config) {
    return start(Handling.untilReturn(handler), Subscription.threads(config), config);
  }

  /**
   * Starts to handle messages with a handler that does not wait for its work: no thread is blocked
   * while its stage is not complete. The message is settled on the thread that completes the stage.
   *
   * <p>The lease lasts until the stage completes, up to maxProcessing; then the attempt counts as a
   * timeout and the stage's future is cancelled, where it can be. A stage that goes on all the same
   * keeps its place among those that may run at once.
   *
   * @param handler called for each delivery, on the executor, or without one by a single thread of
   *     the engine: it should return soon
   * @param config how many stages may be incomplete at once, and where the handler is called
   * @return to be closed
   */
  public Subscription subscribeAsync(AsyncDeliveryHandler handler, SubscribeConfig config) {
    return start(Objects.requireNonNull(handler, "handler"), 1, config);
  }

  /**
   * Starts to handle messages in transactions: what the step returns is sent, and the message is
   * acked, in one; so each message has its outputs exactly once. What the step or the commit throws
   * is an exception of the handler: the message is nacked; for want of room it is given back.
   *
   * @param step called for each delivery, by several threads at once
   * @param config how many at once, and where
   * @return to be closed
   */
  public Subscription process(ProcessStep step, SubscribeConfig config) {
    return subscribe(processing(step), config);
  }

  private Subscription start(AsyncDeliveryHandler handler, int threads, SubscribeConfig config) {
    checkOpen();
    Subscription subscription = new Subscription(this, handler, threads, config);
    subscriptions.add(subscription);
    context.readAhead().opened(config.buffer());
    subscription.start();
    if (ended != null) {
      subscription.stop();
    }
    return subscription;
  }

  /**
   * Returns the keys of a topic whose messages go to the dead letters, because one of them did.
   *
   * @param topic that the group has
   * @return sorted; empty unless the group's {@link Ordering.OnPoison} is DEAD_LETTER_REST_OF_KEY
   * @throws io.holdfast.engine.error.UnknownTopicException when the group does not have it
   */
  public SortedSet<String> poisonedKeys(String topic) {
    return attachedTopic(topic).poisonedKeys();
  }

  /**
   * Hands out again what comes with a key; what went to the dead letters stays there. When this
   * returns the device has it.
   *
   * @param topic that the group has
   * @param key that is poisoned
   * @return false where it was not; nothing was changed
   * @throws io.holdfast.engine.error.UnknownTopicException when the group does not have it
   */
  public boolean resumeKey(String topic, String key) {
    return attachedTopic(topic).resumeKey(key);
  }

  GroupTopic attachedTopic(String name) {
    checkOpen();
    return attached.get(name);
  }

  /**
   * Returns what the group has before it, topic by topic.
   *
   * @return sorted by topic; each entry exact, all of them not of the same moment
   */
  public List<GroupStats> lag() {
    return attached.all().stream().map(GroupTopic::stats).toList();
  }

  /**
   * Sends dead letters back to this group, and to no other: each once, whatever crashes in between.
   * It looks at those that are there when it begins, so that what dies again waits for another
   * redrive. They come as messages of the topic that they were sent to, with attempts counted anew,
   * but not in their old place in an order.
   *
   * <p>Runs on the caller's thread until it is done; several redrives may run at once, and groups
   * receive meanwhile.
   *
   * @param topic that the messages were sent to
   * @param filter which dead letters
   * @param config how fast, how many, or whether to look only
   * @return what was done
   * @throws io.holdfast.engine.error.UnknownTopicException when there is no dead letter of this
   *     group and topic
   * @throws io.holdfast.engine.error.HoldfastInterruptedException when interrupted before a letter;
   *     what was done stays done
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; what was done stays
   *     done, and the letter at hand follows when there is room
   */
  public RedriveReport redrive(String topic, DeadLetterFilter filter, RedriveConfig config) {
    checkOpen();
    return redrive.run(Names.redrivable(topic), filter, config);
  }

  /**
   * Returns the dead letters that are still there, by what they died of. Reads all of them.
   *
   * @param topic that the messages were sent to
   * @return nothing where no message has died
   * @throws io.holdfast.engine.error.UnknownTopicException when there is no such topic
   */
  public DeadLetterSummary deadLetters(String topic) {
    engine.log(Names.redrivable(topic));
    return redrive.summary(topic);
  }

  @Override
  public String toString() {
    return "group " + name();
  }

  SortedSet<TopicPattern> patternSet() {
    return patterns;
  }

  /** They are stored by then. */
  void patternSet(SortedSet<TopicPattern> stored) {
    patterns = stored;
  }

  /** Has a configuration hold, which is stored by then. */
  void configure(GroupConfig stored) {
    context.live().set(stored);
    members.configure(stored);
    expiry.configure();
    attached.all().forEach(topic -> topic.configure(stored));
    signal().raise();
  }

  ReadyTopics ready() {
    return attached.ready();
  }

  TopicRuntime runtime(TopicLog log) {
    return engine.runtime(log);
  }

  Members members() {
    return members;
  }

  Signal signal() {
    return context.signal();
  }

  void attach(TopicLog log) {
    attach(log, StartAt.earliest());
  }

  void attach(TopicLog log, StartAt start) {
    attached.attach(log, start, this::checkOpen);
  }

  /** Does work under the engine's lock for changes. */
  void change(Runnable work) {
    engine.change(work);
  }

  /** Closes what is open on a topic; a group that does not have it has nothing to do. */
  void detach(String topic) {
    detach(topic, false);
  }

  /** As above; of a dead-letter topic perhaps only what is known of its redrives. */
  void detach(String topic, boolean redrivesOnly) {
    if (!redrivesOnly) {
      attached.detach(topic);
    }
    redrive.close(topic);
  }

  /** Opens what is known of the redrives of a dead-letter topic. */
  void attachRedrive(TopicLog letters) {
    redrive.open(letters);
  }

  /** Takes from the topics that may have something, each in its turn. */
  void take(int max, LeaseHolder holder, List<Lease> into) {
    checkOpen();
    attached.take(pause, max, holder, into);
  }

  Processing processing(ProcessStep step) {
    return new Processing(engine, step);
  }

  /** Makes the states of another group, which is done with the same, and has it begin. */
  void copyTo(Path other, Runnable begin) {
    attached.copyTo(other, begin);
  }

  /** Finds what a consumer has out; null where it does not have it. */
  Lease held(LeaseHolder holder, Predicate<Lease> wanted) {
    checkOpen();
    return attached.held(holder, wanted);
  }

  void releaseAll(LeaseHolder holder) {
    attached.all().forEach(topic -> topic.releaseAll(holder));
  }

  void forget(Consumer consumer) {
    expiry.changes(() -> consumers.remove(consumer));
  }

  void forget(Subscription subscription) {
    subscriptions.remove(subscription);
    context.readAhead().closed(subscription.config().buffer());
  }

  ReadAhead readAhead() {
    return context.readAhead();
  }

  /** Hands out nothing more; who waits is told why. */
  void stop(String why) {
    ended = ended == null ? why : ended;
    redrive.stop();
    subscriptions.forEach(Subscription::stop);
    consumers.forEach(Consumer::stopReceiving);
  }

  boolean hasEnded() {
    return ended != null;
  }

  List<Subscription> subscriptions() {
    return new ArrayList<>(subscriptions);
  }

  /** Gives back what consumers hold and unmaps the files. */
  void close() {
    List.copyOf(consumers).forEach(Consumer::close);
    attached.closeBehind(List.of(redrive::close, expiry));
  }

  void checkOpen() {
    if (ended != null) {
      throw new AlreadyClosedException(ended);
    }
  }
}
