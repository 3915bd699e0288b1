package io.holdfast.engine;

import io.holdfast.engine.group.Failure;
import io.holdfast.engine.group.HandlerRun;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.group.Origin;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A delivery is one message handed to one consumer, with a lease that lasts for the group's
 * ackTimeout. Whoever has it settles it once: {@link #ack}, {@link #nack(Throwable)}, {@link
 * #release()} or {@link #reject}. What is not settled in time comes again, and counts as a failure.
 *
 * <p>A message that was redriven keeps its id, topic, offset and time.
 *
 * <p>It has its own copy of the payload. Thread-safe.
 */
public final class Delivery {
  private final Lease lease;
  private final GroupConfig config;

  Delivery(Lease lease, GroupConfig config) {
    this.lease = lease;
    this.config = config;
  }

  /**
   * Returns the message.
   *
   * @return what was sent
   */
  public Message message() {
    return lease.sent().message();
  }

  /**
   * Returns who sent the message.
   *
   * @return name of the producer, or nothing
   */
  public Optional<String> producer() {
    return Optional.ofNullable(lease.sent().producer());
  }

  /**
   * Returns the message's id.
   *
   * @return unsigned 64-bit, unique in the store
   */
  public long messageId() {
    Origin origin = lease.origin();
    return origin == null
        ? MessageId.of(lease.groupTopic().log().number(), lease.offset())
        : MessageId.of(origin.topicNumber(), origin.offset());
  }

  /**
   * Returns what names the message for ever: the same for each delivery of it, to whatever group,
   * after a restart and after a redrive. Whoever does something outside of the store for a message
   * keeps the key there, and so knows what it has done before.
   *
   * @return the store's id, the topic's number and the offset, with '-' between them
   */
  public String idempotencyKey() {
    return lease.groupTopic().commits().store().id() + "-" + (messageId() >>> 48) + "-" + offset();
  }

  /**
   * Returns the message's place in its topic.
   *
   * @return 0 or more
   */
  public long offset() {
    Origin origin = lease.origin();
    return origin == null ? lease.offset() : origin.offset();
  }

  /**
   * Returns when the topic took the message.
   *
   * @return in milliseconds
   */
  public Instant timestamp() {
    Origin origin = lease.origin();
    return Instant.ofEpochMilli(origin == null ? lease.timestamp() : origin.timestamp());
  }

  /**
   * Returns the time before which no group got the message.
   *
   * @return in milliseconds; nothing where it was sent without one
   */
  public Optional<Instant> deliverAt() {
    return message().deliverAt();
  }

  /**
   * Returns the time from which on no group gets the message any more. What is out does not expire.
   *
   * @return in milliseconds; nothing where it was sent without one
   */
  public Optional<Instant> expiresAt() {
    return message().expiresAt();
  }

  /**
   * Returns the topic.
   *
   * @return its name
   */
  public String topic() {
    Origin origin = lease.origin();
    return origin == null ? lease.groupTopic().log().name() : origin.topic();
  }

  /**
   * Returns the group.
   *
   * @return its name
   */
  public String group() {
    return lease.groupTopic().group();
  }

  /**
   * Returns the consumer that received the message.
   *
   * @return its name
   */
  public String consumer() {
    return lease.holder().name();
  }

  /**
   * Returns how often the group has handed the message out, this time included; stored before the
   * delivery, so that attempts of processes that died count. A redrive begins anew.
   *
   * @return 1 to 65,535, where it stops
   */
  public int attempt() {
    return lease.attempt();
  }

  /**
   * Returns how often the message came back from the dead letters.
   *
   * @return 0 or more, at most the group's maxRedrives of that time
   */
  public int redrives() {
    Origin origin = lease.origin();
    return origin == null ? 0 : origin.redrives();
  }

  /**
   * Returns why the last delivery of the message failed.
   *
   * @return class and message of the error, cut to 176 bytes; nothing if none has failed
   */
  public Optional<String> lastError() {
    return Optional.ofNullable(lease.lastError());
  }

  /**
   * Says that the work is done: the message never comes again to this group. An ack after the lease
   * has run out still counts while nobody else has the message.
   *
   * @return {@link Settled#STALE} if another delivery of the message is or was out meanwhile
   */
  public Settled ack() {
    return lease.groupTopic().ack(lease);
  }

  /**
   * Says that the work is done on everything that this consumer holds of the same topic, up to this
   * message, which must be its own. Takes time in proportion to what is out.
   *
   * @return how many acks took effect; those that were settled before do not count
   */
  public int ackUpTo() {
    return lease.groupTopic().ackUpTo(lease);
  }

  /**
   * Returns whether this delivery has been settled.
   *
   * @return true once ack, nack, release or reject was answered {@link Settled#DONE}
   */
  public boolean isSettled() {
    return lease.groupTopic().isSettled(lease);
  }

  /**
   * Says that the work failed: the message comes again after the group's backoff, or becomes a dead
   * letter when it has failed maxAttempts times. Where the group has a rule for the error, the rule
   * decides: after a fatal one the message becomes a dead letter at once, after one to throttle it
   * is given back for the rule's delay and no failure is counted.
   *
   * @param error why; kept with the message, but for one to throttle
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled nack(Throwable error) {
    return nack(error, -1);
  }

  /**
   * Says that the work failed and when to try again. A rule of the group for the error still holds:
   * a fatal one needs no next try, and one to throttle counts no failure; the delay is this one.
   *
   * @param error why; kept with the message, but for one to throttle
   * @param delay 0 or more, instead of the group's backoff and of the rule's delay
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled nack(Throwable error, Duration delay) {
    return nack(error, millis(delay));
  }

  private Settled nack(Throwable error, long delayMillis) {
    ErrorRule rule = config.ruleFor(error);
    if (rule == null) {
      return lease.groupTopic().nack(lease, Failure.of(error), delayMillis);
    }
    if (rule.isFatal()) {
      return lease.groupTopic().reject(lease, Failure.of(error), true);
    }
    long delay = delayMillis >= 0 ? delayMillis : millis(rule.delay().orElseThrow());
    return lease.groupTopic().release(lease, delay);
  }

  /**
   * Gives the message back as if it had not been received: it may be handed out at once, and no
   * failure is counted.
   *
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled release() {
    return lease.groupTopic().release(lease, 0);
  }

  /**
   * Gives the message back to be handed out later; no failure is counted.
   *
   * @param delay 0 or more
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled release(Duration delay) {
    return lease.groupTopic().release(lease, millis(delay));
  }

  /**
   * Says that no further try makes sense: the message becomes a dead letter at once.
   *
   * @param reason why; kept with the message
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled reject(String reason) {
    return lease.groupTopic().reject(lease, Failure.rejected(reason), false);
  }

  /**
   * Has the lease last for the group's ackTimeout from now on, at most to maxProcessing after the
   * delivery.
   *
   * @return {@link Settled#STALE} if the lease has run out
   */
  public Settled extend() {
    return lease.groupTopic().extend(lease);
  }

  @Override
  public String toString() {
    return "Delivery[" + topic() + " at offset " + offset() + " to " + group() + "/" + consumer()
        + ", attempt " + attempt() + "]";
  }

  Lease lease() {
    return lease;
  }

  void handlerReturned() {
    lease.groupTopic().handlerReturned(lease);
  }

  void handledBy(HandlerRun run) {
    lease.handledBy(run);
  }

  /** The handler begins only now, although the message was received before. */
  Settled begin() {
    return lease.groupTopic().begin(lease);
  }

  private static long millis(Duration delay) {
    Objects.requireNonNull(delay, "delay");
    if (delay.isNegative()) {
      throw new IllegalArgumentException("a delay is 0 or more, not " + delay);
    }
    return delay.getSeconds() > Long.MAX_VALUE / 1000 - 1 ? Long.MAX_VALUE : delay.toMillis();
  }
}
