package io.holdfast.bench.quick;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Message;
import io.holdfast.engine.MessageHandler;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One thread that sends without waiting through a producer of a powerLoss topic, until so many
 * sends have no answer yet: the rate at which they are confirmed.
 *
 * <p>Arguments: payload, pending, once (0 = any message, 1 = with its sequence, 2 = with an id),
 * warmupMillis, millis. Figures: rate, cpu, messages.
 */
final class AsyncRun implements Workload {
  private static final int POLL_LIMIT = 256;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    try (Engine engine = Engine.open(directory.resolve("engine"))) {
      Topic topic =
          engine.topic(
              "quick", TopicConfig.builder().durability(Durability.powerLoss()).build());
      ProducerConfig config =
          ProducerConfig.builder("quick")
              .maxPendingMessages(arguments.getInt("pending"))
              .build();
      long sent = send(topic, config, arguments, figures);
      check(topic, payload, sent, figures);
    }
  }

  private static long send(
      Topic topic, ProducerConfig config, Arguments arguments, Figures figures) {
    Stamp stamp = new Stamp(arguments.getInt("payload"), 0);
    Answers answers = new Answers();
    Meter meter =
        new Meter(
            arguments.millisAsNanos("warmupMillis"),
            1,
            Long.MAX_VALUE,
            arguments.millisAsNanos("millis"));
    int once = arguments.getInt("once");
    long sequence = 0;
    try (Producer producer = topic.producer(config)) {
      while (!meter.isOver(answers.confirmed.get())) {
        producer.sendAsync(message(stamp, sequence, once), answers::answer);
        sequence++;
      }
      meter.end(answers.confirmed.get());
    }
    meter.report(figures);
    if (answers.wrong.get() > 0) {
      figures.fault(answers.wrong.get() + " sends failed, or were answered out of their order");
    }
    return sequence;
  }

  private static Message message(Stamp stamp, long sequence, int once) {
    byte[] payload = stamp.number(sequence);
    return switch (once) {
      case 0 -> Message.of(payload);
      case 1 -> Message.builder(payload).sequence(sequence).build();
      default -> Message.builder(payload).dedupId(Long.toString(sequence)).build();
    };
  }

  /** What the producer's thread was told. */
  private static final class Answers {
    private final AtomicLong confirmed = new AtomicLong(); // its thread writes, the sender reads
    private final AtomicLong wrong = new AtomicLong(); // its thread writes, the sender reads

    void answer(Receipt receipt, Throwable error) {
      long next = confirmed.get();
      if (error == null && receipt.offset() == next) {
        confirmed.lazySet(next + 1);
      } else {
        wrong.getAndIncrement();
      }
    }
  }

  private static void check(Topic topic, int payload, long sent, Figures figures) {
    OrderCheck check = new OrderCheck(payload, 1);
    UnsafeBuffer buffer = new UnsafeBuffer(OursContender.NO_ATTRIBUTES);
    MessageHandler handler =
        message -> {
          buffer.wrap(message.array());
          check.check(buffer, message.payloadOffset(), message.payloadLength());
        };
    try (Reader reader = topic.reader(StartAt.earliest())) {
      int handled = 1;
      while (handled > 0) {
        handled = reader.poll(handler, POLL_LIMIT);
      }
    }
    figures.put(check.faults(sent));
  }
}
