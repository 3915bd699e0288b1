package io.holdfast.engine.transaction;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which messages of transactions their topics have already. One thread at a time. */
final class PresentMessages {
  private static final int READ_BATCH = 256;

  private final Map<Integer, Long> lowest = new HashMap<>(); // where to look from, by topic
  private final Map<Integer, Map<Long, BitSet>> numbers = new HashMap<>(); // by topic and id

  /** Says which transaction is looked for. */
  void expect(TransactionRecord transaction) {
    for (TransactionRecord.Target target : transaction.targets()) {
      lowest.merge(target.topic(), target.from(), Math::min);
      numbers
          .computeIfAbsent(target.topic(), topic -> new HashMap<>())
          .computeIfAbsent(transaction.id(), id -> new BitSet());
    }
  }

  /** Returns the numbers of the topics to be looked through. */
  Set<Integer> topics() {
    return new HashSet<>(lowest.keySet());
  }

  /** Looks through a topic. */
  void find(TopicLog topic) {
    long from = Math.max(lowest.get(topic.number()), topic.firstOffset());
    Map<Long, BitSet> wanted = numbers.get(topic.number());
    if (from < topic.visibleEnd()) {
      try (LogReader reader = topic.reader(from)) {
        while (reader.poll(record -> look(record, wanted), READ_BATCH) > 0) {
          // to the end of the topic
        }
      }
    }
  }

  private static void look(RecordView record, Map<Long, BitSet> wanted) {
    int at =
        AttributeReader.transaction(
            record.array(), record.attributesOffset(), record.attributesLength());
    if (at >= 0) {
      ByteBuffer value = ByteBuffer.wrap(record.array()).order(LITTLE_ENDIAN);
      BitSet present = wanted.get(value.getLong(at));
      if (present != null) {
        present.set(value.getInt(at + AttributeLayout.TRANSACTION_NUMBER));
      }
    }
  }

  /** A message was appended: a second record of the transaction must not append it again. */
  void appended(int topic, long id, int number) {
    numbers.get(topic).get(id).set(number);
  }

  /** Returns what a topic does not have of a transaction, in its order. */
  List<TransactionRecord.Entry> missing(long id, TransactionRecord.Target target) {
    BitSet present = numbers.get(target.topic()).get(id);
    return target.entries().stream().filter(entry -> !present.get(entry.number())).toList();
  }
}
