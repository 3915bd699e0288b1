package io.holdfast.tools.demo;

import io.holdfast.engine.Backoff;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.RedriveConfig;
import io.holdfast.engine.RedriveReport;
import io.holdfast.engine.Retention;
import io.holdfast.engine.SubscribeConfig;
import io.holdfast.engine.Subscription;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.error.HoldfastException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of the demo that owns the store: it publishes and consumes until all is done, or it
 * is killed. One that starts on the store of a killed one goes on where that ended.
 */
final class DemoWorker {
  private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

  private final DemoPlan plan;
  private final DemoTale tale = new DemoTale();
  private final DemoEvents events = DemoEvents.load();
  private final AtomicLongArray sentAt; // the publisher writes, handlers read
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private DemoWorker(DemoPlan plan) {
    this.plan = plan;
    this.sentAt = new AtomicLongArray((int) plan.total());
  }

  /**
   * Starts it.
   *
   * @param args the plan
   */
  public static void main(String[] args) {
    try {
      new DemoWorker(DemoPlan.parse(args)).run();
    } catch (HoldfastException e) {
      System.err.println("holdfast: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() {
    long begin = System.nanoTime();
    try (Engine engine = Engine.open(plan.directory())) {
      Topic topic = engine.topic(DemoPlan.TOPIC, kept());
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      tale.opened(ProcessHandle.current().pid(), topic.endOffset(), millis);
      Group audit = topic.group(DemoPlan.AUDIT, inOrder());
      Group notify = topic.group(DemoPlan.NOTIFY, patience());
      consume(
          audit,
          notify,
          () -> {
            publish(topic, audit, notify);
            awaitDone(audit, notify);
            redrive(notify);
          });
    }
    if (failure.get() != null) {
      throw new HoldfastException("a message was not confirmed", failure.get());
    }
    tale.finished();
  }

  /** Handlers run while the work is done, and until nothing is left. */
  private void consume(Group audit, Group notify, Runnable work) {
    SubscribeConfig handlers = SubscribeConfig.concurrency(DemoPlan.HANDLERS);
    Subscription first = audit.subscribe(this::audit, handlers);
    Subscription second = notify.subscribe(this::notify, handlers);
    try {
      work.run();
      awaitDone(audit, notify);
    } finally {
      second.close();
      first.close();
    }
  }

  private void awaitDone(Group audit, Group notify) {
    while (unfinished(audit) + unfinished(notify) > 0 && !stopped()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static long unfinished(Group group) {
    return group.lag().stream().mapToLong(stats -> stats.unfinished()).sum();
  }

  /** What both groups are done with stays for the check at the end, and for replay. */
  private static TopicConfig kept() {
    return TopicConfig.builder().retention(Retention.byAge(Duration.ofDays(1))).build();
  }

  private static GroupConfig inOrder() {
    return GroupConfig.builder().ordering(Ordering.byKey()).build();
  }

  private static GroupConfig patience() {
    return GroupConfig.builder()
        .maxAttempts(Notify.MAX_ATTEMPTS)
        .backoff(Backoff.of(Duration.ofMillis(50), Duration.ofMillis(400)))
        .build();
  }

  private boolean stopped() {
    return tale.isDeaf() || failure.get() != null;
  }

  /**
   * Publishes what is left of the burst, then, once nothing is left of its backlog, the steady
   * part. Event numbers and offsets are the same, because one producer sends them in order.
   */
  private void publish(Topic topic, Group audit, Group notify) {
    try (Producer producer = topic.producer(ProducerConfig.named("webhooks"))) {
      for (long number = topic.endOffset(); number < plan.burst() && !stopped(); number++) {
        publish(producer, number);
      }
    }
    awaitDone(audit, notify);
    try (Producer producer = topic.producer(ProducerConfig.named("webhooks"))) {
      long began = System.nanoTime();
      for (long number = plan.burst(); number < plan.total() && !stopped(); number++) {
        pace(began, number - plan.burst());
        publish(producer, number);
      }
    }
  }

  private void publish(Producer producer, long number) {
    sentAt.set((int) number, System.nanoTime());
    producer.sendAsync(
        events.message(number),
        (receipt, error) -> {
          if (error == null) {
            tale.sent(receipt.offset());
          } else {
            failure.compareAndSet(null, error);
          }
        });
  }

  /** Sends dead letters back whose cause is mended; {@link Notify} can tell somebody now. */
  private void redrive(Group notify) {
    if (stopped()) {
      return;
    }
    tale.redriving();
    DeadLetterFilter mended = DeadLetterFilter.all().withErrorText(DemoPlan.MENDED);
    RedriveReport report = notify.redrive(DemoPlan.TOPIC, mended, RedriveConfig.defaults());
    tale.redriven(report.redriven());
  }

  private void pace(long began, long count) {
    long due = began + count * 1_000_000_000L / plan.rate();
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void audit(Delivery delivery) {
    tale.began(DemoPlan.AUDIT, delivery.offset());
    long micros = micros(delivery);
    delivery.ack();
    tale.acked(DemoPlan.AUDIT, delivery.offset(), delivery.attempt(), micros);
  }

  private void notify(Delivery delivery) throws Exception {
    if (delivery.redrives() > 0) {
      delivery.ack();
      tale.back(delivery.offset());
      return;
    }
    long micros = micros(delivery);
    String subject = delivery.message().subject().orElse("");
    if (Notify.isRefused(subject)) {
      delivery.reject("nobody is told of money: " + subject);
      return;
    }
    try {
      Notify.mail(subject, delivery.attempt());
    } catch (Exception e) {
      tale.failed(DemoPlan.NOTIFY, delivery.offset(), delivery.attempt(), micros);
      throw e;
    }
    delivery.ack();
    tale.acked(DemoPlan.NOTIFY, delivery.offset(), delivery.attempt(), micros);
  }

  /** From publishing to here, for the first attempt of what this process published. */
  private long micros(Delivery delivery) {
    long now = System.nanoTime();
    long sent = sentAt.get((int) delivery.offset());
    return sent == 0 || delivery.attempt() > 1 ? -1 : (now - sent) / 1_000;
  }
}
