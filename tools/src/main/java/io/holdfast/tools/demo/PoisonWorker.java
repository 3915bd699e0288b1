package io.holdfast.tools.demo;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.SubscribeConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.error.HoldfastException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The process of the demo that one of its messages kills. Those that follow it on the same store do
 * the same, until that message is handed to nobody any more.
 */
final class PoisonWorker {
  private static final int ABORTED = 128 + 6; // as a crash in native code looks from outside
  private static final long WORK_NANOS = Duration.ofMillis(40).toNanos();
  private static final long FUSE_NANOS = WORK_NANOS / 2; // so that others are at work meanwhile
  private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

  private final DemoTale tale = new DemoTale();
  // The last act takes it alone, so that no ack is made and not told.
  private final ReadWriteLock telling = new ReentrantReadWriteLock();

  private PoisonWorker() {}

  /**
   * Starts it.
   *
   * @param args the plan
   */
  public static void main(String[] args) {
    try {
      new PoisonWorker().run(DemoPlan.parse(args));
    } catch (HoldfastException e) {
      System.err.println("holdfast: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(DemoPlan plan) {
    long begin = System.nanoTime();
    try (Engine engine = Engine.open(plan.directory())) {
      Topic uploads = engine.topic(DemoPlan.UPLOADS, TopicConfig.defaults());
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      tale.opened(ProcessHandle.current().pid(), uploads.endOffset(), millis);
      if (uploads.endOffset() == 0) {
        publish(uploads);
      }
      GroupConfig config = GroupConfig.builder().maxAttempts(Notify.MAX_ATTEMPTS).build();
      Group thumbnails = uploads.group(DemoPlan.THUMBNAILS, config);
      SubscribeConfig handlers = SubscribeConfig.concurrency(DemoPlan.HANDLERS);
      thumbnails.subscribe(this::draw, handlers); // until the engine closes
      while (thumbnails.lag().get(0).unfinished() > 0 && !tale.isDeaf()) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
    tale.finished();
  }

  private static void publish(Topic uploads) {
    List<Message> images = new ArrayList<>();
    for (int i = 0; i < DemoPlan.IMAGES; i++) {
      images.add(Message.of(("image " + i).getBytes(StandardCharsets.UTF_8)));
    }
    try (Producer producer = uploads.producer(ProducerConfig.named("browser"))) {
      producer.sendAll(images);
    }
  }

  private void draw(Delivery delivery) {
    tale.began(DemoPlan.THUMBNAILS, delivery.offset());
    if (delivery.offset() == DemoPlan.POISON) {
      telling.writeLock().lock();
      LockSupport.parkNanos(FUSE_NANOS);
      Runtime.getRuntime().halt(ABORTED);
    }
    if (delivery.lastError().isPresent()) {
      tale.blamed(DemoPlan.THUMBNAILS, delivery.offset());
    }
    LockSupport.parkNanos(WORK_NANOS);
    telling.readLock().lock();
    try {
      delivery.ack();
      tale.acked(DemoPlan.THUMBNAILS, delivery.offset(), delivery.attempt(), -1);
    } finally {
      telling.readLock().unlock();
    }
  }
}
