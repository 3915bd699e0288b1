package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.RedriveState;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.file.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.CloseHelper;

/** The way of a group's dead letters back to the group. Thread-safe. */
final class GroupRedrive {
  private final Group group;
  private final GroupContext context;
  private final Path directory; // of what is known of redrives, by dead-letter topic
  private final ReentrantLock opening = new ReentrantLock();
  private final Map<String, RedriveState> states = new TreeMap<>(); // guarded by opening
  private final CountDownLatch stopping = new CountDownLatch(1);

  GroupRedrive(Group group, GroupContext context, Path directory) {
    this.group = group;
    this.context = context;
    this.directory = directory;
  }

  /** Opens the state of a dead-letter topic; what leads to it has been forced. */
  RedriveState open(TopicLog letters) {
    opening.lock();
    try {
      checkRunning();
      letters.checkOpen(); // a state of a deleted topic would be there for its successor
      RedriveState state = states.get(letters.name());
      if (state != null && state.log() != letters) { // it was deleted while this one was opened
        states.remove(letters.name());
        state.close();
        state = null;
      }
      if (state == null) {
        Path of = directory.resolve(letters.name());
        state =
            group
                .runtime(letters)
                .attach(groups -> RedriveState.open(context, letters, of, groups));
        states.put(letters.name(), state);
      }
      return state;
    } finally {
      opening.unlock();
    }
  }

  /** Opens the state of a dead-letter topic, or makes it. */
  private RedriveState openOrMake(TopicLog letters) {
    checkRunning();
    context
        .store()
        .onAgent(
            () -> {
              DurableFiles.makeDirectories(directory);
              // Whoever made it may have failed before this.
              DurableFiles.forceNames(directory.getParent());
              return null;
            });
    return open(letters);
  }

  /** Redrives what is there and matches. */
  RedriveReport run(String topic, DeadLetterFilter filter, RedriveConfig config) {
    String name = InternalNames.deadLetters(topic, group.name());
    TopicLog letters =
        context
            .store()
            .topic(name)
            .orElseThrow(
                () ->
                    new UnknownTopicException(
                        "there is no topic " + name + ": no message of topic " + topic
                            + " is a dead letter of " + group));
    RedriveState state = config.dryRun() ? existing(letters).orElse(null) : openOrMake(letters);
    Run run = new Run(state, config);
    try (DeadLetterScan scan = new DeadLetterScan(letters, state)) {
      DeadLetter letter = run.isFull() ? null : scan.next();
      while (letter != null) {
        run.checkGoesOn();
        run.lookAt(letter, filter.matches(letter));
        letter = run.isFull() ? null : scan.next();
      }
    }
    return run.report();
  }

  /** Counts what is there by its causes. */
  DeadLetterSummary summary(String topic) {
    String name = InternalNames.deadLetters(topic, group.name());
    DeadLetterTally tally = new DeadLetterTally();
    Optional<TopicLog> letters = context.store().topic(name);
    if (letters.isPresent()) {
      RedriveState state = existing(letters.get()).orElse(null);
      try (DeadLetterScan scan = new DeadLetterScan(letters.get(), state)) {
        for (DeadLetter letter = scan.next(); letter != null; letter = scan.next()) {
          tally.add(letter);
        }
      }
    }
    return tally.summary();
  }

  /** Has redrives end before their next letter. */
  void stop() {
    stopping.countDown();
  }

  /** Closes the state of one dead-letter topic, where it is open. */
  void close(String letters) {
    RedriveState state;
    opening.lock();
    try {
      state = states.remove(letters);
    } finally {
      opening.unlock();
    }
    if (state != null) {
      state.close();
    }
  }

  /** Waits for letters that are on their way and unmaps the files. */
  void close() {
    List<RedriveState> open;
    opening.lock();
    try {
      open = new ArrayList<>(states.values());
    } finally {
      opening.unlock();
    }
    CloseHelper.closeAll(open); // all of them, whatever one of them throws
  }

  /** Returns the state where there is one: who only looks makes none. */
  private Optional<RedriveState> existing(TopicLog letters) {
    return DurableFiles.isDirectory(directory.resolve(letters.name()))
        ? Optional.of(open(letters))
        : Optional.empty();
  }

  private void checkRunning() {
    if (stopping.getCount() == 0) {
      throw new AlreadyClosedException("the engine of " + group + " is closed");
    }
  }

  /** One redrive; for the caller's thread. */
  private final class Run {
    private final RedriveState state; // null in a dry run where none was ever redriven
    private final RedriveConfig config;
    private final Pace pace;
    private boolean attached;
    private long lookedAt;
    private long matched;
    private long redriven;
    private long exhausted;

    Run(RedriveState state, RedriveConfig config) {
      this.state = state;
      this.config = config;
      this.pace = new Pace(config.rate());
    }

    boolean isFull() {
      return redriven >= config.most();
    }

    RedriveReport report() {
      return new RedriveReport(lookedAt, matched, redriven, exhausted);
    }

    void lookAt(DeadLetter letter, boolean matches) {
      lookedAt++;
      if (!matches) {
        return;
      }
      matched++;
      if (letter.redrives() >= context.config().maxRedrives()) {
        exhausted++;
      } else if (config.dryRun()) {
        redriven++;
      } else {
        attach();
        await(pace.waitNanos(System.nanoTime()));
        redriven += state.redrive(letter.offset()) ? 1 : 0;
      }
    }

    /** Before the first letter goes: what stands in the topic is received, whoever dies when. */
    private void attach() {
      if (!attached) {
        group.change(() -> group.attach(state.makeTarget()));
        attached = true;
      }
    }

    void checkGoesOn() {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted();
      }
      if (stopping.getCount() == 0) {
        throw closed();
      }
    }

    private void await(long nanos) {
      try {
        if (nanos > 0 && stopping.await(nanos, TimeUnit.NANOSECONDS)) {
          throw closed();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw interrupted();
      }
    }

    private HoldfastInterruptedException interrupted() {
      return new HoldfastInterruptedException(
          "a redrive of " + group + " was interrupted; done until then, and staying so: "
              + report());
    }

    private AlreadyClosedException closed() {
      return new AlreadyClosedException(
          "the engine of " + group + " was closed during a redrive; done until then, and staying"
              + " so: " + report());
    }
  }
}
