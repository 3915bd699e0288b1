package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import java.util.List;

/** Retention in a process that is killed: drops what every group has finished. One thread. */
final class KillDrops {
  private static final int EVERY = 50; // acks

  private final Topic topic;
  private final List<Group> groups;
  private final HistoryPipe pipe;
  private int acks;

  KillDrops(Topic topic, List<Group> groups, HistoryPipe pipe) {
    this.topic = topic;
    this.groups = groups;
    this.pipe = pipe;
  }

  /** One more ack. */
  void settled() {
    acks++;
    if (acks % EVERY == 0) {
      drop();
    }
  }

  private void drop() {
    long finished =
        groups.stream().mapToLong(group -> group.lag().get(0).lowWaterMark()).min().orElseThrow();
    pipe.mayDrop(finished);
    topic.log().dropBefore(finished);
  }
}
