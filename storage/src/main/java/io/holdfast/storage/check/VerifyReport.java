package io.holdfast.storage.check;

import java.util.List;

/**
 * What a check found of a store.
 *
 * @param live whether another process had it open
 * @param topics by name
 * @param findings of the store itself: its control file
 */
public record VerifyReport(boolean live, List<TopicReport> topics, List<Finding> findings) {

  /**
   * Whether anything is not what was written.
   *
   * @return false when nothing that was promised is missing
   */
  public boolean damaged() {
    return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.DAMAGE)
        || topics.stream().anyMatch(topic -> topic.state() == TopicReport.State.DAMAGED);
  }
}
