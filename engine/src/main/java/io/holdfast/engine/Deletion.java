package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.UnknownGroupException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.storage.Store;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.StoreClosedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Deletes topics and groups: has everybody who uses them end, has them be gone in one durable step,
 * then deletes their files. Thread-safe.
 *
 * <p>Producers and handlers end before the engine's lock for changes is taken: what they still do
 * may need it.
 */
final class Deletion {
  private static final Logger LOG = System.getLogger(Deletion.class.getName());

  private final Engine engine;
  private final Store store;
  private final GroupDirectory groups;
  private final TopicRuntimes runtimes;
  private final Map<String, Producer> producers;
  private final Duration closeTimeout;
  private final Leftovers leftovers;
  private final Set<String> going = ConcurrentHashMap.newKeySet(); // topics that are being deleted

  Deletion(
      Engine engine,
      Store store,
      GroupDirectory groups,
      TopicRuntimes runtimes,
      Map<String, Producer> producers,
      Duration closeTimeout) {
    this.engine = engine;
    this.store = store;
    this.groups = groups;
    this.runtimes = runtimes;
    this.producers = producers;
    this.closeTimeout = closeTimeout;
    this.leftovers = new Leftovers(store);
  }

  /** Ends what the last process began; before anything else is opened. */
  void clear() {
    leftovers.clear();
  }

  /** Whether a topic is being deleted: it gets no producers any more. */
  boolean isGoing(String topic) {
    return !going.isEmpty() && going.contains(topic);
  }

  void topic(String name) {
    checkThere(name);
    checkSafe(name);
    List<String> all = withInternal(name);
    going.addAll(all);
    try {
      closeProducers(all);
      engine.change(
          () -> {
            checkThere(name); // somebody else may have been faster
            checkSafe(name);
            engine.transactions().whileNone(() -> goneTopic(name));
          });
    } finally {
      all.forEach(going::remove);
    }
  }

  private Void goneTopic(String name) {
    withInternal(name).forEach(this::detach);
    store.deletion().begin(name);
    leftovers.topic(name);
    return null;
  }

  private void checkThere(String name) {
    if (!store.topicNames().contains(name)) {
      throw new UnknownTopicException(
          "there is no topic " + name + " in " + store.directory() + ", so it was not deleted");
    }
  }

  /** The engine writes to its own topics as long as the group is there that they belong to. */
  private void checkSafe(String name) {
    if (Names.isUserTopic(name)) {
      return;
    }
    if (InternalNames.isDead(name)
        && store.topicNames().contains(InternalNames.sourceOf(name))) {
      throw new InvalidNameException(
          "topic " + name + " takes what is sent to topic " + InternalNames.sourceOf(name)
              + " while no group is there; it goes when that topic is deleted. Nothing was"
              + " deleted");
    }
    Optional<Group> owner =
        InternalNames.groupOf(name).filter(groups.names()::contains).flatMap(groups::get);
    if (owner.isPresent()) {
      throw new InvalidNameException(
          "topic " + name + " is one that the engine makes for " + owner.get()
              + "; it goes when that topic or group is deleted, and then by its own name. Nothing"
              + " was deleted");
    }
  }

  private List<String> withInternal(String name) {
    List<String> all = new ArrayList<>(List.of(name));
    store.topicNames().stream().filter(n -> InternalNames.isOf(n, name)).forEach(all::add);
    return all;
  }

  private void closeProducers(List<String> topics) {
    for (Producer producer : List.copyOf(producers.values())) {
      if (topics.contains(producer.topicName())) {
        producer.end("its topic was deleted");
      }
    }
  }

  private void detach(String topic) {
    groups.all().forEach(group -> group.detach(topic));
    runtimes.remove(topic);
  }

  void group(String name) {
    Optional<Group> found = groups.find(name);
    found.ifPresent(this::end);
    engine.change(() -> groupNow(name));
  }

  private void groupNow(String name) {
    Optional<Group> group = groups.find(name);
    if (group.isEmpty() && !groups.names().contains(name)) {
      throw new UnknownGroupException(
          "there is no group " + name + " in " + store.directory() + ", so it was not deleted");
    }
    group.filter(each -> !each.hasEnded()).ifPresent(this::end); // made, or expired, meanwhile
    engine.transactions().whileNone(name, () -> gone(group, name));
    for (TopicRuntime topic : runtimes.all()) { // what it held may go
      topic.groups().remove(name);
      topic.groups().remove(InternalNames.redriveState(name));
    }
    for (String topic : store.topicNames()) {
      if (InternalNames.isRetryOf(topic, name)) {
        detach(topic);
      }
    }
    leftovers.group(name);
  }

  private Void gone(Optional<Group> group, String name) {
    group.ifPresent(Group::close);
    groups.delete(name);
    return null;
  }

  /** Handlers have the engine's closeTimeout to end, and are interrupted then; not its own. */
  private void end(Group group) {
    group.stop(group + " was deleted");
    List<Subscription> others =
        group.subscriptions().stream().filter(each -> !each.isOwnThread()).toList();
    EngineClose.endHandlers(others, closeTimeout);
  }

  /** On a thread of its own: deletes a group whose time is over, where nobody has come since. */
  void expired(Group group) {
    try {
      engine.change(
          () -> {
            boolean isThere = groups.find(group.name()).orElse(null) == group;
            if (isThere && group.expiry().isOver()) {
              groupNow(group.name());
              engine.events().publish(Level.INFO, new EngineEvent.GroupExpired(group.name()));
            }
          });
    } catch (AlreadyClosedException | StoreClosedException e) {
      LOG.log(Level.DEBUG, group + " expires another time: the engine is closed", e);
    } catch (HoldfastException e) {
      LOG.log(Level.WARNING, group + " has expired and cannot be deleted; tried again", e);
    }
  }

  /** Has a group leave topics, and forget patterns; under the engine's lock for changes. */
  void leave(Group group, String... namesOrPatterns) {
    List<TopicPattern> patterns = Joining.patterns(namesOrPatterns);
    List<String> names = new ArrayList<>();
    for (String name : namesOrPatterns) {
      if (!TopicPattern.isPattern(name)) {
        names.add(Names.attachable(name, group.name()));
      }
    }
    Set<TopicPattern> kept = new TreeSet<>(group.patternSet());
    kept.removeAll(patterns);
    Set<String> leaving = new TreeSet<>();
    for (String name : names) {
      group.attachedTopic(name);
      if (InternalNames.isRetry(name)) {
        throw new InvalidNameException(
            "topic " + name + " has what was redriven to " + group + ", which leaves it with the"
                + " topic that the messages were sent to. Nothing was changed");
      }
      if (Joining.matches(kept, name)) {
        throw new InvalidNameException(
            group + " has a pattern among " + kept + " that matches topic " + name
                + ", which would bring it back; remove that pattern. Nothing was changed");
      }
      leaving.add(name);
    }
    for (String name : group.topicNames()) {
      if (Joining.matches(patterns, name) && !Joining.matches(kept, name)) {
        leaving.add(name);
      }
    }
    if (kept.size() < group.patternSet().size()) {
      groups.store(group, group.config(), new TreeSet<>(kept));
    }
    engine
        .transactions()
        .whileNone(
            () -> {
              leaving.forEach(name -> leave(group, name));
              return null;
            });
  }

  private void leave(Group group, String topic) {
    String letters = InternalNames.deadLetters(topic, group.name());
    if (Names.isUserTopic(topic)) {
      String retry = InternalNames.retry(letters);
      boolean redriven = store.topicNames().contains(retry);
      if (redriven) {
        detach(retry);
      }
      group.detach(letters, true); // its letters first: those that were redriven are in one of both
      leftovers.pair(InternalNames.redriveState(group.name()), letters);
      if (redriven) {
        leftovers.internalTopic(retry);
      }
      runtimes.left(InternalNames.redriveState(group.name()), letters);
    }
    group.detach(topic);
    leftovers.pair(group.name(), topic);
    runtimes.left(group.name(), topic); // what it held may go
  }
}
