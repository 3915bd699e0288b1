package io.holdfast.bench.quick;

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
  /** Bytes on disk. */
  FOOTPRINT(FootprintRun::new),
  /** Bytes allocated. */
  ALLOCATION(AllocationRun::new),
  /** Seeks by offset and time. */
  SEEK(SeekRun::new),
  /** Producers and a reader of memory, under a lock. */
  LOCK(LockRun::new);

  private final Supplier<Workload> factory;

  WorkloadKind(Supplier<Workload> factory) {
    this.factory = factory;
  }

  Workload create() {
    return factory.get();
  }
}
