package io.holdfast.engine.group;

import io.holdfast.engine.message.SentMessage;

/**
 * A lease is the right of one consumer to settle one message, for a time: what a delivery stands
 * on. It is named by slot and generation; when the slot has gone on to another generation, the
 * lease is stale.
 */
public final class Lease {
  private final GroupTopic groupTopic;
  private final LeaseHolder holder;
  private final int slot;
  private final int generation;
  private final int attempt;
  private final boolean suspect;
  private final long offset;
  private final long timestamp;
  private final SentMessage sent;
  private final Origin origin; // null for a message that was never redriven
  private final String lastError;

  Lease previous; // both belong to LeaseList
  Lease next;
  private long startedAt; // guarded by the lock of the group and topic
  private long deadline; // guarded by the lock of the group and topic
  private boolean settled; // guarded by the lock of the group and topic
  private volatile LeaseBatch batch; // null where it is the only one; written once by who received
  private volatile boolean revoked; // written once, under that lock; read by its worker
  private volatile HandlerRun handler; // written once by its worker, read when the lease runs out

  Lease(
      GroupTopic groupTopic,
      LeaseHolder holder,
      int slot,
      long word,
      RecordContent content,
      String lastError,
      long startedAt,
      long deadline) {
    this.groupTopic = groupTopic;
    this.holder = holder;
    this.slot = slot;
    this.generation = SlotWord.generation(word);
    this.attempt = SlotWord.attempts(word);
    this.suspect = SlotWord.isSuspect(word);
    this.offset = content.offset();
    this.timestamp = content.timestamp();
    this.sent = content.sent();
    this.origin = content.origin();
    this.lastError = lastError;
    this.startedAt = startedAt;
    this.deadline = deadline;
  }

  /**
   * The state that the lease belongs to.
   *
   * @return where it is settled
   */
  public GroupTopic groupTopic() {
    return groupTopic;
  }

  /**
   * Who has the lease.
   *
   * @return the consumer
   */
  public LeaseHolder holder() {
    return holder;
  }

  /**
   * Which delivery of the message this is.
   *
   * @return 1 or more
   */
  public int attempt() {
    return attempt;
  }

  /**
   * The message's offset.
   *
   * @return in its topic
   */
  public long offset() {
    return offset;
  }

  /**
   * When the topic took the message.
   *
   * @return epoch milliseconds
   */
  public long timestamp() {
    return timestamp;
  }

  /**
   * The message.
   *
   * @return what was sent, and by whom
   */
  public SentMessage sent() {
    return sent;
  }

  /**
   * Where a redriven message comes from.
   *
   * @return null for a message that was never redriven
   */
  public Origin origin() {
    return origin;
  }

  /**
   * Why the last delivery of the message failed.
   *
   * @return class and message, or null
   */
  public String lastError() {
    return lastError;
  }

  /**
   * Has the lease renewed when another of the same receive is settled.
   *
   * @param received together
   */
  public void inBatch(LeaseBatch received) {
    batch = received;
  }

  LeaseBatch batch() {
    return batch;
  }

  /**
   * Has the lease extend itself while a handler runs, or waits for a thread to run on.
   *
   * @param run of the handler for this delivery
   */
  public void handledBy(HandlerRun run) {
    handler = run;
  }

  int slot() {
    return slot;
  }

  /** Whether no other suspect may be out meanwhile. */
  boolean isSuspect() {
    return suspect;
  }

  boolean isOf(long word) {
    return SlotWord.generation(word) == generation;
  }

  long startedAt() {
    return startedAt;
  }

  void startedAt(long epochMillis) {
    startedAt = epochMillis;
  }

  long deadline() {
    return deadline;
  }

  void deadline(long epochMillis) {
    deadline = epochMillis;
  }

  boolean isSettled() {
    return settled;
  }

  void settled() {
    settled = true;
  }

  /** Whether a handler is at work on the message. */
  boolean isHandled() {
    HandlerRun run = handler;
    return run != null && run.isRunning();
  }

  /** Whether a handler is at work on the message, or may still begin. */
  boolean isAtWork() {
    HandlerRun run = handler;
    return run != null && (run.isRunning() || run.isWaiting());
  }

  HandlerRun handler() {
    return handler;
  }

  /**
   * Says that the group has moved to another place. Whoever has a handler begin sets that first and
   * looks here then; whoever moves the group does it the other way round: so one sees the other.
   */
  void revoke() {
    revoked = true;
  }

  /**
   * Whether the group has moved to another place since.
   *
   * @return true when there is no sense in handling the message for this lease
   */
  public boolean isRevoked() {
    return revoked;
  }
}
