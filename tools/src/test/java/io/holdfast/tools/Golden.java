package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Output that is kept as a file beside the tests, {@code golden/NAME.txt}. What is new in each run
 * (the store's path and id, salts, checksums) is replaced by a word first.
 */
final class Golden {
  private static final Path SOURCES =
      Path.of("src/test/resources/io/holdfast/tools/golden").toAbsolutePath();

  private Golden() {}

  static void check(String name, Path store, String actual) throws IOException {
    String plain = plain(store, actual);
    if (Boolean.getBoolean("holdfast.golden.write")) {
      Files.createDirectories(SOURCES);
      Files.writeString(SOURCES.resolve(name + ".txt"), plain);
      return;
    }
    try (InputStream in = Golden.class.getResourceAsStream("golden/" + name + ".txt")) {
      String expected = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(expected, plain);
    }
  }

  private static String plain(Path store, String text) {
    return text.replace(store.toString(), "STORE")
        .replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID")
        .replaceAll("salt [0-9a-f]{16}", "salt SALT")
        .replaceAll("crc [0-9a-f]{8} ", "crc CRC ")
        .replaceAll("\"crc32c\":\"[0-9a-f]{8}\"", "\"crc32c\":\"CRC\"")
        .replaceAll("checksum [0-9a-f]{8}, found [0-9a-f]{8}", "checksum CRC, found CRC")
        .replaceAll("\"seconds\":[0-9.E-]+", "\"seconds\":SECONDS");
  }
}
