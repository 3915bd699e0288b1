package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Optional;

/** JSON that somebody sent, written anew, so that nothing in it can move a terminal's writing. */
final class JsonText {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int LAST_PRINTABLE = 0x7e;

  private JsonText() {}

  /**
   * Writes it anew.
   *
   * @param payload what should be JSON
   * @param pretty set out on several lines
   * @return empty when it is not
   */
  static Optional<String> of(byte[] payload, boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonParser parser = JSON.createParser(payload);
        JsonGenerator generator = JSON.createGenerator(text)) {
      generator.setHighestNonEscapedChar(LAST_PRINTABLE);
      if (pretty) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      generator.copyCurrentStructure(parser);
      if (parser.nextToken() != null) {
        return Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty(); // not JSON, which is all that was asked
    }
    return Optional.of(text.toString());
  }
}
