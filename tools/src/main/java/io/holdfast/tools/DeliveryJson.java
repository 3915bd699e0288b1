package io.holdfast.tools;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.Message;
import java.util.HexFormat;
import java.util.Optional;

/** A delivery as a line of JSON. */
final class DeliveryJson {
  private DeliveryJson() {}

  static void print(Json lines, Delivery delivery) {
    Message message = delivery.message();
    lines.line(
        j -> {
          j.writeStringField("topic", delivery.topic());
          j.writeNumberField("offset", delivery.offset());
          j.writeStringField("time", Text.time(delivery.timestamp().toEpochMilli()));
          j.writeNumberField("attempt", delivery.attempt());
          if (delivery.redrives() > 0) {
            j.writeNumberField("redrives", delivery.redrives());
          }
          if (message.key().isPresent()) {
            j.writeStringField("key", message.key().get());
          }
          if (message.subject().isPresent()) {
            j.writeStringField("subject", message.subject().get());
          }
          Json.times(j, message);
          Json.object(j, "headers", message.headers());
          Optional<String> text = Text.utf8(message.payload());
          if (text.isPresent()) {
            j.writeStringField("payload", text.get());
          } else {
            j.writeStringField("payloadHex", HexFormat.of().formatHex(message.payload()));
          }
        });
  }
}
