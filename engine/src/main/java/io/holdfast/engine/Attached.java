package io.holdfast.engine;

import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.group.LeaseHolder;
import io.holdfast.engine.group.ReadyTopics;
import io.holdfast.engine.group.TopicSignal;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.agrona.CloseHelper;

/** The topics that a group has, each with its state. Thread-safe. */
final class Attached {
  private final Engine engine;
  private final GroupContext context;
  private final Path directory;
  private final ReentrantLock attaching = new ReentrantLock();
  private final NavigableMap<String, GroupTopic> byName = new TreeMap<>(); // guarded by attaching
  private volatile List<GroupTopic> all = List.of(); // written under attaching, read by all
  private final Map<String, TopicSignal> signals = new HashMap<>(); // guarded by attaching
  private final ReadyTopics ready;

  Attached(Engine engine, GroupContext context, Path directory) {
    this.engine = engine;
    this.context = context;
    this.directory = directory;
    this.ready = new ReadyTopics(context.signal());
  }

  /** Returns them, sorted by name. */
  List<GroupTopic> all() {
    return all;
  }

  /** Returns one of them. */
  GroupTopic get(String name) {
    for (GroupTopic groupTopic : all) {
      if (groupTopic.log().name().equals(name)) {
        return groupTopic;
      }
    }
    throw new UnknownTopicException(
        "group " + context.group() + " has no topic " + name + "; it has "
            + all.stream().map(topic -> topic.log().name()).toList());
  }

  ReadyTopics ready() {
    return ready;
  }

  /** Moves the group; nothing is dropped meanwhile that it is about to need. */
  SeekReport seek(GroupTopic topic, StartAt to) {
    TopicRuntime runtime = engine.runtime(topic.log());
    return engine
        .transactions()
        .whileNone(() -> runtime.whileKept(() -> topic.position().seek(to::offsetIn)));
  }

  /** Takes from the topics that may have something, but while the group is paused. */
  void take(Pause pause, int max, LeaseHolder holder, List<Lease> into) {
    if (pause.isPaused()) {
      return;
    }
    int before = into.size();
    ready.take(max, holder, into);
    if (pause.isPaused()) { // since the last look
      List<Lease> late = into.subList(before, into.size());
      late.forEach(lease -> lease.groupTopic().release(lease, 0));
      late.clear();
    }
  }

  /** Opens the state on a topic, or makes it; one that is there stays as it is. */
  void attach(TopicLog log, StartAt start, Runnable checkOpen) {
    attaching.lock();
    try {
      checkOpen.run();
      if (!byName.containsKey(log.name())) {
        TopicRuntime topic = engine.runtime(log);
        Path state = directory.resolve(log.name());
        TopicSignal signal = ready.signal();
        GroupTopic opened = topic.open(context.with(signal), state, start);
        byName.put(log.name(), opened);
        signals.put(log.name(), signal);
        all = List.copyOf(byName.values());
        ready.add(signal, opened);
        context.signal().raise();
      }
    } finally {
      attaching.unlock();
    }
  }

  /** Closes the state on a topic, where the group has it. */
  void detach(String topic) {
    GroupTopic removed = null;
    attaching.lock();
    try {
      if (byName.containsKey(topic)) {
        removed = byName.remove(topic);
        ready.remove(signals.remove(topic));
        all = List.copyOf(byName.values());
      }
    } finally {
      attaching.unlock();
    }
    if (removed != null) {
      removed.close();
    }
  }

  /** Finds what a consumer has out; null where it does not have it. */
  Lease held(LeaseHolder holder, Predicate<Lease> wanted) {
    for (GroupTopic groupTopic : all) {
      Lease lease = groupTopic.held(holder, wanted);
      if (lease != null) {
        return lease;
      }
    }
    return null;
  }

  /**
   * Makes the states of another group, which is done with the same, and has it begin. Until it is
   * there nothing is dropped that it needs.
   */
  void copyTo(Path other, Runnable begin) {
    Runnable kept =
        () -> {
          copyTo(other);
          begin.run();
        };
    for (GroupTopic topic : all) {
      Runnable inner = kept;
      kept =
          () ->
              engine
                  .runtime(topic.log())
                  .attach(
                      groups -> {
                        inner.run();
                        return null;
                      });
    }
    kept.run();
  }

  private void copyTo(Path other) {
    for (GroupTopic topic : all) {
      String name = topic.log().name();
      if (!InternalNames.isRetry(name)) { // its messages were redriven to this group alone
        topic.position().copyTo(context.store(), other.resolve(name));
      }
    }
  }

  /** Closes these first, then all states, whatever one of them throws. */
  void closeBehind(List<AutoCloseable> first) {
    List<AutoCloseable> closings = new ArrayList<>(first);
    attaching.lock();
    try {
      closings.addAll(all);
      CloseHelper.closeAll(closings);
    } finally {
      attaching.unlock();
    }
  }
}
