package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.TransactionTooLargeException;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.message.AttributeWriter;
import io.holdfast.engine.transaction.TransactionLayout;
import io.holdfast.engine.transaction.TransactionRecord;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.MessageTooLargeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A transaction sends messages to several topics and acks deliveries of several groups, all of it
 * or nothing: whatever is thrown, whoever is killed, and through a power cut where one of its
 * topics is powerLoss. Nobody sees anything of it before the commit, and then its messages come
 * topic by topic. One thread at a time.
 *
 * <p>A {@link #commit} that fails with anything but {@link
 * io.holdfast.engine.error.SendOutcomeUnknownException} and {@link
 * io.holdfast.engine.error.TransactionHeldException} has done nothing, and may be tried again.
 */
public final class Transaction implements AutoCloseable {
  /** Most messages of a transaction. */
  public static final int MAX_MESSAGES = 10_000;

  /** Most acks of a transaction. */
  public static final int MAX_ACKS = 10_000;

  private final Engine engine;
  private final Transactions transactions;
  private final long id;
  private final int maxBytes;
  private final AttributeWriter writer;
  private final List<Sent> sent = new ArrayList<>();
  private final Map<GroupTopic, List<Lease>> acked = new LinkedHashMap<>();
  private int acks;
  private long bytes = TransactionLayout.HEADER;
  private String ended; // what has become of it; null while it is open

  Transaction(Engine engine, Transactions transactions, long id, int maxBytes) {
    this.engine = engine;
    this.transactions = transactions;
    this.id = id;
    this.maxBytes = maxBytes;
    this.writer = new AttributeWriter(engine.clock());
  }

  /**
   * A message of a transaction.
   *
   * @param topic where it is sent
   * @param entry as it will stand there
   * @param expiresAt epoch milliseconds; the end of time where it does not expire
   */
  record Sent(TopicLog topic, TransactionRecord.Entry entry, long expiresAt) {}

  /**
   * Returns the transaction's id, which the receipt has, too.
   *
   * @return unique in the store
   */
  public long id() {
    return id;
  }

  /**
   * Sends a message, at the commit. A delay, and a time to live, begin now.
   *
   * @param topic name of a topic
   * @param message whose payload is copied before this returns
   * @return this
   * @throws io.holdfast.engine.error.UnknownTopicException when there is none
   * @throws io.holdfast.storage.error.InvalidNameException for a topic that the engine alone writes
   * @throws MessageTooLargeException when it is over a limit of the topic
   * @throws IllegalArgumentException when it has a sequence or a dedupId
   * @throws TransactionTooLargeException when the transaction has no room for it
   * @throws AlreadyClosedException when the transaction has ended
   */
  public Transaction send(String topic, Message message) {
    checkOpen();
    return send(engine.log(Names.writable(Names.topic(topic))), message);
  }

  /**
   * Sends a message, at the commit; see {@link #send(String, Message)}.
   *
   * @param topic of this engine
   * @param message whose payload is copied before this returns
   * @return this
   */
  public Transaction send(Topic topic, Message message) {
    checkOpen();
    Names.writable(topic.name());
    engine.runtime(topic.log()); // of this engine, and there
    return send(topic.log(), message);
  }

  private Transaction send(TopicLog topic, Message message) {
    if (message.sequence().isPresent() || message.dedupId().isPresent()) {
      throw new IllegalArgumentException(
          "a message of a transaction is sent exactly once and takes no sequence and no dedupId;"
              + " leave them out");
    }
    byte[] payload = message.payload();
    if (payload.length > topic.settings().maxMessageSize()) {
      throw new MessageTooLargeException(
          "the payload has " + payload.length + " bytes, the limit of topic " + topic.name()
              + " is " + topic.settings().maxMessageSize()
              + " (its maxMessageSize); the transaction is as it was");
    }
    int number = sent.size();
    writer.write(message, null, Message.MAX_ATTRIBUTE_BYTES);
    int length = writer.addTransaction(id, number);
    byte[] attributes = Arrays.copyOf(writer.bytes(), length);
    TransactionRecord.Entry entry =
        new TransactionRecord.Entry(number, attributes, payload.clone());
    boolean isNew = sent.stream().noneMatch(other -> other.topic() == topic);
    long more = entry.bytes() + (isNew ? TransactionLayout.TARGET : 0);
    checkRoom(number < MAX_MESSAGES, more, "MAX_MESSAGES " + MAX_MESSAGES);
    bytes += more;
    sent.add(new Sent(topic, entry, writer.expiresAt()));
    return this;
  }

  /**
   * Acks a delivery, at the commit, which fails if its lease has run out by then or it was settled
   * otherwise. Until the commit it is out as before. A second ack of it changes nothing.
   *
   * @param delivery of a group of this engine
   * @return this
   * @throws TransactionTooLargeException when the transaction has no room for it
   * @throws AlreadyClosedException when the transaction has ended
   */
  public Transaction ack(Delivery delivery) {
    checkOpen();
    Lease lease = delivery.lease();
    GroupTopic groupTopic = lease.groupTopic();
    engine.runtime(groupTopic.log());
    List<Lease> leases = acked.getOrDefault(groupTopic, List.of());
    if (!leases.contains(lease)) {
      long more = Long.BYTES + (leases.isEmpty() ? bytesOf(groupTopic) : 0);
      checkRoom(acks < MAX_ACKS, more, "MAX_ACKS " + MAX_ACKS);
      bytes += more;
      acks++;
      acked.computeIfAbsent(groupTopic, of -> new ArrayList<>()).add(lease);
    }
    return this;
  }

  private static int bytesOf(GroupTopic groupTopic) {
    return TransactionRecord.Acks.bytes(groupTopic.group(), 0);
  }

  private void checkRoom(boolean isCountFree, long more, String count) {
    if (!isCountFree || bytes + more > maxBytes) {
      throw new TransactionTooLargeException(
          "a transaction with " + sent.size() + " messages, " + acks + " acks and " + bytes
              + " bytes has no room for " + more + " bytes more: the limit is "
              + (isCountFree ? "maxTransactionBytes " + maxBytes : count)
              + "; it is as it was. Commit what is there, and begin another one");
    }
  }

  /**
   * Commits: does all of it. Waits for room in topics with limits as a send does, and for the
   * device once, where one of its topics is powerLoss.
   *
   * @return what was done
   * @throws io.holdfast.engine.error.LeaseLostException when a delivery that it acks was settled,
   *     or its lease has run out; nothing was done
   * @throws io.holdfast.engine.error.TopicFullException when a topic has no room; nothing was done
   * @throws io.holdfast.storage.error.DiskFullException when there is no room for the record;
   *     nothing was done
   * @throws io.holdfast.engine.error.HoldfastInterruptedException when interrupted while waiting
   *     for room; nothing was done
   * @throws io.holdfast.engine.error.SendOutcomeUnknownException when the record was written and
   *     could not be forced: the next opening knows
   * @throws io.holdfast.engine.error.TransactionHeldException when it is committed, and a message
   *     could not be put into its topic yet
   * @throws AlreadyClosedException when the transaction has ended, or the engine is closed
   */
  public TransactionReceipt commit() {
    checkOpen();
    return transactions.commit(this);
  }

  /** Ends the transaction without doing anything; what it was to ack is out as before. */
  public void rollback() {
    if (ended == null) {
      end("was rolled back");
    }
  }

  /** Rolls back, unless it is committed. A second call does nothing. */
  @Override
  public void close() {
    rollback();
  }

  @Override
  public String toString() {
    return "transaction " + Long.toUnsignedString(id);
  }

  /** Acks a delivery and sends what comes of it, or leaves the transaction as it was. */
  void add(Delivery delivery, List<Output> outputs) {
    int messages = sent.size();
    long before = bytes;
    try {
      outputs.forEach(output -> send(output.topic(), output.message()));
      ack(delivery);
    } catch (RuntimeException | Error e) {
      sent.subList(messages, sent.size()).clear();
      bytes = before;
      throw e;
    }
  }

  /** Says what has become of it. */
  void end(String how) {
    ended = how;
  }

  List<Sent> sent() {
    return sent;
  }

  Map<GroupTopic, List<Lease>> acked() {
    return acked;
  }

  private void checkOpen() {
    if (ended != null) {
      throw new AlreadyClosedException(this + " " + ended + "; begin another one");
    }
  }
}
