package io.holdfast.storage.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.format.FileHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PropertiesFileTest {
  @TempDir Path directory;

  @Test
  void whatWasWrittenIsRead() {
    Path file = directory.resolve("p");
    TreeMap<String, String> properties = new TreeMap<>(Map.of("b", "2 = two", "a.x-y", "\u00fc"));
    PropertiesFile.write(file, properties);
    PropertiesFile.write(file, properties);
    assertEquals(properties, PropertiesFile.read(file));
  }

  @Test
  void everyFlippedBitIsNoticed() throws IOException {
    Path file = directory.resolve("p");
    PropertiesFile.write(file, new TreeMap<>(Map.of("number", "17")));
    byte[] good = Files.readAllBytes(file);
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, bad);
      assertThrows(DamagedStoreException.class, () -> PropertiesFile.read(file), "bit " + bit);
    }
  }

  @Test
  void aNewerFormatIsNamed() throws IOException {
    int newer = FileHeader.VERSION + 1;
    Path file = signed("format=" + newer + "\nlines of another form\n");
    String message =
        assertThrows(FormatVersionException.class, () -> PropertiesFile.read(file)).getMessage();
    String told = "version " + FileHeader.VERSION + " or lower, found " + newer;
    assertTrue(message.contains(told), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crc32c=0", "a b=1", "no value", "a=1\na=2", "format=1", "a=1\r"})
  void aLineThatWasNeverWrittenIsNotRead(String lines) throws IOException {
    Path file = signed("format=1\n" + lines + "\n");
    String message =
        assertThrows(DamagedStoreException.class, () -> PropertiesFile.read(file)).getMessage();
    assertTrue(message.contains("expected lines 'key=value', each key once, and line "), message);
  }

  private Path signed(String text) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return Files.writeString(
        directory.resolve("p"), text + "crc32c=%08x\n".formatted(crc.getValue()));
  }

  @Test
  void aValueOfTwoLinesIsRefusedBeforeAnythingIsWritten() {
    Path file = directory.resolve("p");
    assertThrows(
        IllegalArgumentException.class,
        () -> PropertiesFile.write(file, new TreeMap<>(Map.of("a", "1\nb=2"))));
    assertTrue(Files.notExists(file));
  }
}
