package io.holdfast.storage.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The check of a whole store, live or closed, whole or damaged: all faults with their ranges. It
 * takes no lock, maps nothing and changes nothing.
 */
public final class StoreVerifier {
  private StoreVerifier() {}

  /**
   * Checks topics one by one.
   *
   * @param store what to check
   * @param topics which of its topics
   * @param listener told of each topic when it is done
   * @return everything that was found
   */
  public static VerifyReport verify(
      StoreView store, List<TopicView> topics, Consumer<TopicReport> listener) {
    boolean live = store.owner().state() == StoreOwner.State.OPEN;
    List<Finding> findings = new ArrayList<>(controlFindings(store));
    List<TopicReport> reports = new ArrayList<>();
    for (TopicView topic : topics) {
      TopicReport report = TopicVerifier.verify(topic, live);
      reports.add(report);
      listener.accept(report);
    }
    return new VerifyReport(live, List.copyOf(reports), List.copyOf(findings));
  }

  private static List<Finding> controlFindings(StoreView store) {
    if (store.control().isEmpty()) {
      return List.of(
          Finding.damage(
              store.directory().resolve("store.ctl"),
              0,
              "expected the control file, found none",
              "restore it from a backup; the segments can be read without it"));
    }
    return store.control().get().findings();
  }
}
