package io.holdfast.bench.quick;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Settled;
import io.holdfast.engine.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Consumers of one group that work off a full topic, with no work but to check and ack each
 * message. Some groups do so first, to compile it; the last one counts.
 *
 * <p>Arguments: payload, messages, consumers, warmups. Figures: rate (acks/s), cpu (seconds per
 * million messages).
 */
final class ConsumersRun implements Workload {
  private static final int RECEIVE_LIMIT = 256;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final AtomicLong acked = new AtomicLong();
  private int payload;
  private long messages;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    payload = arguments.getInt("payload");
    messages = arguments.get("messages");
    int consumers = arguments.getInt("consumers");
    // Left open, for the JVM is killed.
    Engine engine = Engine.open(directory.resolve("store"));
    Topic topic = QueueTopic.make(engine);
    QueueTopic.fill(topic, payload, messages);
    ExecutorService threads = Executors.newFixedThreadPool(consumers);
    try {
      long warmups = arguments.get("warmups");
      for (int i = 0; i < warmups; i++) {
        workOff(topic.group("warmup" + i, GroupConfig.defaults()), consumers, threads, figures);
      }
      CpuClock cpu = new CpuClock();
      long startCpu = cpu.nanos();
      long start = System.nanoTime();
      workOff(topic.group("group", GroupConfig.defaults()), consumers, threads, figures);
      figures.put("rate", messages * 1e9 / (System.nanoTime() - start));
      figures.put("cpu", (cpu.nanos() - startCpu) / 1e3 / messages);
    } finally {
      threads.shutdown();
    }
  }

  private void workOff(Group group, int consumers, ExecutorService threads, Figures figures)
      throws Exception {
    acked.set(0);
    List<OnceCheck> checks = new ArrayList<>();
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < consumers; i++) {
      OnceCheck check = new OnceCheck(payload, messages);
      Consumer consumer = group.consumer("consumer" + i);
      checks.add(check);
      ends.add(threads.submit(() -> consume(consumer, check)));
    }
    for (Future<?> end : ends) {
      end.get();
    }
    figures.put(OnceCheck.faults(checks, messages));
  }

  private void consume(Consumer consumer, OnceCheck check) {
    IdleStrategy idle = Idle.strategy();
    UnsafeBuffer view = new UnsafeBuffer(new byte[0]);
    long last = System.nanoTime();
    while (acked.get() < messages && System.nanoTime() - last < PATIENCE_NANOS) {
      List<Delivery> deliveries = consumer.receive(RECEIVE_LIMIT, Duration.ZERO);
      for (Delivery delivery : deliveries) {
        byte[] bytes = delivery.message().payload();
        view.wrap(bytes);
        check.check(view, 0, bytes.length);
        Settled settled = delivery.ack();
        if (settled != Settled.DONE) {
          throw new IllegalStateException(delivery + ": the ack was " + settled);
        }
      }
      if (!deliveries.isEmpty()) {
        acked.addAndGet(deliveries.size());
        last = System.nanoTime();
      }
      idle.idle(deliveries.size());
    }
    consumer.close();
  }
}
