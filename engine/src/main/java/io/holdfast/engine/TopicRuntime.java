package io.holdfast.engine;

import io.holdfast.engine.dedup.DedupWindow;
import io.holdfast.engine.dedup.TopicDedup;
import io.holdfast.engine.delay.DelayIndex;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.Timed;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedTopicException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;

/**
 * What the engine keeps of one open topic beside its log, for all groups together. There is one for
 * each topic, from the opening of the store or the making of the topic until the engine is closed
 * or the topic deleted. Thread-safe.
 */
final class TopicRuntime implements Timed, AutoCloseable {
  private final TopicLog log;
  private final EpochClock clock;
  private final GroupTimer timer;
  private final AtomicBoolean isTimed = new AtomicBoolean(); // with the first delayed message
  private final DelayIndex delays;
  private final TopicGroups groups = new TopicGroups();
  private final TopicKeeper keeper;
  private final TopicGate gate; // null where the topic has no limit and takes all
  private final RetentionThread retention;
  private final TopicDedup dedup;

  TopicRuntime(TopicLog log, TopicServices services, BooleanSupplier isWrittenTo) {
    TopicConfig config = config(log);
    this.log = log;
    this.clock = services.clock();
    this.timer = services.timer();
    this.delays = DelayIndex.open(services.store(), log, services.delays(), this::schedule);
    this.retention = services.retention();
    DedupWindow window =
        new DedupWindow(config.dedupWindow().toMillis(), config.dedupCount());
    this.dedup = TopicDedup.open(services.store(), log, clock, window);
    this.keeper =
        new TopicKeeper(
            log,
            config.retention(),
            groups,
            services.clock(),
            services.clockWatch(),
            services.events(),
            isWrittenTo,
            to -> services.mayDrop().test(log, to));
    keeper.beforeDrop(dedup::beforeDrop);
    groups.dropWhenNone(config.whenNoGroup() == WhenNoGroup.DROP);
    this.gate = TopicGate.isNeeded(config) ? gate(config, services) : null;
    if (gate == null) {
      groups.tell(this::askRetention, null, this::askRetention);
    } else {
      groups.tell(this::askRetention, gate.whenDone(), this::groupsChanged);
      keeper.whenDropped(gate::filesDropped);
    }
    log.files().limit(Math.min(config.maxBytes(), config.retention().atMostBytes()));
    log.files().whenRolled(this::rolled);
  }

  /** Under the append lock, so that it only asks for work. */
  private void rolled() {
    askRetention();
    dedup.askCheckpoint();
  }

  private static TopicConfig config(TopicLog log) {
    try {
      return TopicConfig.of(log.settings());
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new DamagedTopicException(
          "the configuration of topic " + log.name() + " makes no sense: " + e.getMessage()
              + ". The topic is refused, the others are open; mend its topic.properties, or open"
              + " it with the version that wrote it",
          e);
    }
  }

  private TopicGate gate(TopicConfig config, TopicServices services) {
    DeadTopic dead =
        config.whenNoGroup() == WhenNoGroup.DEAD_TOPIC
            ? new DeadTopic(services.store(), log, InternalNames.dead(log.name()))
            : null;
    return new TopicGate(log, config, groups, keeper, services, dead);
  }

  private void groupsChanged() {
    askRetention();
    gate.groupsChanged();
  }

  /** What users' messages pass, or null where nothing is in their way. */
  TopicGate gate() {
    return gate;
  }

  /** Has what the topic keeps no longer dropped soon; any thread, under any lock. */
  void askRetention() {
    retention.ask(keeper);
  }

  TopicGroups groups() {
    return groups;
  }

  /** Does work while nothing of the topic is dropped. */
  <T> T whileKept(Supplier<T> work) {
    return keeper.whileKept(work);
  }

  /** Opens a group's state, or makes it. */
  GroupTopic open(GroupContext context, Path state, StartAt start) {
    return attach(on -> GroupTopic.open(context, log, delays, state, on, start::offsetIn));
  }

  /** Has a group come to the topic; it begins behind what was dropped. */
  <T> T attach(Function<TopicGroups, T> open) {
    return gate == null
        ? keeper.whileKept(() -> open.apply(groups))
        : gate.whileRouted(() -> keeper.whileKept(() -> open.apply(groups)));
  }

  TopicLog log() {
    return log;
  }

  /** Its messages whose time has not come. */
  DelayIndex delays() {
    return delays;
  }

  /** What it remembers of the messages that it took. */
  TopicDedup dedup() {
    return dedup;
  }

  DelayedMessages delayed() {
    return DelayedMessages.of(delays, clock.time());
  }

  @Override
  public long tick() {
    return delays.tick(clock.time());
  }

  private void schedule(long time) {
    if (isTimed.compareAndSet(false, true)) {
      timer.add(this);
    }
    timer.schedule(time);
  }

  /** Unmaps and ends what belongs to the topic; no group is on it any more. */
  @Override
  public void close() {
    retention.forget(keeper);
    timer.remove(this);
    dedup.close();
    delays.close(); // the log itself is closed by the store
  }

  @Override
  public String toString() {
    return "topic " + log.name();
  }
}
