package io.holdfast.engine;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.ExpiringSends;
import io.holdfast.engine.group.Threads;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The thread of a producer that appends asynchronous sends in batches and answers them: each gets
 * exactly one answer, on this thread, never under a lock. Only what the device does not confirm in
 * time is answered on another one.
 */
final class AsyncSender {
  private static final Logger LOG = System.getLogger(AsyncSender.class.getName());

  /** Whole batches that wait already go to the device together: it is what takes the time. */
  private static final int MOST_BATCHES = 4;

  private final ProducerConfig config;
  private final TopicLog log;
  private final TopicGate gate; // null where nothing is in the way of a message
  private final PendingQueue queue;
  private final Confirmation confirmation;
  private final ExpiringSends expiring;
  private final Runnable checkOpen; // throws when the producer is closed
  private final OnceSender once; // for messages that the topic may have already
  private final RateLimit rate; // null where there is none
  private final Unconfirmed unconfirmed;
  private final RecordBatch batch; // used by the thread only
  private final Thread thread;

  AsyncSender(
      ProducerConfig config,
      TopicLog log,
      TopicGate gate,
      PendingQueue queue,
      Confirmation confirmation,
      RateLimit rate,
      ProducerServices services,
      Runnable checkOpen,
      OnceSender once) {
    this.gate = gate;
    this.once = once;
    this.config = config;
    this.log = log;
    this.queue = queue;
    this.confirmation = confirmation;
    this.expiring = services.sends();
    this.rate = rate;
    this.unconfirmed = new Unconfirmed(config, services);
    this.checkOpen = checkOpen;
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
          unconfirmed.close();
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
    awaitTurn(sends);
    if (gate == null) {
      sendAtOnce(sends);
    } else {
      for (int next = 0; next < sends.size(); ) {
        List<PendingSend> rest = sends.subList(next, sends.size());
        next += mayHaveDuplicates(rest) ? sendOnceThroughGate(rest) : sendThroughGate(rest);
      }
    }
  }

  private void awaitTurn(List<PendingSend> sends) {
    if (rate == null) {
      return;
    }
    long bytes = 0;
    for (PendingSend send : sends) {
      bytes += send.payload.length;
    }
    try {
      rate.await(bytes);
    } catch (InterruptedException e) {
      // A callback may have left the flag behind: these go a little early, and the next ones late.
      LOG.log(Level.DEBUG, "the thread of producer " + config.name() + " was interrupted", e);
    }
  }

  private void sendAtOnce(List<PendingSend> sends) {
    List<Answer> answers = new ArrayList<>(sends.size());
    Throwable failure = null;
    boolean ours = true;
    try {
      long end = append(sends, answers);
      for (int i = 1; i < MOST_BATCHES && isMoreToCome(sends); i++) {
        end = Math.max(end, append(sends.subList(answers.size(), sends.size()), answers));
      }
      if (end >= 0) {
        ours = confirm(confirmation, end, sends, answers);
      }
    } catch (Throwable e) { // every send is answered, whatever happened
      failure = e;
    }
    if (ours) {
      answer(sends, answers, failure);
    }
  }

  /** Whether there is another batch to be appended before all go to the device. */
  private boolean isMoreToCome(List<PendingSend> sends) {
    return rate == null && confirmation.isSlow(false) && queue.takeMore(sends);
  }

  /** Waits for the device where it has to; returns false where it took so long that all is told. */
  private boolean confirm(
      Confirmation by, long end, List<PendingSend> sends, List<Answer> answers) {
    boolean forced = false;
    for (PendingSend send : sends) {
      forced |= send.forced;
    }
    if (!by.isSlow(forced)) {
      return true;
    }
    unconfirmed.begin(() -> answer(sends, answers, by.late(config.confirmTimeout())));
    try {
      by.await(end, forced);
    } catch (Throwable e) {
      if (!unconfirmed.end()) {
        LOG.log(Level.DEBUG, "producer " + config.name() + " has said so already", e);
        return false;
      }
      throw e;
    }
    return unconfirmed.end();
  }

  private void answer(List<PendingSend> sends, List<Answer> answers, Throwable failure) {
    queue.release(sends);
    for (int i = 0; i < sends.size(); i++) {
      Answer answer = i < answers.size() ? answers.get(i) : new Answer(null, failure);
      boolean unconfirmed = failure != null && answer.receipt() != null;
      tell(sends.get(i), unconfirmed ? new Answer(null, failure) : answer);
    }
  }

  private static boolean mayHaveDuplicates(List<PendingSend> sends) {
    for (PendingSend send : sends) {
      if (send.mayBeDuplicate()) {
        return true;
      }
    }
    return false;
  }

  /** Appends in as few batches as they fit; returns the end of the last one, or -1. */
  private long append(List<PendingSend> sends, List<Answer> answers) {
    if (mayHaveDuplicates(sends)) {
      OnceSends each = once.appendEach(sends);
      answers.addAll(each.answers());
      return each.ends().getOrDefault(log, -1L);
    }
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

  /**
   * Appends as many as the topic lets in, makes them durable and answers them, before anything
   * waits for room again: it may be they that have to be consumed first. Returns how many have
   * their answer, one at least.
   */
  private int sendThroughGate(List<PendingSend> sends) {
    List<Answer> answers = new ArrayList<>();
    Throwable failure = null;
    boolean ours = true;
    List<PendingSend> appended = sends.subList(0, 1);
    batch.clear();
    try {
      TopicLog to = append(sends);
      Confirmation confirmed = gate.confirmation(to);
      for (int i = 0; i < batch.size(); i++) {
        answers.add(new Answer(confirmed.receipt(batch, i), null));
      }
      appended = sends.subList(0, batch.size());
      ours = confirm(confirmed, batch.firstOffset() + batch.size(), appended, answers);
    } catch (TopicFullException e) { // only one has waited, or asked, for room
      failure = e;
    } catch (Throwable e) { // every send is answered, whatever happened
      appended = sends.subList(0, Math.max(1, batch.size()));
      failure = e;
    }
    if (ours) {
      answer(appended, answers, failure);
    }
    return appended.size();
  }

  /** The same, where the topic may have some of them; a duplicate needs no room. */
  private int sendOnceThroughGate(List<PendingSend> sends) {
    List<Answer> answers = List.of();
    Throwable failure = null;
    boolean ours = true;
    List<PendingSend> answered = sends.subList(0, 1);
    try {
      OnceSends first = once.appendFirst(sends);
      answers = first.answers();
      answered = sends.subList(0, answers.size());
      for (Map.Entry<TopicLog, Long> end : first.ends().entrySet()) {
        ours = ours && confirm(gate.confirmation(end.getKey()), end.getValue(), answered, answers);
      }
    } catch (Throwable e) { // every send is answered, whatever happened
      failure = e;
    }
    if (ours) {
      answer(answered, answers, failure);
    }
    return answered.size();
  }

  /** Has the first messages appended, at once as many as there is room for, or later one. */
  private TopicLog append(List<PendingSend> sends) {
    long since = sends.get(0).since;
    try (Admission admission = gate.admit(1, sends.size(), since, checkOpen)) {
      long most = Math.min(sends.size(), admission.take());
      TopicLog to = null;
      while (to == null) {
        long expiresAt = fill(sends, most);
        to =
            batch.size() == 1
                ? admission.append(1, this::append)
                : admission.tryAppend(batch.size(), this::append);
        if (to != null) {
          expiring.sent(to.number(), expiresAt);
        }
        most = batch.size() / 2;
      }
      return to;
    }
  }

  private TopicLog append(TopicLog to, long mostBytes) {
    return to.append(batch, mostBytes) ? to : null;
  }

  /** Returns when the first of them expires. */
  private long fill(List<PendingSend> sends, long most) {
    long expiresAt = Long.MAX_VALUE;
    batch.clear();
    for (int i = 0; i < most && add(sends.get(i)); i++) {
      expiresAt = Math.min(expiresAt, sends.get(i).expiresAt());
    }
    return expiresAt;
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
