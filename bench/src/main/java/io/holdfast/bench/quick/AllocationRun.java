package io.holdfast.bench.quick;

import com.sun.management.ThreadMXBean;
import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Topic;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.TopicLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Bytes that a thread allocates for an append, for a record that is polled, for a message that is
 * received from a group, and for an ack, once compiled. It counts blocks of operations: the median
 * block shows the operation, the sum also what a roll, or a new file of the group, costs the thread
 * that meets it.
 *
 * <p>Arguments: payload. Figures: append, appendAll, poll, pollAll, receive, receiveAll, ack,
 * ackAll (bytes per operation).
 */
final class AllocationRun implements Workload {
  private static final int BLOCK = 10_000;
  private static final int BLOCKS = 100;

  private final ThreadMXBean threads =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long touched;
  private List<Delivery> deliveries = List.of();

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    try (OursContender ours = new OursContender(directory, false)) {
      TopicLog topic = ours.topic();
      RecordBatch batch = topic.newBatch();
      Stamp stamp = new Stamp(payload, 0);
      IntConsumer append =
          i -> {
            batch.clear();
            batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(i), 0, payload);
            topic.append(batch);
          };
      measure(append, "append", figures);
      try (LogReader reader = topic.reader(0)) {
        RecordHandler handler = record -> touched += record.offset();
        measure(i -> reader.poll(handler, 1), "poll", figures);
      }
    }
    measureQueue(directory.resolve("queue"), payload, figures);
  }

  private void measureQueue(Path directory, int payload, Figures figures) {
    try (Engine engine = Engine.open(directory)) {
      Topic topic = QueueTopic.make(engine);
      QueueTopic.fill(topic, payload, (long) BLOCK * (BLOCKS / 2 + BLOCKS + 1));
      GroupConfig config = GroupConfig.builder().maxInFlight(BLOCK).build();
      Consumer consumer = topic.group("group", config).consumer("receiver");
      long[] received = new long[BLOCKS];
      long[] acked = new long[BLOCKS];
      for (int i = -BLOCKS / 2; i < BLOCKS; i++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        deliveries = consumer.receive(BLOCK, Duration.ofSeconds(1));
        long after = threads.getCurrentThreadAllocatedBytes();
        long ack = block(each -> deliveries.get(each).ack());
        if (i >= 0) {
          received[i] = after - before;
          acked[i] = ack;
        }
      }
      put(received, "receive", figures);
      put(acked, "ack", figures);
    }
  }

  private void measure(IntConsumer operation, String name, Figures figures) {
    block(operation);
    for (int i = 0; i < BLOCKS / 2; i++) {
      block(operation);
    }
    long[] bytes = new long[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      bytes[i] = block(operation);
    }
    put(bytes, name, figures);
  }

  private static void put(long[] bytes, String name, Figures figures) {
    figures.put(name, (double) new Percentiles(bytes).at(0.5) / BLOCK);
    figures.put(name + "All", (double) Arrays.stream(bytes).sum() / BLOCK / BLOCKS);
  }

  private long block(IntConsumer operation) {
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BLOCK; i++) {
      operation.accept(i);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
