package io.holdfast.bench.quick;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.Settled;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An open loop on a store with a backlog: one thread sends at a rate, another receives and acks as
 * many at the head of the backlog, so that it stays as long as it is. Both do once a millisecond
 * what is due by then and sleep meanwhile, so that CPU time is that of the work. The old payloads
 * are read once by a reader right before they are received: that is measured apart.
 *
 * <p>Arguments: payload, rate (messages/s), warmupMessages (as fast as it goes), warmupMillis,
 * millis. Figures: append, ack, pageIn (p50, nanoseconds; of a message), cpu (nanoseconds of the
 * whole JVM for each message, without pageInCpu), pageInCpu, heap (MiB after a collection).
 */
final class GrowthRun implements Workload {
  static final String GROUP = "group";

  private static final int BURST = 256;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final UnsafeBuffer view = new UnsafeBuffer(OursContender.NO_ATTRIBUTES);
  private int payload;
  private Stamp stamp; // whoever sends
  private long sent; // whoever sends
  private Producer producer;
  private Consumer consumer;
  private Reader reader;
  private long pageInCpu;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    payload = arguments.getInt("payload");
    stamp = new Stamp(payload, 0);
    // Closed in the end: what were out at a kill would come one by one the next time.
    try (Engine engine = Engine.open(directory.resolve("store"))) {
      Topic topic = QueueTopic.make(engine);
      Group group = topic.group(GROUP, GroupConfig.defaults());
      sent = topic.endOffset();
      long head = group.lag().get(0).lowWaterMark();
      long backlog = sent - head;
      producer = topic.producer(ProducerConfig.named("sender"));
      consumer = group.consumer("receiver");
      reader = topic.reader(StartAt.offset(head));
      flood(arguments.get("warmupMessages"));
      measure(arguments, figures);
      long left = group.lag().get(0).unfinished();
      if (left != backlog) {
        figures.fault("expected a backlog of %d as before, found %d".formatted(backlog, left));
      }
      System.gc();
      double heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      figures.put("heap", heap / (1 << 20));
    }
  }

  private void flood(long messages) {
    long[] untimed = new long[BURST];
    for (long i = 0; i < messages; i += BURST) {
      for (int j = 0; j < BURST; j++) {
        send();
      }
      pageIn(BURST);
      receive(BURST, untimed, 0);
    }
  }

  private void send() {
    producer.send(Message.of(stamp.number(sent).clone()));
    sent++;
  }

  private void measure(Arguments arguments, Figures figures) throws Exception {
    long rate = arguments.get("rate");
    int from = Math.toIntExact(rate * arguments.get("warmupMillis") / 1000);
    int total = from + Math.toIntExact(rate * arguments.get("millis") / 1000);
    OpenSchedule schedule = new OpenSchedule(System.nanoTime() + LEAD_NANOS, rate, total);
    CpuClock cpu = new CpuClock();
    ExecutorService sending = Executors.newSingleThreadExecutor();
    try {
      pageInCpu = 0;
      long start = cpu.nanos();
      Future<long[]> appends = sending.submit(() -> sendWhenDue(schedule));
      long[] acks = new long[total];
      long[] pageIns = receiveWhenDue(schedule, acks);
      long[] appendTimes = appends.get();
      double all = cpu.nanos() - start;
      figures.put("append", median(appendTimes, from));
      figures.put("ack", median(acks, from));
      figures.put("pageIn", median(pageIns, from));
      figures.put("cpu", (all - pageInCpu) / total);
      figures.put("pageInCpu", (double) pageInCpu / total);
    } finally {
      sending.shutdown();
    }
  }

  private static double median(long[] times, int from) {
    return new Percentiles(Arrays.copyOfRange(times, from, times.length)).at(0.5);
  }

  private long[] sendWhenDue(OpenSchedule schedule) {
    long[] times = new long[schedule.total()];
    int next = 0;
    while (next < times.length) {
      for (int due = awaitDue(schedule, next); next < due; next++) {
        long start = System.nanoTime();
        send();
        times[next] = System.nanoTime() - start;
      }
    }
    return times;
  }

  private long[] receiveWhenDue(OpenSchedule schedule, long[] acks) {
    long[] pageIns = new long[acks.length];
    int next = 0;
    while (next < acks.length) {
      int due = Math.min(awaitDue(schedule, next), next + BURST);
      long start = System.nanoTime();
      pageIn(due - next);
      Arrays.fill(pageIns, next, due, (System.nanoTime() - start) / (due - next));
      receive(due - next, acks, next);
      next = due;
    }
    return pageIns;
  }

  /** Sleeps until this one is due; returns one past the last that is. */
  private static int awaitDue(OpenSchedule schedule, int next) {
    while (System.nanoTime() < schedule.due(next)) {
      LockSupport.parkNanos(TICK_NANOS);
    }
    long passed = System.nanoTime() - schedule.start();
    long due = 1 + passed * schedule.rate() / TimeUnit.SECONDS.toNanos(1);
    return (int) Math.max(next + 1, Math.min(due, schedule.total()));
  }

  private void pageIn(int count) {
    long start = threads.getCurrentThreadCpuTime();
    for (int seen = 0; seen < count; ) {
      seen +=
          reader.poll(
              message -> check(message.array(), message.payloadOffset(), message.offset()),
              count - seen);
    }
    pageInCpu += threads.getCurrentThreadCpuTime() - start;
  }

  private void receive(int count, long[] acks, int from) {
    for (int done = 0; done < count; ) {
      var deliveries = consumer.receive(count - done, PATIENCE);
      if (deliveries.isEmpty()) {
        throw new IllegalStateException("nothing was delivered for " + PATIENCE);
      }
      for (Delivery delivery : deliveries) {
        check(delivery.message().payload(), 0, delivery.offset());
        long start = System.nanoTime();
        Settled settled = delivery.ack();
        acks[from + done] = System.nanoTime() - start;
        done++;
        if (settled != Settled.DONE) {
          throw new IllegalStateException(delivery + ": the ack was " + settled);
        }
      }
    }
  }

  /** Messages are numbered like their offsets. */
  private void check(byte[] bytes, int at, long offset) {
    view.wrap(bytes);
    if (Stamp.sequence(view, at, payload, payload) != offset) {
      throw new IllegalStateException("offset " + offset + " has not the message that was sent");
    }
  }
}
