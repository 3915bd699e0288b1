package io.holdfast.engine;

import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Some sends on their way through a {@link OnceSender}, and their answers. For one thread. */
final class OnceSends {
  private static final int NONE = -1;

  private final List<PendingSend> all;
  private final boolean isTogether;
  private final Answer[] answers; // null while there is none
  private final int[] same; // index in the batch of the message that each is a duplicate of
  private final Map<TopicLog, Long> ends = new LinkedHashMap<>(2);

  /**
   * Begins without answers.
   *
   * @param all in their order
   * @param isTogether whether one that is refused keeps all from being written
   */
  OnceSends(List<PendingSend> all, boolean isTogether) {
    this.all = all;
    this.isTogether = isTogether;
    this.answers = new Answer[all.size()];
    this.same = new int[all.size()];
    Arrays.fill(same, NONE);
  }

  boolean isTogether() {
    return isTogether;
  }

  int size() {
    return answers.length;
  }

  PendingSend get(int index) {
    return all.get(index);
  }

  /** The answers that there are: of all, or of the first ones. */
  List<Answer> answers() {
    int end = 0;
    while (end < answers.length && answers[end] != null) {
      end++;
    }
    return Arrays.asList(answers).subList(0, end);
  }

  void answer(int index, Receipt receipt) {
    answers[index] = new Answer(receipt, null);
  }

  /** What was not written is answered so; returns the end. */
  int fail(int from, int to, HoldfastException e) {
    for (int i = from; i < to; i++) {
      if (answers[i] == null || isTogether) {
        answers[i] = new Answer(null, e);
      }
    }
    return to;
  }

  /** What follows has no answer yet. */
  void clear(int from) {
    Arrays.fill(answers, from, answers.length, null);
    Arrays.fill(same, from, same.length, NONE);
  }

  /** A send is a duplicate of a message in the batch, and answered with it. */
  void same(int index, int inBatch) {
    same[index] = inBatch;
  }

  /** The index in the batch, or -1. */
  int same(int index) {
    return same[index];
  }

  /** Receipts speak of messages up to here. */
  void reaches(TopicLog log, long end) {
    ends.merge(log, end, Math::max);
  }

  /** How far each topic has to be made durable. */
  Map<TopicLog, Long> ends() {
    return ends;
  }
}
