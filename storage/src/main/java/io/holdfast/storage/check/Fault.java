package io.holdfast.storage.check;

import java.nio.file.Path;

/**
 * One thing that is wrong in a topic, and where.
 *
 * @param file the file
 * @param position byte offset in it
 * @param offset the offset that was expected there
 * @param problem one clause: what was expected and what was found
 */
public record Fault(Path file, long position, long offset, String problem) {
  @Override
  public String toString() {
    return "%s, position %d, offset %d: %s".formatted(file, position, offset, problem);
  }
}
