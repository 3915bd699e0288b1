package io.holdfast.bench.quick;

import java.util.List;
import java.util.function.Supplier;

/** The workloads by name, as a fork is told them. */
enum WorkloadKind {
  /** Producers and a consumer at full speed. */
  STREAM(StreamRun::new),
  /** Append alone, then read alone. */
  APPEND_READ(AppendReadRun::new),
  /** An open loop. */
  LATENCY(LatencyQuickRun::new),
  /** Senders that wait for the device, and a file that is written and forced. */
  DURABLE(DurableRun::new),
  /** Asynchronous sends, and the storage layer's own batches. */
  PRODUCERS(ProducersRun::new),
  /** Fills a store to be killed. */
  BACKLOG(BacklogRun::new),
  /** Opens a store that was killed. */
  OPEN(OpenRun::new),
  /** Consumers of one group on a full topic. */
  CONSUMERS(ConsumersRun::new),
  /** Acks in random order. */
  ACK(AckRun::new),
  /** Fills a store and works it off with a group, to be killed. */
  GROUP_BACKLOG(GroupBacklogRun::new),
  /** Opens a store that was killed, up to the first delivery. */
  RESTART(RestartRun::new),
  /** Fills a store that a group has not begun with. */
  GROWTH_FILL(GrowthFillRun::new, "-Xms64m", "-Xmx64m"),
  /** Attaches groups to all topics of a store, to be killed. */
  GROUPS(GroupsRun::new),
  /** Opens an engine with groups on many topics, and does nothing. */
  IDLE(IdleRun::new),
  /** An open loop in front of a backlog. */
  GROWTH(GrowthRun::new, "-Xms64m", "-Xmx64m"),
  /** Bytes on disk. */
  FOOTPRINT(FootprintRun::new),
  /** Bytes allocated. */
  ALLOCATION(AllocationRun::new),
  /** Seeks by offset and time. */
  SEEK(SeekRun::new),
  /** Producers and a reader of memory, under a lock. */
  LOCK(LockRun::new);

  private final Supplier<Workload> factory;
  private final List<String> flags;

  WorkloadKind(Supplier<Workload> factory, String... flags) {
    this.factory = factory;
    this.flags = List.of(flags);
  }

  /** Of its JVM, over those that all have. */
  List<String> flags() {
    return flags;
  }

  Workload create() {
    return factory.get();
  }
}
