package io.holdfast.tools;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** How figures, times and foreign text look on a terminal. */
public final class Text {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Text() {}

  /**
   * A time to the millisecond.
   *
   * @param epochMillis the time
   * @return ISO-8601 in UTC
   */
  public static String time(long epochMillis) {
    return TIME.format(Instant.ofEpochMilli(epochMillis));
  }

  /**
   * A count with its thousands set apart.
   *
   * @param value the count
   * @return such as {@code 13,600}
   */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /**
   * A count and what is counted.
   *
   * @param value the count
   * @param noun of one
   * @return such as {@code 2 segments}
   */
  public static String count(long value, String noun) {
    return count(value) + " " + noun + (value == 1 ? "" : "s");
  }

  /**
   * A range of offsets.
   *
   * @param first the first
   * @param end one past the last
   * @return such as {@code offsets 0 to 41}
   */
  public static String offsets(long first, long end) {
    return first == end ? "no offsets" : "offsets %d to %d".formatted(first, end - 1);
  }

  /**
   * A size for people.
   *
   * @param bytes the size
   * @return such as {@code 1.5 MiB}
   */
  public static String bytes(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= 1024 && unit < UNITS.length - 1) {
      size /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, UNITS[unit]);
  }

  /**
   * Foreign text on one line: what would move a terminal's writing is shown as an escape.
   *
   * @param text anything
   * @return printable
   */
  public static String safe(String text) {
    StringBuilder safe = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean moves =
          c < 0x20 || c >= 0x7f && c < 0xa0 || Character.getType(c) == Character.FORMAT
              || c == 0x2028 || c == 0x2029;
      if (moves && safe == null) {
        safe = new StringBuilder(text.substring(0, i));
      }
      if (safe != null) {
        safe.append(moves ? escape(c) : String.valueOf(c));
      }
    }
    return safe == null ? text : safe.toString();
  }

  private static String escape(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format("\\u%04x", (int) c);
    };
  }

  /**
   * Bytes as text.
   *
   * @param bytes anything
   * @return empty when they are not UTF-8
   */
  public static Optional<String> utf8(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /**
   * Bytes as they are looked at: position, sixteen in hexadecimal, and as ASCII.
   *
   * @param bytes anything
   * @param indent put before each line
   * @return lines, each ended
   */
  public static String hex(byte[] bytes, String indent) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 16) {
      int end = Math.min(bytes.length, at + 16);
      String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, at, end);
      StringBuilder ascii = new StringBuilder();
      for (int i = at; i < end; i++) {
        ascii.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
      }
      text.append(String.format("%s%08x  %-47s  %s%n", indent, at, hex, ascii));
    }
    return text.toString();
  }
}
