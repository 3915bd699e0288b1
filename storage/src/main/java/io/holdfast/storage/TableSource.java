package io.holdfast.storage;

import io.holdfast.storage.check.CarriedTable;

/**
 * Whoever knows the table that a topic carries from segment to segment; see {@link
 * TopicFiles#carry}. It is asked under the topic's append lock: it must be short and must not touch
 * the log.
 */
public interface TableSource {

  /**
   * Returns the table as of the end of the topic.
   *
   * @param mostBytes that it may have
   * @return goes into the begin record of the next segment
   */
  CarriedTable table(int mostBytes);

  /**
   * Returns about how many bytes {@link #table} would have, rather more than fewer: for the size of
   * a segment that is made ahead of need. May be asked by any append.
   *
   * @return bytes
   */
  int estimate();

  /**
   * The table stands in the begin record of the segment that is written to now.
   *
   * @param firstOffset of that segment
   */
  void carried(long firstOffset);
}
