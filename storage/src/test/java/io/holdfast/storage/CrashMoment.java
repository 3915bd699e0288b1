package io.holdfast.storage;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.util.ArrayList;
import java.util.List;

/**
 * A moment at which a process could have died, between two calls to its file system, and what it
 * had promised by then.
 *
 * @param before the call that was next
 * @param point the file system
 * @param topics what each topic must hold
 * @param planned messages of each topic that may be there, in the same order
 */
record CrashMoment(
    String before, CrashPoint point, List<TopicHistory.Promise> topics, List<Integer> planned) {

  /** Takes hold of a moment, with the file system kept from changing. */
  static CrashMoment now(CrashFileSystem disk, String next, Iterable<TopicHistory> histories) {
    List<TopicHistory.Promise> topics = new ArrayList<>();
    histories.forEach(history -> topics.add(history.promise()));
    CrashPoint point = disk.point();
    List<Integer> planned = topics.stream().map(t -> t.history().planned()).toList();
    return new CrashMoment(next, point, topics, planned);
  }

  /**
   * A moment while a store opened after an earlier crash: an opening promises nothing new, and
   * brings nothing back.
   *
   * @param whole whether the earlier crash lost nothing but the process
   */
  static CrashMoment opening(CrashFileSystem disk, Call next, CrashMoment last, boolean whole) {
    return new CrashMoment(
        last.before + ", then opening, before " + next,
        disk.point(),
        whole ? last.topics : last.topics.stream().map(TopicHistory.Promise::durableOnly).toList(),
        last.planned);
  }

  /** The same moment, once it is known how much there was. */
  CrashMoment holding(List<Integer> found) {
    return new CrashMoment(before, point, topics, found);
  }

  /** One number of all that is promised: states of the same files may have different ones. */
  long digest(boolean whole) {
    long digest = whole ? 1 : 2;
    for (int i = 0; i < topics.size(); i++) {
      TopicHistory.Promise promise = topics.get(i);
      digest = digest * 31 + promise.begins();
      digest = digest * 31 + (whole ? promise.end() : promise.durable());
      digest = digest * 31 + planned.get(i) + (promise.exists() ? 1 : 0);
    }
    return digest;
  }

  /** Compares a store that was opened after the crash; gives what is left of each topic. */
  List<TopicHistory> check(Store store, boolean whole) {
    List<TopicHistory> left = new ArrayList<>();
    for (int i = 0; i < topics.size(); i++) {
      topics.get(i).check(store, whole, planned.get(i)).ifPresent(left::add);
    }
    return left;
  }
}
