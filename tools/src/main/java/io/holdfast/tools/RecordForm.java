package io.holdfast.tools;

import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.check.TopicWalk;
import java.util.Optional;

/** How {@link RecordPrinter} prints what it comes to: for people, or as JSON. */
interface RecordForm {
  /**
   * Prints a message.
   *
   * @param walk stands at it
   * @param sent what was sent; empty when its attributes make no sense
   * @param problem why they do not
   * @param payload empty unless payloads are shown
   * @param payloadLength how long it is
   */
  void message(
      TopicWalk walk,
      Optional<SentMessage> sent,
      String problem,
      byte[] payload,
      int payloadLength);

  /**
   * Prints the header of a record.
   *
   * @param walk stands at it
   */
  void header(TopicWalk walk);

  /**
   * Prints a range without a whole record.
   *
   * @param walk stands at it
   */
  void broken(TopicWalk walk);

  /**
   * Prints a gap: offsets that were lost before the topic was salvaged.
   *
   * @param walk stands at it
   */
  void gap(TopicWalk walk);
}
