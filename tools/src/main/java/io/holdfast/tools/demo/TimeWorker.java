package io.holdfast.tools.demo;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.SubscribeConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.error.HoldfastException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of the demo that sends reminders, one that is soon of no use and one to be delivered
 * later, and is killed. The one after it handles them, and then moves its group back in time.
 */
final class TimeWorker {
  private static final int KILLED = 128 + 9; // as a kill looks from outside
  private static final Duration LATER = Duration.ofMillis(1_500);
  private static final Duration USE = Duration.ofMillis(100);
  private static final long APART_NANOS = Duration.ofMillis(5).toNanos(); // no two at one time
  private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

  private final DemoTale tale = new DemoTale();
  private volatile Instant again; // the handler writes, the main thread reads

  private TimeWorker() {}

  /**
   * Starts it.
   *
   * @param args the plan
   */
  public static void main(String[] args) {
    try {
      new TimeWorker().run(DemoPlan.parse(args));
    } catch (HoldfastException e) {
      System.err.println("holdfast: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(DemoPlan plan) {
    long begin = System.nanoTime();
    try (Engine engine = Engine.open(plan.directory())) {
      Topic reminders = engine.topic(DemoPlan.REMINDERS, TopicConfig.defaults());
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      tale.opened(ProcessHandle.current().pid(), reminders.endOffset(), millis);
      Group inbox = reminders.group(DemoPlan.INBOX, GroupConfig.defaults());
      if (reminders.endOffset() == 0) {
        send(reminders);
        Runtime.getRuntime().halt(KILLED);
      }
      inbox.subscribe(this::remind, SubscribeConfig.concurrency(1)); // until the engine closes
      awaitDone(inbox);
      StartAt then = StartAt.time(again);
      tale.moving(inbox.previewSeek(DemoPlan.REMINDERS, then).repeated());
      inbox.seek(DemoPlan.REMINDERS, then);
      awaitDone(inbox);
    }
    tale.finished();
  }

  private void send(Topic reminders) {
    try (Producer producer = reminders.producer(ProducerConfig.named("calendar"))) {
      for (int i = 0; i <= DemoPlan.LATE; i++) {
        Message.Builder reminder =
            Message.builder(("reminder " + i).getBytes(StandardCharsets.UTF_8));
        if (i == DemoPlan.USELESS) {
          reminder.timeToLive(USE);
        } else if (i == DemoPlan.LATE) {
          reminder.delay(LATER);
        }
        tale.sent(producer.send(reminder.build()).offset());
        LockSupport.parkNanos(APART_NANOS);
      }
    }
  }

  private void awaitDone(Group inbox) {
    while (inbox.lag().get(0).unfinished() > 0 && !tale.isDeaf()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void remind(Delivery delivery) {
    Instant due = delivery.message().deliverAt().orElse(delivery.timestamp());
    tale.came(delivery.offset(), Duration.between(due, Instant.now()).toMillis());
    if (delivery.offset() == DemoPlan.LATE - DemoPlan.AGAIN) {
      again = delivery.timestamp();
    }
    delivery.ack();
  }
}
