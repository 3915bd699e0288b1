package io.holdfast.engine.message;

/**
 * Where a record stands, as error messages say it; the text is made when there is an error.
 *
 * @param topic its name
 * @param offset in the topic
 */
public record Place(String topic, long offset) {
  @Override
  public String toString() {
    return topic + " at offset " + offset;
  }
}
