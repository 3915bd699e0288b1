package io.holdfast.engine.transaction;

import io.holdfast.engine.group.CommittedAcks;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.DamagedTopicException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;

/**
 * Applies what the last process has committed and perhaps not applied, before anything is handed
 * out, sent or dropped. It may be interrupted anywhere and run again; the steps and what a crash
 * means at each stand in docs/architecture.md, "Transactions".
 */
public final class TransactionRecovery {
  private static final Logger LOG = System.getLogger(TransactionRecovery.class.getName());

  private final Store store;
  private final TransactionJournal journal;
  private final CommittedAcks committed;
  private long mark; // what is below is applied
  private boolean isAllOpen = true; // else what is not there may come back

  /**
   * Makes it for one opening.
   *
   * @param store that is being opened
   * @param journal of the store
   * @param committed gets the acks
   */
  public TransactionRecovery(Store store, TransactionJournal journal, CommittedAcks committed) {
    this.store = store;
    this.journal = journal;
    this.committed = committed;
  }

  /**
   * Finds the acks, for the states of the groups; before any of them is opened.
   *
   * @throws DamagedTopicException when the log of transactions is damaged; nothing may be opened
   *     without what was confirmed to be in it
   */
  public void readAcks() {
    TransactionLog log = journal.log();
    log.open();
    if (log.isThere()) {
      mark = log.lastMark();
      log.transactions(
          mark,
          log.end(),
          (transaction, offset) ->
              transaction
                  .acks()
                  .forEach(acks -> committed.add(acks.group(), acks.topic(), acks.offsets())));
    }
  }

  /**
   * Appends the messages that are missing and has the mark pass all of it; when all groups are
   * open.
   *
   * @param areGroupsWhole whether no group and no state was refused
   * @param appended told of topics and how many messages were appended there
   */
  public void apply(boolean areGroupsWhole, ObjIntConsumer<TopicLog> appended) {
    TransactionLog log = journal.log();
    if (!log.isThere()) {
      return;
    }
    isAllOpen = areGroupsWhole;
    Map<Integer, TopicLog> topics = openTopics();
    long from = committed.wasCut() ? restateWithoutAcks() : mark;
    long to = log.end();
    PresentMessages present = find(topics, from, to);
    List<TransactionRecord> held = new ArrayList<>();
    Set<TopicLog> touched = new HashSet<>();
    int[] count = {0};
    log.transactions(
        from,
        to,
        (transaction, offset) -> {
          count[0]++;
          for (TransactionRecord.Target target : transaction.targets()) {
            TopicLog topic = topics.get(target.topic());
            if (topic != null) {
              touched.add(topic);
              append(topic, transaction.id(), target, present, appended);
            }
          }
          TransactionRecord left = left(transaction, topics);
          if (!left.isEmpty()) {
            held.add(left);
          }
        });
    touched.forEach(TransactionJournal::force);
    committed.clear();
    if (count[0] > 0) {
      end(held, to);
    }
    if (held.isEmpty()) {
      log.renewIfSmall();
    }
  }

  private void end(List<TransactionRecord> held, long to) {
    for (TransactionRecord left : held) {
      journal.restate(left, Map.of(), List.of());
    }
    journal.passTo(to);
  }

  private static void append(
      TopicLog topic,
      long id,
      TransactionRecord.Target target,
      PresentMessages present,
      ObjIntConsumer<TopicLog> appended) {
    List<TransactionRecord.Entry> missing = present.missing(id, target);
    TransactionAppend.append(
        topic,
        missing,
        (batch, from) -> {
          missing
              .subList(from, from + batch.size())
              .forEach(entry -> present.appended(target.topic(), id, entry.number()));
          appended.accept(topic, batch.size());
        });
  }

  private Map<Integer, TopicLog> openTopics() {
    Map<Integer, TopicLog> topics = new HashMap<>();
    for (String name : store.topicNames()) {
      try {
        store.topic(name).ifPresent(topic -> topics.put(topic.number(), topic));
      } catch (DamagedTopicException e) {
        isAllOpen = false;
      }
    }
    return topics;
  }

  /**
   * An ack is of a message that a power cut took away, and its offset is about to be given to
   * another one. So the records are written again without what the groups have taken, and the mark
   * passes the old ones.
   *
   * @return the offset of the first one
   */
  private long restateWithoutAcks() {
    TransactionLog log = journal.log();
    long before = log.end();
    log.transactions(
        mark,
        before,
        (transaction, offset) ->
            log.append(
                new TransactionRecord(
                        transaction.id(), transaction.targets(), leftAcks(transaction))
                    .encode(),
                true));
    journal.passTo(before);
    mark = before;
    return before;
  }

  private TransactionRecord left(TransactionRecord transaction, Map<Integer, TopicLog> topics) {
    List<TransactionRecord.Target> targets =
        isAllOpen
            ? List.of()
            : transaction.targets().stream()
                .filter(target -> !topics.containsKey(target.topic()))
                .toList();
    return new TransactionRecord(transaction.id(), targets, leftAcks(transaction));
  }

  /** Where all is open, nobody has taken them because their group or topic is gone. */
  private List<TransactionRecord.Acks> leftAcks(TransactionRecord transaction) {
    return isAllOpen
        ? List.of()
        : transaction.acks().stream()
            .filter(acks -> committed.isLeft(acks.group(), acks.topic()))
            .toList();
  }

  private PresentMessages find(Map<Integer, TopicLog> topics, long from, long to) {
    PresentMessages present = new PresentMessages();
    journal.log().transactions(from, to, (transaction, offset) -> present.expect(transaction));
    for (int number : present.topics()) {
      TopicLog topic = topics.get(number);
      try {
        if (topic != null) {
          present.find(topic);
        }
      } catch (DamagedRecordException e) {
        LOG.log(Level.ERROR, "messages of transactions for " + topic.name() + " are held", e);
        topics.remove(number);
        isAllOpen = false;
      }
    }
    return present;
  }
}
