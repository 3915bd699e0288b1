package io.holdfast.engine;

import io.holdfast.engine.dedup.TopicDedup;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.engine.message.AttributeWriter;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.MessageTooLargeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * A producer sends messages to one topic. Thread-safe; threads that send through the same producer
 * at the same time share a force of the device.
 *
 * <p>A send that fails with anything but {@link SendOutcomeUnknownException} is definite: nothing
 * was written. No send waits while the engine closes: {@link #close} sends what is pending first.
 */
public final class Producer implements AutoCloseable {
  private final TopicLog log;
  private final TopicGate gate; // null where nothing is in the way of a message
  private final ProducerConfig config;
  private final Consumer<Producer> onClose;
  private final Confirmation confirmation;
  private final PendingQueue pending;
  private final ReentrantLock sending = new ReentrantLock();
  // Held for reading by sends, for writing by close, which so waits for them.
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
  private final ProducerServices services;
  private final ExpiringSends sends; // told of messages with a time to live
  private final TopicDedup dedup;
  private final OnceSender once; // for messages that the topic may have already
  private final RateLimit rate; // null where there is none
  private final AttributeWriter attributes; // guarded by sending
  private final AttributeWriter asyncAttributes; // guarded by itself
  private long expiresAt; // the first of the messages that are appended; guarded by sending
  private RecordBatch batch; // guarded by sending; made with the first send
  private AsyncSender async; // guarded by sending; made with the first asynchronous send
  private volatile boolean closed; // written once by close, read by sends
  private volatile String why = ""; // it was closed; written before closed

  Producer(
      TopicLog log,
      TopicGate gate,
      ProducerConfig config,
      ProducerServices services,
      TopicDedup dedup,
      Consumer<Producer> onClose) {
    this.log = log;
    this.gate = gate;
    this.config = config;
    this.services = services;
    this.sends = services.sends();
    this.dedup = dedup;
    this.once =
        new OnceSender(config, log, gate, dedup, services.clock(), sends, this::checkOpen);
    this.attributes = new AttributeWriter(services.clock());
    this.asyncAttributes = new AttributeWriter(services.clock());
    long bits = config.rateLimitBps();
    this.rate = bits == 0 ? null : new RateLimit(bits, services.monotonic());
    this.onClose = onClose;
    this.confirmation = new Confirmation(log);
    this.pending = new PendingQueue(config);
  }

  /**
   * Returns the producer's name.
   *
   * @return stored with each message
   */
  public String name() {
    return config.name();
  }

  /**
   * Returns the highest {@linkplain Message.Builder#sequence sequence} that the topic has taken
   * from a producer of this name, be it in this process or in an earlier one: where to go on.
   *
   * @return nothing where it has taken none, or was told to {@linkplain Topic#forgetProducer
   *     forget} them
   * @throws io.holdfast.engine.error.DamagedDedupException when that is not known
   */
  public OptionalLong lastSequence() {
    return dedup.lastSequence(config.name());
  }

  /**
   * Sends a message and returns when it is as durable as the topic promises. A message with a
   * {@linkplain Message.Builder#sequence sequence} or a {@linkplain Message.Builder#dedupId
   * dedupId} that the topic has is not written again: the receipt says so.
   *
   * @param message whose payload is copied
   * @return where it stands
   * @throws MessageTooLargeException when it is over a limit; nothing was written
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was written
   * @throws io.holdfast.storage.error.RollTimeoutException when the topic's next file was not ready
   *     in time; nothing was written, and a later try may succeed
   * @throws io.holdfast.engine.error.TopicFullException when a limit of the topic is reached and
   *     its {@link OnFull} has made no room; nothing was written
   * @throws io.holdfast.engine.error.HoldfastInterruptedException when interrupted while waiting
   *     for room; the flag is set, nothing was written
   * @throws SendOutcomeUnknownException when the message was appended but could not be made durable
   * @throws io.holdfast.engine.error.SequenceTooOldException when it is not known any more whether
   *     the topic has the message; nothing was written
   * @throws io.holdfast.engine.error.TooManyProducersException when the topic remembers the
   *     sequences of as many producers as it may; nothing was written
   * @throws io.holdfast.engine.error.DamagedDedupException when it is not known what the topic has;
   *     nothing was written
   * @throws AlreadyClosedException when the producer is closed; nothing was written
   */
  public Receipt send(Message message) {
    return send(message, Durability.processCrash());
  }

  /**
   * Sends a message and returns when it is as durable as the topic promises, or as is asked for
   * here if that is more; see {@link #send(Message)}. A topic that is not forced at all makes no
   * difference between an interval and powerLoss: the message is forced.
   *
   * @param message whose payload is copied
   * @param atLeast what the confirmation is to survive; less than the topic's changes nothing
   * @return where it stands
   */
  public Receipt send(Message message, Durability atLeast) {
    boolean forced = confirmation.raises(atLeast);
    inUse.readLock().lock();
    try {
      awaitTurn(message.payload().length);
      if (message.mayBeDuplicate()) {
        return sendOnce(List.of(message), atLeast).get(0);
      }
      if (gate != null) {
        return sendThrough(message, forced);
      }
      Receipt receipt = append(message);
      // Outside of the lock, so that the next message is appended while this one is forced.
      confirmation.await(receipt.offset() + 1, forced);
      return receipt;
    } finally {
      inUse.readLock().unlock();
    }
  }

  /**
   * Sends messages with one force for all. They stand in the topic in their order; messages of
   * others may stand between them.
   *
   * @param messages whose payloads are copied
   * @return where they stand, in their order
   * @throws MessageTooLargeException when one of them is over a limit; nothing was written
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was written
   * @throws io.holdfast.storage.error.RollTimeoutException when the topic's next file was not ready
   *     in time; nothing was written, and a later try may succeed
   * @throws io.holdfast.engine.error.TopicFullException when a limit of the topic is reached and
   *     its {@link OnFull} has made no room for all of them; nothing was written
   * @throws io.holdfast.engine.error.HoldfastInterruptedException when interrupted while waiting
   *     for room; the flag is set, nothing was written
   * @throws SendOutcomeUnknownException when a part of them was written; it says which
   * @throws AlreadyClosedException when the producer is closed; nothing was written
   */
  public List<Receipt> sendAll(List<Message> messages) {
    return sendAll(messages, Durability.processCrash());
  }

  /**
   * Sends messages with one force for all; see {@link #sendAll(List)} and {@link #send(Message,
   * Durability)}.
   *
   * @param messages whose payloads are copied
   * @param atLeast what the confirmation is to survive; less than the topic's changes nothing
   * @return where they stand, in their order
   */
  public List<Receipt> sendAll(List<Message> messages, Durability atLeast) {
    boolean forced = confirmation.raises(atLeast);
    if (messages.isEmpty()) {
      return List.of();
    }
    inUse.readLock().lock();
    try {
      awaitTurn(messages.stream().mapToLong(message -> message.payload().length).sum());
      if (mayHaveDuplicates(messages)) {
        return sendOnce(messages, atLeast);
      }
      if (gate != null) {
        return sendAllThrough(messages, forced);
      }
      List<Receipt> receipts = appendAll(messages);
      confirmation.await(receipts.get(receipts.size() - 1).offset() + 1, forced);
      return receipts;
    } finally {
      inUse.readLock().unlock();
    }
  }

  /**
   * Sends a message in the background. Waits only while maxPendingMessages or maxPendingBytes are
   * reached, and never in a handler or a callback. Where the topic has met a limit it is the
   * message that waits, up to the time that the topic's {@link OnFull} gives.
   *
   * @param message whose payload is copied before this returns
   * @return completes on the producer's thread, where dependent work holds up other messages;
   *     exceptionally as {@link #send} throws
   * @throws MessageTooLargeException when it is over a limit; nothing was written
   * @throws AlreadyClosedException when the producer is closed; nothing was written
   * @throws io.holdfast.engine.error.HoldfastInterruptedException when interrupted while waiting
   * @throws io.holdfast.engine.error.PendingFullException when a handler or a callback
   *     would have to wait
   */
  public CompletableFuture<Receipt> sendAsync(Message message) {
    return sendAsync(message, Durability.processCrash());
  }

  /**
   * Sends a message in the background; see {@link #sendAsync(Message)} and {@link #send(Message,
   * Durability)}.
   *
   * @param message whose payload is copied before this returns
   * @param atLeast what the confirmation is to survive; less than the topic's changes nothing
   * @return completes as that of {@link #sendAsync(Message)}
   */
  public CompletableFuture<Receipt> sendAsync(Message message, Durability atLeast) {
    CompletableFuture<Receipt> future = new CompletableFuture<>();
    sendAsync(message, atLeast, completing(future));
    return future;
  }

  private static SendCallback completing(CompletableFuture<Receipt> future) {
    return (receipt, error) -> {
      if (error == null) {
        future.complete(receipt);
      } else {
        future.completeExceptionally(error);
      }
    };
  }

  /**
   * Sends a message in the background if that takes no wait: as {@link #sendAsync(Message)}, but
   * where maxPendingMessages or maxPendingBytes are reached it says no.
   *
   * @param message whose payload is copied before this returns
   * @return what completes; empty when there is no room, and then nothing is sent
   * @throws MessageTooLargeException when it is over a limit; nothing was written
   * @throws AlreadyClosedException when the producer is closed; nothing was written
   */
  public Optional<CompletableFuture<Receipt>> trySend(Message message) {
    CompletableFuture<Receipt> future = new CompletableFuture<>();
    PendingSend send = pendingSend(message, Durability.processCrash(), completing(future));
    asyncSender();
    return pending.tryAdd(send) ? Optional.of(future) : Optional.empty();
  }

  /**
   * Sends a message in the background; see {@link #sendAsync(Message)}.
   *
   * @param message whose payload is copied before this returns
   * @param callback told the outcome exactly once, unless this throws
   */
  public void sendAsync(Message message, SendCallback callback) {
    sendAsync(message, Durability.processCrash(), callback);
  }

  /**
   * Sends a message in the background; see {@link #sendAsync(Message)} and {@link #send(Message,
   * Durability)}.
   *
   * @param message whose payload is copied before this returns
   * @param atLeast what the confirmation is to survive; less than the topic's changes nothing
   * @param callback told the outcome exactly once, unless this throws
   */
  public void sendAsync(Message message, Durability atLeast, SendCallback callback) {
    PendingSend send = pendingSend(message, atLeast, callback);
    AsyncSender sender = asyncSender();
    pending.add(send, !sender.isCurrentThread() && !EngineThreads.isCurrent());
  }

  private PendingSend pendingSend(Message message, Durability atLeast, SendCallback callback) {
    Objects.requireNonNull(callback, "callback");
    return copy(message, atLeast, callback);
  }

  /** Copies a message as it will stand in the topic. */
  private PendingSend copy(Message message, Durability atLeast, SendCallback callback) {
    byte[] payload = message.payload();
    if (payload.length > log.settings().maxMessageSize()) {
      throw new MessageTooLargeException(
          "the payload has " + payload.length + " bytes, the limit of topic " + log.name() + " is "
              + log.settings().maxMessageSize() + " (its maxMessageSize); nothing was written");
    }
    byte[] block;
    synchronized (asyncAttributes) { // for moments; a writer for each send would be more to clear
      int length = asyncAttributes.write(message, config.name(), Message.MAX_ATTRIBUTE_BYTES);
      block = Arrays.copyOf(asyncAttributes.bytes(), length);
    }
    boolean forced = confirmation.raises(atLeast);
    return new PendingSend(message, block, payload.clone(), forced, callback, System.nanoTime());
  }

  private static boolean mayHaveDuplicates(List<Message> messages) {
    for (Message message : messages) {
      if (message.mayBeDuplicate()) {
        return true;
      }
    }
    return false;
  }

  /** Sends messages of which the topic may have some; answers all, or throws. */
  private List<Receipt> sendOnce(List<Message> messages, Durability atLeast) {
    checkOpen();
    List<PendingSend> all = new ArrayList<>(messages.size());
    for (Message message : messages) {
      all.add(copy(message, atLeast, null));
    }
    OnceSends sent = once.appendTogether(all);
    List<Receipt> receipts = new ArrayList<>(all.size());
    for (Answer answer : sent.answers()) {
      if (answer.error() instanceof HoldfastException e) {
        boolean none = receipts.stream().allMatch(Receipt::isDuplicate);
        throw none ? e : partly(receipts, all.size(), e);
      }
      receipts.add(answer.receipt());
    }
    once.confirm(sent, confirmation.raises(atLeast));
    return receipts;
  }

  /**
   * Waits for sends of other threads, sends what is pending, answers every send, and ends the
   * producer. From one of its own callbacks it returns at once and the rest follows. A second call
   * does nothing.
   */
  @Override
  public void close() {
    AsyncSender sender;
    sending.lock();
    try {
      closed = true;
      sender = async;
    } finally {
      sending.unlock();
    }
    pending.close();
    if (rate != null) {
      rate.close(); // what is pending goes at once
    }
    if (gate != null) {
      gate.wakeAll(); // who waits for room is told
    }
    if (sender != null) {
      sender.join();
    }
    inUse.writeLock().lock();
    inUse.writeLock().unlock();
    onClose.accept(this);
  }

  @Override
  public String toString() {
    return "producer " + name() + " of topic " + log.name();
  }

  String topicName() {
    return log.name();
  }

  /** Closes it for a reason that whoever comes later is told. */
  void end(String reason) {
    why = ", because " + reason;
    close();
  }

  /** Whether this is the thread that runs the callbacks. */
  boolean isOwnThread() {
    sending.lock();
    try {
      return async != null && async.isCurrentThread();
    } finally {
      sending.unlock();
    }
  }

  private AsyncSender asyncSender() {
    sending.lock();
    try {
      checkOpen();
      if (async == null) {
        async =
            new AsyncSender(
                config, log, gate, pending, confirmation, rate, services, this::checkOpen, once);
        async.start();
      }
      return async;
    } finally {
      sending.unlock();
    }
  }

  private Receipt append(Message message) {
    sending.lock();
    try {
      checkOpen();
      if (batch == null) {
        batch = log.newBatch();
      }
      batch.clear();
      expiresAt = Long.MAX_VALUE;
      add(batch, message);
      log.append(batch);
      sends.sent(log.number(), expiresAt);
      return confirmation.receipt(batch, 0);
    } finally {
      sending.unlock();
    }
  }

  /** Waits until the rate lets a payload pass. */
  private void awaitTurn(long bytes) {
    if (rate == null) {
      return;
    }
    try {
      if (!rate.await(bytes)) {
        checkOpen();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HoldfastInterruptedException(
          "interrupted while waiting for the turn that rateLimitBps of " + this
              + " gives; nothing was written");
    }
  }

  private Receipt sendThrough(Message message, boolean forced) {
    Sent sent;
    try (Admission admission = gate.admit(1, 1, System.nanoTime(), this::checkOpen)) {
      sent = admission.append(1, (to, mostBytes) -> append(message, to, mostBytes));
    }
    sent.by().await(sent.receipt().offset() + 1, forced);
    return sent.receipt();
  }

  private record Sent(Receipt receipt, Confirmation by) {}

  /** Never waits under the lock: other threads may send while one waits for room. */
  private Sent append(Message message, TopicLog to, long mostBytes) {
    sending.lock();
    try {
      checkOpen();
      if (batch == null) {
        batch = log.newBatch();
      }
      batch.clear();
      expiresAt = Long.MAX_VALUE;
      add(batch, message);
      if (!to.append(batch, mostBytes)) {
        return null;
      }
      sends.sent(to.number(), expiresAt);
      Confirmation by = gate.confirmation(to);
      return new Sent(by.receipt(batch, 0), by);
    } finally {
      sending.unlock();
    }
  }

  private List<Receipt> sendAllThrough(List<Message> messages, boolean forced) {
    List<RecordBatch> batches;
    long firstExpiry;
    sending.lock();
    try {
      checkOpen();
      expiresAt = Long.MAX_VALUE;
      batches = batches(messages);
      firstExpiry = expiresAt;
    } finally {
      sending.unlock();
    }
    List<Receipt> receipts = new ArrayList<>(messages.size());
    Map<TopicLog, Long> ends = new LinkedHashMap<>(2); // a group may come or go in between
    int all = messages.size();
    try (Admission admission = gate.admit(all, all, System.nanoTime(), this::checkOpen)) {
      for (RecordBatch each : batches) {
        TopicLog to = append(each, admission, receipts, all);
        sends.sent(to.number(), firstExpiry);
        ends.put(to, each.firstOffset() + each.size());
      }
    }
    ends.forEach((to, end) -> gate.confirmation(to).await(end, forced));
    return receipts;
  }

  private TopicLog append(
      RecordBatch each, Admission admission, List<Receipt> receipts, int all) {
    TopicLog to;
    try {
      to =
          admission.append(
              each.size(), (log, mostBytes) -> log.append(each, mostBytes) ? log : null);
    } catch (HoldfastException e) {
      throw receipts.isEmpty() ? e : partly(receipts, all, e);
    }
    Confirmation confirmed = gate.confirmation(to);
    for (int i = 0; i < each.size(); i++) {
      receipts.add(confirmed.receipt(each, i));
    }
    return to;
  }

  private List<Receipt> appendAll(List<Message> messages) {
    List<Receipt> receipts = new ArrayList<>(messages.size());
    sending.lock();
    try {
      checkOpen();
      expiresAt = Long.MAX_VALUE;
      for (RecordBatch each : batches(messages)) {
        append(each, receipts, messages.size());
        sends.sent(log.number(), expiresAt); // of each, for the next one may not be written
      }
    } finally {
      sending.unlock();
    }
    return receipts;
  }

  /** Fills all batches before one is appended: a message that is refused is so before any write. */
  private List<RecordBatch> batches(List<Message> messages) {
    List<RecordBatch> batches = new ArrayList<>();
    RecordBatch current = log.newBatch();
    for (Message message : messages) {
      if (!add(current, message)) {
        batches.add(current);
        current = log.newBatch();
        add(current, message);
      }
    }
    batches.add(current);
    return batches;
  }

  private void append(RecordBatch each, List<Receipt> receipts, int all) {
    try {
      log.append(each);
    } catch (HoldfastException e) {
      throw receipts.isEmpty() ? e : partly(receipts, all, e);
    }
    for (int i = 0; i < each.size(); i++) {
      receipts.add(confirmation.receipt(each, i));
    }
  }

  private SendOutcomeUnknownException partly(
      List<Receipt> receipts, int all, HoldfastException cause) {
    long last = 0;
    for (Receipt receipt : receipts) {
      last = receipt.hasPlace() ? receipt.offset() : last;
    }
    return new SendOutcomeUnknownException(
        "topic " + log.name() + ": the first " + receipts.size() + " of " + all
            + " messages were appended, up to offset "
            + last
            + ", and may not be durable; the others were not appended. Cause: "
            + cause.getMessage(),
        cause);
  }

  private boolean add(RecordBatch to, Message message) {
    int length = attributes.write(message, config.name(), Message.MAX_ATTRIBUTE_BYTES);
    expiresAt = Math.min(expiresAt, attributes.expiresAt());
    byte[] payload = message.payload();
    return to.add(attributes.bytes(), length, payload, 0, payload.length);
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(this + " is closed" + why + "; nothing was sent");
    }
  }
}
