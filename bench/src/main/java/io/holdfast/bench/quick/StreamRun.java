package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/**
 * Producers that append as fast as they can while one consumer reads: the rate at which messages
 * come out, after a warm-up. A producer waits when it is a window ahead of the consumer.
 *
 * <p>Arguments: payload, producers, warmupMillis, warmupMessages, millis, windowBytes, maxBytes
 * (payload, warm-up included), floorBytes. Figures: rate (messages/s), cpu (seconds per million
 * messages), messages.
 */
final class StreamRun implements Workload {
  /** Payload bytes that all producers together may be ahead, unless an argument says less. */
  static final long WINDOW_BYTES = 8 << 20;

  private static final int POLL_LIMIT = 256;
  private static final long RELEASE_EVERY = 16 * 1024;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    int producers = arguments.getInt("producers");
    int payload = arguments.getInt("payload");
    Flow flow = new Flow(producers, arguments.get("windowBytes") / payload / producers);
    ExecutorService threads = Executors.newFixedThreadPool(producers);
    // Left open, for the JVM is killed: a close would force what nobody reads again.
    Contender contender = kind.open(directory, arguments.get("floorBytes"));
    List<Future<Long>> sent = new ArrayList<>();
    for (int i = 0; i < producers; i++) {
      int producer = i;
      sent.add(threads.submit(() -> produce(contender, flow, producer, payload)));
    }
    try (Contender.Consumer consumer = contender.consumer()) {
      consume(consumer, flow, sent, arguments, figures);
    } finally {
      flow.stop();
      threads.shutdown();
      threads.awaitTermination(1, TimeUnit.MINUTES);
    }
  }

  private static long produce(Contender contender, Flow flow, int producer, int payload) {
    Stamp stamp = new Stamp(payload, producer);
    IdleStrategy idle = Idle.strategy();
    long sequence = 0;
    try (Contender.Producer to = contender.producer()) {
      while (!flow.isStopped()) {
        if (flow.isAhead(producer, sequence)) {
          to.idle();
          idle.idle();
        } else {
          idle.reset();
          for (int i = 0; i < Flow.STEP; i++) {
            to.append(stamp.number(sequence));
            sequence++;
          }
        }
      }
    } finally {
      flow.stop(); // a producer that failed ends the run
    }
    return sequence;
  }

  private static void consume(
      Contender.Consumer consumer,
      Flow flow,
      List<Future<Long>> sent,
      Arguments arguments,
      Figures figures)
      throws Exception {
    int payload = arguments.getInt("payload");
    long mostMessages = arguments.get("maxBytes") / payload;
    OrderCheck check = new OrderCheck(payload, sent.size());
    Contender.Handler handler = check::check;
    IdleStrategy idle = Idle.strategy();
    Meter meter = arguments.meter(mostMessages);
    long released = 0;
    long received = 0;
    while (!flow.isStopped()) {
      int handled = consumer.poll(handler, POLL_LIMIT);
      idle.idle(handled);
      received += handled;
      flow.consumed(check);
      if (received - released >= RELEASE_EVERY) {
        consumer.release();
        released = received;
      }
      if (meter.isOver(received) || received >= mostMessages) {
        meter.end(received);
        flow.stop();
      }
    }
    long[] counts = counts(sent);
    drain(consumer, check, counts);
    meter.report(figures);
    figures.put(check.faults(counts));
  }

  private static long[] counts(List<Future<Long>> sent) throws Exception {
    long[] counts = new long[sent.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = sent.get(i).get();
    }
    return counts;
  }

  /** Reads what is left; messages that do not come are lost. */
  private static void drain(Contender.Consumer consumer, OrderCheck check, long[] counts) {
    IdleStrategy idle = Idle.strategy();
    long last = System.nanoTime();
    while (!check.hasAll(counts) && System.nanoTime() - last < PATIENCE_NANOS) {
      int handled = consumer.poll(check::check, POLL_LIMIT);
      idle.idle(handled);
      if (handled > 0) {
        last = System.nanoTime();
      }
    }
    consumer.poll(check::check, POLL_LIMIT); // what comes now comes twice
  }
}
