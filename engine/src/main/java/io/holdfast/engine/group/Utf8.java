package io.holdfast.engine.group;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Texts of a bounded number of bytes. */
final class Utf8 {
  private Utf8() {}

  /** Returns the bytes of a text, cut behind a whole character where it is too long. */
  static byte[] head(String text, int maxBytes) {
    byte[] bytes = bytes(text, maxBytes, true);
    if (bytes.length <= maxBytes) {
      return bytes;
    }
    int end = maxBytes;
    while (end > 0 && isInsideCharacter(bytes[end])) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }

  /** Returns the bytes of a text, cut before a whole character where it is too long. */
  static byte[] tail(String text, int maxBytes) {
    byte[] bytes = bytes(text, maxBytes, false);
    if (bytes.length <= maxBytes) {
      return bytes;
    }
    int begin = bytes.length - maxBytes;
    while (begin < bytes.length && isInsideCharacter(bytes[begin])) {
      begin++;
    }
    return Arrays.copyOfRange(bytes, begin, bytes.length);
  }

  static String cut(String text, int maxBytes) {
    return new String(head(text, maxBytes), StandardCharsets.UTF_8);
  }

  /** An error message may have megabytes; no more than needed is encoded. */
  private static byte[] bytes(String text, int maxBytes, boolean head) {
    int characters = Math.min(text.length(), maxBytes + 2);
    String part =
        head ? text.substring(0, characters) : text.substring(text.length() - characters);
    return part.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isInsideCharacter(byte b) {
    return (b & 0xC0) == 0x80;
  }
}
