package io.holdfast.engine;

import io.holdfast.engine.transaction.TransactionAppend;
import io.holdfast.engine.transaction.TransactionRecord;
import io.holdfast.storage.TopicLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A topic that a transaction sends to, on the way through its commit. One thread at a time. */
final class Destination {
  private final Engine engine;
  private final TopicLog topic; // that was asked for
  private final TopicGate gate; // null where nothing is in the way
  private final Confirmation confirmation;
  private final List<Transaction.Sent> messages = new ArrayList<>();
  private int permits; // taken and not used
  private TopicLog to; // where the messages go
  private int appended;

  private Destination(Engine engine, TopicLog topic) {
    this.engine = engine;
    this.topic = topic;
    this.gate = engine.runtime(topic).gate();
    this.confirmation = new Confirmation(topic);
    this.to = topic;
  }

  /** Returns one for each topic, in the order of their numbers: who waits, waits in this order. */
  static List<Destination> of(Engine engine, List<Transaction.Sent> sent) {
    Map<Integer, Destination> byNumber = new TreeMap<>();
    for (Transaction.Sent each : sent) {
      byNumber
          .computeIfAbsent(each.topic().number(), n -> new Destination(engine, each.topic()))
          .messages
          .add(each);
    }
    return List.copyOf(byNumber.values());
  }

  /** Takes permits, and waits for room, as the topic says. */
  void admit() {
    if (gate != null) {
      int count = messages.size();
      int bytes = messages.stream().mapToInt(each -> each.entry().bytes()).sum();
      try (Admission admission =
          gate.admit(count, count, System.nanoTime(), engine::checkNotClosing)) {
        to = gate.route(admission, count, bytes);
        permits = to == topic ? count : 0;
      }
    }
  }

  /** Nothing was written: gives the permits back. */
  void giveUp() {
    if (permits > 0) {
      gate.release(permits);
      permits = 0;
    }
  }

  void checkOpen() {
    to.checkOpen();
  }

  TopicLog log() {
    return to;
  }

  /** Returns what the record says of it: an opening looks from what is durable now on. */
  TransactionRecord.Target target() {
    return new TransactionRecord.Target(to.number(), to.durableOffset(), entries(0));
  }

  private List<TransactionRecord.Entry> entries(int from) {
    return messages.subList(from, messages.size()).stream()
        .map(Transaction.Sent::entry)
        .toList();
  }

  /** Appends the messages, past limits. */
  void append(Receipt[] receipts) {
    Confirmation confirmed = to == topic ? confirmation : new Confirmation(to);
    TransactionAppend.append(
        to,
        entries(0),
        (batch, from) -> {
          for (int i = 0; i < batch.size(); i++) {
            receipts[messages.get(from + i).entry().number()] = confirmed.receipt(batch, i);
          }
          appended = from + batch.size();
        });
    long expiresAt =
        messages.stream().mapToLong(Transaction.Sent::expiresAt).min().orElse(Long.MAX_VALUE);
    engine.sends().sent(to.number(), expiresAt);
  }

  /** Returns what could not be appended. */
  TransactionRecord.Target left() {
    return new TransactionRecord.Target(to.number(), to.durableOffset(), entries(appended));
  }
}
