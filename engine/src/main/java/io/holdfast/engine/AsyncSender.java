package io.holdfast.engine;

import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.engine.group.Threads;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The thread of a producer that appends asynchronous sends in batches and answers them: each gets
 * exactly one answer, on this thread, never under a lock.
 */
final class AsyncSender {
  private static final Logger LOG = System.getLogger(AsyncSender.class.getName());

  private final ProducerConfig config;
  private final TopicLog log;
  private final TopicGate gate; // null where nothing is in the way of a message
  private final PendingQueue queue;
  private final Confirmation confirmation;
  private final ExpiringSends expiring;
  private final RecordBatch batch; // used by the thread only
  private final Thread thread;

  AsyncSender(
      ProducerConfig config,
      TopicLog log,
      TopicGate gate,
      PendingQueue queue,
      Confirmation confirmation,
      ExpiringSends expiring) {
    this.gate = gate;
    this.config = config;
    this.log = log;
    this.queue = queue;
    this.confirmation = confirmation;
    this.expiring = expiring;
    this.batch = log.newBatch();
    this.thread = new Thread(this::run, "holdfast-producer-" + config.name());
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  /** Waits until everything is answered; from a callback it only lets that happen. */
  void join() {
    if (!isCurrentThread()) {
      Threads.joinUninterruptibly(thread);
    }
  }

  private void run() {
    while (true) {
      try {
        List<PendingSend> sends = queue.take();
        if (sends.isEmpty()) {
          return;
        }
        send(sends);
      } catch (InterruptedException e) {
        // A callback may have left the flag behind; pending sends still get their answers.
        LOG.log(Level.DEBUG, "the thread of producer " + config.name() + " was interrupted", e);
      }
    }
  }

  private void send(List<PendingSend> sends) {
    List<Answer> answers = new ArrayList<>(sends.size());
    Throwable failure = null;
    try {
      if (gate == null) {
        long end = append(sends, answers);
        if (end >= 0) {
          confirmation.await(end);
        }
      } else {
        appendThroughGate(sends, answers);
      }
    } catch (Throwable e) { // every send is answered, whatever happened
      failure = e;
    }
    queue.release(sends);
    for (int i = 0; i < sends.size(); i++) {
      Answer answer = i < answers.size() ? answers.get(i) : new Answer(null, failure);
      boolean unconfirmed = failure != null && answer.receipt() != null;
      tell(sends.get(i), unconfirmed ? new Answer(null, failure) : answer);
    }
  }

  private record Answer(Receipt receipt, Throwable error) {}

  /** Appends in as few batches as they fit; returns the end of the last one, or -1. */
  private long append(List<PendingSend> sends, List<Answer> answers) {
    long end = -1;
    int next = 0;
    while (next < sends.size()) {
      batch.clear();
      long expiresAt = Long.MAX_VALUE;
      while (next < sends.size() && add(sends.get(next))) {
        expiresAt = Math.min(expiresAt, sends.get(next).expiresAt());
        next++;
      }
      try {
        log.append(batch);
        expiring.sent(log.number(), expiresAt);
        for (int i = 0; i < batch.size(); i++) {
          answers.add(new Answer(confirmation.receipt(batch, i), null));
        }
        end = batch.firstOffset() + batch.size();
      } catch (HoldfastException e) { // nothing of this batch was written; the next may fit
        for (int i = 0; i < batch.size(); i++) {
          answers.add(new Answer(null, e));
        }
      }
    }
    return end;
  }

  /** The same, as far as the topic lets them in; each waits for room up to its own time. */
  private void appendThroughGate(List<PendingSend> sends, List<Answer> answers) {
    Map<TopicLog, Long> ends = new HashMap<>(2); // of the topic, and of that for nobody
    int next = 0;
    while (next < sends.size()) {
      long since = sends.get(next).since;
      try (Admission admission = gate.admitSome(sends.size() - next, since, queue::isClosed)) {
        long most = admission.permits() == 0 ? sends.size() : admission.permits();
        int first = next;
        long expiresAt = Long.MAX_VALUE;
        batch.clear();
        while (next < sends.size() && next - first < most && add(sends.get(next))) {
          expiresAt = Math.min(expiresAt, sends.get(next).expiresAt());
          next++;
        }
        TopicLog to =
            admission.append(
                batch.size(), (log, mostBytes) -> log.append(batch, mostBytes) ? log : null);
        expiring.sent(to.number(), expiresAt);
        for (int i = 0; i < batch.size(); i++) {
          answers.add(new Answer(gate.confirmation(to).receipt(batch, i), null));
        }
        ends.put(to, batch.firstOffset() + batch.size());
      } catch (HoldfastException e) { // nothing of this batch was written; the next may fit
        next = Math.max(next, answers.size() + 1);
        while (answers.size() < next) {
          answers.add(new Answer(null, e));
        }
      }
    }
    ends.forEach((to, end) -> gate.confirmation(to).await(end));
  }

  private boolean add(PendingSend send) {
    return batch.add(
        send.attributes, send.attributes.length, send.payload, 0, send.payload.length);
  }

  private void tell(PendingSend send, Answer answer) {
    try {
      EngineThreads.enter();
      send.answer(answer.receipt(), answer.error());
    } catch (Throwable e) { // a user's code, which must not cost others their answer
      LOG.log(Level.ERROR, "a send callback of producer " + config.name() + " has thrown", e);
    } finally {
      EngineThreads.leave();
    }
  }
}
