package io.holdfast.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Drops what both groups are done with, in a process whose power is cut, and says what was forced.
 */
final class CutDrops {
  private static final long A_MOMENT = 2_000_000; // nanoseconds

  private final Topic topic;
  private final CutPipe pipe;
  private final List<Group> groups;

  CutDrops(Topic topic, CutPipe pipe, Group... groups) {
    this.topic = topic;
    this.pipe = pipe;
    this.groups = List.of(groups);
  }

  void run(AtomicReference<Throwable> failure) {
    long first = topic.firstOffset();
    long durable = -1;
    for (long turn = 1; failure.get() == null; turn++) {
      long now = topic.log().durableOffset();
      if (now > durable) {
        pipe.say("DURABLE", now);
        durable = now;
      }
      if (turn % 8 == 0) {
        first = dropFrom(first);
      }
      LockSupport.parkNanos(A_MOMENT);
    }
  }

  private long dropFrom(long first) {
    long done = Long.MAX_VALUE;
    for (Group group : groups) {
      for (GroupStats stats : group.lag()) {
        boolean ours = stats.topic().equals(topic.name());
        done = ours ? Math.min(done, stats.lowWaterMark()) : done;
      }
    }
    if (done <= first) {
      return first;
    }
    pipe.history().mayDrop(done);
    long kept = topic.log().dropBefore(done);
    if (kept > first) {
      pipe.say("DROPPED", kept);
    }
    return kept;
  }
}
