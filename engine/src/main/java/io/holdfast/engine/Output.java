package io.holdfast.engine;

import java.util.Objects;

/**
 * A message that comes of another one, and where it goes; see {@link ProcessStep}.
 *
 * @param topic name of a topic
 * @param message what is sent there
 */
public record Output(String topic, Message message) {
  /**
   * Checks the parts.
   *
   * @param topic not null
   * @param message not null
   */
  public Output {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(message, "message");
  }

  /**
   * Says where a message goes.
   *
   * @param topic name of a topic
   * @param message what is sent there
   * @return an output
   */
  public static Output to(String topic, Message message) {
    return new Output(topic, message);
  }
}
