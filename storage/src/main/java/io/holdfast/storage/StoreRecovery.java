package io.holdfast.storage;

import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.Uninterruptibly;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The recovery of all topics of a store while it opens: scans them, then brings each back to its
 * good prefix. Topics do not know each other, so several are at it at once: most of the time of
 * each is spent waiting for the device. For the opening thread.
 */
final class StoreRecovery implements AutoCloseable {
  /** Forces of so many topics share the device; more gain little, and each may hold a window. */
  private static final int THREADS = 4;

  private final StoreDirectory directory;
  private final ControlFile control;
  private final SegmentAllocator allocator;
  private final Quarantine quarantine;
  private final ExecutorService threads;
  private final List<Found> found = new ArrayList<>();

  StoreRecovery(StoreDirectory directory, ControlFile control, SegmentAllocator allocator) {
    this.directory = directory;
    this.control = control;
    this.allocator = allocator;
    this.quarantine = new Quarantine(directory.quarantine());
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "holdfast-recovery");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * A topic that the directory holds, and what a scan found of it.
   *
   * @param failure why it could not be scanned, without the other two then; else null
   */
  private record Found(
      String name, TopicSettings.Stored stored, TopicScan scan, HoldfastException failure) {}

  /**
   * A topic after its recovery.
   *
   * @param name of the topic
   * @param stored its number and settings; null when they could not be read
   * @param outcome what was found, and done
   * @param start where its log takes up; null when the topic is refused
   * @param refusal why it is refused, or null
   */
  record Recovered(
      String name,
      TopicSettings.Stored stored,
      TopicRecovery outcome,
      LogStart start,
      HoldfastException refusal) {}

  /**
   * Scans all topics; changes nothing on disk. One that cannot be read, or is of a newer format, is
   * refused alone: what stands in the way of one topic must not keep the others.
   *
   * @return the highest writer epoch in any record
   */
  int scan() {
    found.addAll(each(directory.topicNames(), this::scan));
    int highest = 0;
    for (Found topic : found) {
      if (topic.failure() != null) {
        continue; // the control file knows its number, and it gets no record in this epoch
      }
      control.lastTopic(Math.max(control.lastTopic(), topic.stored().number()));
      highest = Integer.max(highest, topic.scan().highestEpoch());
    }
    return highest;
  }

  private Found scan(String name) {
    try {
      return scanned(name);
    } catch (HoldfastException e) {
      return new Found(name, null, null, e);
    }
  }

  private Found scanned(String name) {
    TopicSettings.Stored stored = TopicSettings.read(directory.topicFile(name), name);
    ControlFile.Entry known = control.entry(stored.number());
    TopicScan.Expectation expected =
        new TopicScan.Expectation(
            directory.topic(name),
            control.storeId(),
            stored.number(),
            known.durableOffset(),
            known.firstSegment());
    return new Found(name, stored, TopicScan.of(expected, true), null);
  }

  /**
   * Recovers all topics.
   *
   * @param writerEpoch of the store from now on
   * @param now epoch milliseconds
   * @return them, as they were scanned
   */
  List<Recovered> recover(int writerEpoch, long now) {
    return each(found, topic -> recover(topic, writerEpoch, now));
  }

  private Recovered recover(Found topic, int writerEpoch, long now) {
    if (topic.failure() != null) {
      String detail =
          ("topic '%s' cannot be opened: %s; nothing was changed, the other topics are open; find "
                  + "the cause, then open the store again")
              .formatted(topic.name(), topic.failure().getMessage());
      return refused(topic, 0, 0, new DamagedTopicException(detail, topic.failure()));
    }
    Path path = directory.topic(topic.name());
    TopicRecoverer recoverer =
        new TopicRecoverer(
            path, topic.name(), topic.stored(), allocator, quarantine, writerEpoch, topic.scan());
    try {
      LogStart start = recoverer.recover(now);
      return new Recovered(
          topic.name(),
          topic.stored(),
          recoverer.outcome(start.endOffset()),
          start,
          null);
    } catch (DamagedTopicException e) {
      return refused(topic, topic.scan().endOffset(), topic.scan().durableOffset(), e);
    }
  }

  private static Recovered refused(Found topic, long end, long durable, HoldfastException why) {
    TopicRecovery outcome =
        new TopicRecovery(
            topic.name(), TopicRecovery.Outcome.REFUSED, end, durable, 0, why.getMessage());
    return new Recovered(topic.name(), topic.stored(), outcome, null, why);
  }

  /** What is done with one. */
  private interface Step<T, R> {
    R apply(T one);
  }

  /** Does something with each, and gives the results in their order. */
  private <T, R> List<R> each(List<T> all, Step<T, R> step) {
    List<CompletableFuture<R>> begun = new ArrayList<>();
    for (T one : all) {
      begun.add(CompletableFuture.supplyAsync(() -> step.apply(one), threads));
    }
    CompletableFuture<Void> ended =
        CompletableFuture.allOf(begun.toArray(CompletableFuture<?>[]::new));
    Uninterruptibly.await(ended, Long.MAX_VALUE); // all have ended, also when one has failed
    return begun.stream().map(CompletableFuture::join).toList();
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
