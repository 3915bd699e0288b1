package io.holdfast.bench.quick;

/** Counts messages, time and CPU time from the end of a warm-up on. Belongs to one thread. */
final class Meter {
  /** Times the warm-up's time. */
  static final int LONGEST = 4;

  private final CpuClock cpu = new CpuClock();
  private final long warmupNanos;
  private final long warmupMessages;
  private final long mostMessages;
  private final long measuredNanos;
  private final long created = System.nanoTime();
  private boolean measuring;
  private long startNanos;
  private long startCpu;
  private long startMessages;
  private double rate;
  private double cpuSeconds;
  private long messages;

  /**
   * Begins the warm-up. It ends when its time is over and its messages are through, so that slow
   * code is compiled too; but never later than after {@link #LONGEST} times its time.
   *
   * @param warmupNanos how long it lasts at least
   * @param warmupMessages that it takes at least
   * @param mostMessages of the whole run: a quarter of them is always warm-up enough
   * @param nanos that are measured after it
   */
  Meter(long warmupNanos, long warmupMessages, long mostMessages, long nanos) {
    this.warmupNanos = warmupNanos;
    this.warmupMessages = warmupMessages;
    this.mostMessages = mostMessages;
    this.measuredNanos = nanos;
  }

  /** Begins to measure when it is time; whether the measured time is over. */
  boolean isOver(long messagesSoFar) {
    long now = System.nanoTime();
    if (measuring) {
      return now - startNanos >= measuredNanos;
    }
    long passed = now - created;
    boolean warm = passed >= warmupNanos && messagesSoFar >= warmupMessages;
    boolean enough = messagesSoFar >= mostMessages / 4;
    if (warm || enough || passed >= LONGEST * warmupNanos) {
      measuring = true;
      startMessages = messagesSoFar;
      startCpu = cpu.nanos();
      startNanos = System.nanoTime();
    }
    return false;
  }

  void end(long messagesSoFar) {
    long nanos = System.nanoTime() - startNanos;
    messages = measuring ? messagesSoFar - startMessages : 0;
    rate = messages * 1e9 / nanos;
    cpuSeconds = (cpu.nanos() - startCpu) / 1e9;
  }

  void report(Figures figures) {
    if (messages <= 0) {
      figures.fault("nothing was measured: the bound on bytes came before the end of the warm-up");
      return;
    }
    figures.put("rate", rate);
    figures.put("cpu", cpuSeconds * 1e6 / messages);
    figures.put("messages", messages);
  }
}
