package io.holdfast.storage.file;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.format.FileHeader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A small text file of {@code key=value} lines that people may read: sorted, with its format
 * version first and a checksum last, replaced as a whole. Keys and values are single lines of
 * UTF-8.
 */
public final class PropertiesFile {
  private static final String HEADING =
      "# Holdfast: read it freely, change it with the library only\n";
  private static final String FORMAT = "format";
  private static final String CRC = "crc32c";
  private static final int MAX_BYTES = 1 << 20;

  private PropertiesFile() {}

  /**
   * Replaces the file; see {@link DurableFiles#replace}.
   *
   * @param file where
   * @param properties neither {@code format} nor {@code crc32c} may be among the keys
   * @throws IllegalArgumentException when a key or value cannot stand on one line
   */
  public static void write(Path file, SortedMap<String, String> properties) {
    StringBuilder text = new StringBuilder(HEADING);
    text.append(FORMAT).append('=').append(FileHeader.VERSION).append('\n');
    properties.forEach(
        (key, value) -> {
          checkLine(key, value);
          text.append(key).append('=').append(value).append('\n');
        });
    String checksum = checksum(text.toString());
    text.append(CRC).append('=').append(checksum).append('\n');
    DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads the file and checks it.
   *
   * @param file where
   * @return what was written
   * @throws DamagedStoreException when the checksum does not match, or a line is none of ours
   * @throws FormatVersionException when it was written by a newer version
   */
  public static SortedMap<String, String> read(Path file) {
    String text = new String(DurableFiles.read(file, MAX_BYTES), StandardCharsets.UTF_8);
    int last = text.lastIndexOf(CRC + "=");
    if (last < 0
        || !text.substring(last).equals(CRC + "=" + checksum(text.substring(0, last)) + "\n")) {
      throw new DamagedStoreException(
          file + ": its last line should be the checksum of the lines above and is not; "
              + "restore the file from a backup, or undo the edit");
    }
    SortedMap<String, String> properties = new TreeMap<>();
    String format = null; // stands before all others, whose form may depend on it
    int number = 0;
    for (String line : text.substring(0, last).split("\n")) {
      number++;
      if (format == null && line.startsWith(FORMAT + "=")) {
        format = checkFormat(file, line.substring(FORMAT.length() + 1));
      } else if (!line.startsWith("#")) {
        put(file, properties, line, number);
      }
    }
    if (format == null) {
      checkFormat(file, "none");
    }
    return properties;
  }

  private static String checkFormat(Path file, String format) {
    if (!format.matches("[1-9][0-9]{0,4}") || Integer.parseInt(format) > FileHeader.VERSION) {
      throw new FormatVersionException(
          "%s: expected format version %d or lower, found %s: use a newer Holdfast"
              .formatted(file, FileHeader.VERSION, format));
    }
    return format;
  }

  /** A line that {@link #write} could not have written is not read either. */
  private static void put(Path file, Map<String, String> properties, String line, int number) {
    int equals = line.indexOf('=');
    String key = line.substring(0, Math.max(equals, 0));
    String value = line.substring(equals + 1);
    if (!isLine(key, value) || properties.put(key, value) != null) {
      throw new DamagedStoreException(
          ("%s: expected lines 'key=value', each key once, and line %d is none; "
                  + "restore the file from a backup")
              .formatted(file, number));
    }
  }

  /**
   * The value of a key that must be there.
   *
   * @param file for the message
   * @param properties as read
   * @param key what to look for
   * @return its value
   * @throws DamagedStoreException when there is none
   */
  public static String require(Path file, Map<String, String> properties, String key) {
    String value = properties.get(key);
    if (value == null) {
      throw new DamagedStoreException(file + ": expected a line '" + key + "=...', found none");
    }
    return value;
  }

  private static void checkLine(String key, String value) {
    if (!isLine(key, value)) {
      throw new IllegalArgumentException(
          "cannot stand on one line of a file: " + key + "=" + value);
    }
  }

  private static boolean isLine(String key, String value) {
    return key.matches("[A-Za-z0-9][A-Za-z0-9._-]*")
        && !key.equals(CRC)
        && !key.equals(FORMAT)
        && value.indexOf('\n') < 0
        && value.indexOf('\r') < 0;
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(crc.getValue());
  }
}
