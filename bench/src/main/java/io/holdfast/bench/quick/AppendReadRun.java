package io.holdfast.bench.quick;

import java.nio.file.Path;

/**
 * One thread that appends alone, then reads all of it alone. Whatever the contender does to make
 * room while it appends is inside the clock; the reading begins in what the warm-up appended.
 *
 * <p>Arguments: payload, warmupMillis, warmupMessages, millis, maxBytes, floorBytes. Figures: rate,
 * cpu, messages of the append; readRate, readCpu; appended (all messages).
 */
final class AppendReadRun implements Workload {
  private static final int STEP = 64;
  private static final int POLL_LIMIT = 256;

  /** The share of the messages that warms the reading up. */
  private static final int READ_WARMUP = 4;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    // Left open, for the JVM is killed: a close would force what nobody reads again.
    Contender contender = kind.open(directory, arguments.get("floorBytes"));
    long appended = append(contender, arguments, figures);
    figures.put("appended", appended);
    read(contender, arguments.getInt("payload"), appended, figures);
  }

  private static long append(Contender contender, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    long most = arguments.get("maxBytes") / payload;
    Stamp stamp = new Stamp(payload, 0);
    long sequence = 0;
    try (Contender.Producer producer = contender.producer()) {
      Meter meter = arguments.meter(most);
      while (!meter.isOver(sequence) && sequence < most) {
        for (int i = 0; i < STEP; i++) {
          producer.append(stamp.number(sequence));
          sequence++;
        }
      }
      meter.end(sequence);
      meter.report(figures);
    }
    return sequence;
  }

  private static void read(Contender contender, int payload, long all, Figures figures) {
    OrderCheck check = new OrderCheck(payload, 1);
    CpuClock cpu = new CpuClock();
    try (Contender.Consumer consumer = contender.consumer()) {
      long received = poll(consumer, check, all / READ_WARMUP);
      long start = System.nanoTime();
      long startCpu = cpu.nanos();
      long measured = poll(consumer, check, all - received);
      figures.put("readRate", measured * 1e9 / (System.nanoTime() - start));
      figures.put("readCpu", (cpu.nanos() - startCpu) / 1e3 / measured);
      consumer.poll(check::check, POLL_LIMIT);
    }
    figures.put(check.faults(all));
  }

  private static long poll(Contender.Consumer consumer, OrderCheck check, long count) {
    long received = 0;
    int handled = 1;
    while (received < count && handled > 0) {
      handled = consumer.poll(check::check, POLL_LIMIT);
      received += handled;
    }
    return received;
  }
}
