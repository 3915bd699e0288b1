package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/**
 * Where the key of a message stands in its JSON: a field, or a path of fields with dots between.
 */
public final class KeyField {
  private static final JsonFactory JSON = new JsonFactory();

  private final String[] path;

  /**
   * Names the field.
   *
   * @param path such as {@code customer} or {@code repository.full_name}
   * @throws IllegalArgumentException when a name in it is empty
   */
  public KeyField(String path) {
    this.path = path.split("\\.", -1);
    for (String name : this.path) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException(
            "expected the name of a field, or names with dots between them, found '%s'"
                .formatted(path));
      }
    }
  }

  /**
   * The value of the field.
   *
   * @param payload a message
   * @return empty when it is no JSON object, or has no such field with a string, number or boolean
   */
  public Optional<String> of(byte[] payload) {
    try (JsonParser parser = JSON.createParser(payload)) {
      int depth = 0;
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (true) {
        JsonToken token = parser.nextToken();
        if (token != JsonToken.FIELD_NAME) {
          return Optional.empty(); // the end of the object in which it should be
        }
        boolean named = parser.currentName().equals(path[depth]);
        JsonToken value = parser.nextToken();
        if (!named) {
          parser.skipChildren();
        } else if (depth == path.length - 1) {
          boolean usable = value.isScalarValue() && value != JsonToken.VALUE_NULL;
          String text = usable ? parser.getText() : "";
          return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } else if (value == JsonToken.START_OBJECT) {
          depth++;
        } else {
          return Optional.empty();
        }
      }
    } catch (IOException e) {
      return Optional.empty(); // not JSON: it has no such field
    }
  }
}
