package io.holdfast.engine.fuzz;

import io.holdfast.engine.Topic;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.AttributeWriter;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.fuzz.FuzzBounds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A target: the attribute block of a record, and the name of a topic. */
public final class AttributesFuzz {
  private static final int BEFORE = 8; // bytes of other fields stand around the block

  private static final int LIMIT = 65_535;

  private AttributesFuzz() {}

  /**
   * Runs one input.
   *
   * @param input the block, or the name
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length > LIMIT) {
      return; // longer than the field that says how long it is
    }
    byte[] around = new byte[BEFORE + input.length + BEFORE];
    Arrays.fill(around, (byte) 0xFF);
    System.arraycopy(input, 0, around, BEFORE, input.length);
    FuzzBounds.run(() -> read(around, input.length));
    String name = new String(input, StandardCharsets.UTF_8);
    try {
      Topic.checkName(name);
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new AssertionError("accepted as a name: " + name);
      }
    } catch (InvalidNameException e) {
      if (e.getMessage().chars().anyMatch(c -> c < ' ' || c > 126)) {
        throw new AssertionError("foreign characters in a message", e);
      }
    }
  }

  /** What is read and written again is read as the same. */
  private static void read(byte[] around, int length) {
    byte[] payload = new byte[0];
    SentMessage sent = AttributeReader.read(around, BEFORE, length, payload, "a topic");
    AttributeWriter writer = new AttributeWriter(() -> 0);
    int written = writer.write(sent.message(), null, LIMIT);
    SentMessage again = AttributeReader.read(writer.bytes(), 0, written, payload, "a topic");
    boolean same =
        sent.message().key().equals(again.message().key())
            && sent.message().subject().equals(again.message().subject())
            && sent.message().deliverAt().equals(again.message().deliverAt())
            && sent.message().expiresAt().equals(again.message().expiresAt())
            && sent.message().headers().equals(again.message().headers());
    if (!same) {
      throw new AssertionError("%s was read, then %s".formatted(sent, again));
    }
  }
}
