package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.engine.Message;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/** Prints one JSON object a line. */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final PrintStream out;

  /**
   * Makes a printer.
   *
   * @param out where the lines go
   */
  public Json(PrintStream out) {
    this.out = out;
  }

  /** Puts the fields of one object. */
  @FunctionalInterface
  public interface Fields {
    /**
     * Puts them.
     *
     * @param json stands inside the object
     * @throws IOException never: it writes to memory
     */
    void put(JsonGenerator json) throws IOException;
  }

  /**
   * Prints one object.
   *
   * @param fields what is in it
   */
  public void line(Fields fields) {
    out.println(text(fields));
  }

  /**
   * One object as text.
   *
   * @param fields what is in it
   * @return without an end of line
   */
  public static String text(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      fields.put(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Puts the times between which a message is handed out, where it has them.
   *
   * @param json stands inside an object
   * @param message what was sent
   * @throws IOException never
   */
  static void times(JsonGenerator json, Message message) throws IOException {
    if (message.deliverAt().isPresent()) {
      time(json, "deliverAt", message.deliverAt().get());
    }
    if (message.expiresAt().isPresent()) {
      time(json, "expiresAt", message.expiresAt().get());
    }
  }

  private static void time(JsonGenerator json, String name, Instant time) throws IOException {
    json.writeStringField(name, Text.time(time.toEpochMilli()));
  }

  /**
   * Puts a field that is an object of strings.
   *
   * @param json stands inside an object
   * @param name of the field
   * @param values what is in it
   * @throws IOException never
   */
  static void object(JsonGenerator json, String name, Map<String, String> values)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> value : values.entrySet()) {
      json.writeStringField(value.getKey(), value.getValue());
    }
    json.writeEndObject();
  }
}
