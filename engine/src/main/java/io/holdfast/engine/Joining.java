package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.InvalidNameException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which topics groups have: those that were named, and those that match a pattern, whichever came
 * first. All of it is done under the engine's lock for changes, but for {@link #isPending}.
 *
 * <p>A pattern is stored when the topics that are there are attached, and a topic that a pattern
 * matches is handed to nobody before it is attached. So a crash in between leaves nothing that the
 * next opening does not make good, before anything can be appended, or that the caller was told.
 */
final class Joining {
  static final int MOST_PATTERNS = 1_000;

  private static final Logger LOG = System.getLogger(Joining.class.getName());

  private final Store store;
  private final GroupDirectory groups;
  private final Set<String> pending = ConcurrentHashMap.newKeySet(); // made, and not joined by all

  Joining(Store store, GroupDirectory groups) {
    this.store = store;
    this.groups = groups;
  }

  /** Says that a topic is about to be made; nobody gets it before {@link #join}. */
  void expect(String topic) {
    pending.add(topic);
  }

  /** Takes that back: there is no such topic. */
  void forget(String topic) {
    pending.remove(topic);
  }

  /** Whether a topic must be joined before anybody gets it; one read where there is none. */
  boolean isPending(String topic) {
    return !pending.isEmpty() && pending.contains(topic);
  }

  /** Attaches a topic to all groups that have a pattern that matches it. */
  void join(TopicLog log) {
    for (Group group : groups.all()) {
      if (!group.hasEnded() && matches(group.patternSet(), log.name())) {
        try {
          group.attach(log);
        } catch (AlreadyClosedException e) {
          if (!group.hasEnded()) {
            throw e;
          } // else it is being deleted, or closed: then the next opening attaches it
        }
      }
    }
    pending.remove(log.name());
  }

  /**
   * Attaches topics to a group: those that are named, and those that match, from a place on. Those
   * that are there come first, and the patterns are stored then: what the opening after a crash
   * attaches begins with its first message.
   */
  void add(Group group, List<TopicLog> named, List<TopicPattern> patterns, StartAt start) {
    Objects.requireNonNull(start, "start");
    SortedSet<TopicPattern> all = new TreeSet<>(group.patternSet());
    boolean more = all.addAll(patterns);
    if (all.size() > MOST_PATTERNS) {
      throw new InvalidNameException(
          group + " would have " + all.size() + " patterns; a group has at most "
              + MOST_PATTERNS + ". Take broader ones; nothing was changed");
    }
    named.forEach(log -> group.attach(log, start));
    for (String topic : matching(patterns)) {
      try {
        store.topic(topic).ifPresent(log -> group.attach(log, start));
      } catch (DamagedTopicException e) {
        LOG.log(Level.WARNING, group + " gets topic " + topic + " when it can be opened", e);
      }
    }
    if (more) {
      groups.store(group, group.config(), all);
    }
  }

  /** Returns the names of the topics that match one of the patterns. */
  Set<String> matching(Iterable<TopicPattern> patterns) {
    Set<String> matching = new TreeSet<>();
    for (TopicPattern pattern : patterns) {
      store.topicNames().stream().filter(pattern::matches).forEach(matching::add);
    }
    return matching;
  }

  static boolean matches(Iterable<TopicPattern> patterns, String topic) {
    for (TopicPattern pattern : patterns) {
      if (pattern.matches(topic)) {
        return true;
      }
    }
    return false;
  }

  /** Returns those that are patterns. */
  static List<TopicPattern> patterns(String... namesOrPatterns) {
    List<TopicPattern> patterns = new ArrayList<>();
    for (String text : namesOrPatterns) {
      if (TopicPattern.isPattern(text)) {
        patterns.add(TopicPattern.of(text));
      }
    }
    return patterns;
  }
}
