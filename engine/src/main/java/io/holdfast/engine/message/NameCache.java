package io.holdfast.engine.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name that was read last. Messages that follow each other are most often of one producer, and
 * then need no name of their own. One thread at a time.
 */
final class NameCache {
  private byte[] bytes = new byte[0];
  private String name = "";

  /** Returns the text of these bytes. */
  String of(byte[] from, int at, int length) {
    if (!Arrays.equals(bytes, 0, bytes.length, from, at, at + length)) {
      bytes = Arrays.copyOfRange(from, at, at + length);
      name = new String(bytes, StandardCharsets.UTF_8);
    }
    return name;
  }
}
