package io.holdfast.engine.message;

import io.holdfast.engine.Message;

/**
 * A message as it stands in a topic: what was sent, and by whom.
 *
 * @param message what was sent
 * @param producer the producer's name, or null
 */
public record SentMessage(Message message, String producer) {}
