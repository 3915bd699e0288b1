package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Holds docs/format.md, the layouts' tables and their constants against each other. */
class FormatDocTest {
  private static final Pattern LAYOUT = Pattern.compile("\\w+Layout.java|FileHeader.java");
  private static final Pattern EXAMPLE =
      Pattern.compile("<!-- example: salt (\\w+) -->\n```\n(.*?)\n```", Pattern.DOTALL);
  private static final Pattern TABLE = Pattern.compile("<pre>\n(.*?)</pre>", Pattern.DOTALL);
  private static final Pattern ROW = Pattern.compile(" *(\\d+) ([uif]\\d+) (\\w+) .*");
  private static final Pattern CONSTANT =
      Pattern.compile("static final int (\\w+) = (0x[0-9a-fA-F]+|\\d+);");
  private static final Set<String> WITHOUT_CONSTANT = Set.of("zero", "magic", "forced");

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(at.resolve("docs"))) {
      at = at.getParent();
    }
    return at;
  }

  private static String doc() throws IOException {
    return Files.readString(root().resolve("docs/format.md"));
  }

  private static List<Path> layouts() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : List.of("storage", "engine")) {
      try (Stream<Path> files = Files.walk(root().resolve(module + "/src/main/java"))) {
        files
            .filter(file -> LAYOUT.matcher(file.getFileName().toString()).matches())
            .forEach(found::add);
      }
    }
    return found;
  }

  private static List<String> tables(Path file) throws IOException {
    List<String> tables = new ArrayList<>();
    Matcher table = TABLE.matcher(Files.readString(file));
    while (table.find()) {
      tables.add(
          table
              .group(1)
              .replaceAll("(?m)^ \\* ?", "")
              .replaceAll("\\{@link (\\w+)}", "$1")
              .replaceAll("(?m) +$", "")
              .strip());
    }
    return tables;
  }

  @Test
  void everyTableOfEveryLayoutStandsInTheFormatPage() throws IOException {
    assertTrue(layouts().size() >= 5, "found too few layouts: " + layouts());
    for (Path layout : layouts()) {
      assertTrue(!tables(layout).isEmpty(), layout + " has no byte table");
      for (String table : tables(layout)) {
        assertTrue(doc().contains(table), "format.md lacks a table of " + layout + ":\n" + table);
      }
    }
  }

  @Test
  void everyFieldOfATableHasAConstantWithItsPlace() throws IOException {
    List<String> wrong = new ArrayList<>();
    int fields = 0;
    for (Path layout : layouts()) {
      if (layout.endsWith("FileHeader.java")) {
        continue;
      }
      List<String> constants = new ArrayList<>();
      Matcher constant = CONSTANT.matcher(Files.readString(layout));
      while (constant.find()) {
        constants.add(constant.group(1) + "=" + Integer.decode(constant.group(2)));
      }
      for (String row : String.join("\n", tables(layout)).split("\n")) {
        Matcher field = ROW.matcher(row);
        if (field.matches() && !WITHOUT_CONSTANT.contains(field.group(3))) {
          fields++;
          String name = field.group(3).replaceAll("([A-Z])", "_$1").replace("crc32c", "crc");
          String expected = name.toUpperCase(Locale.ROOT) + "=" + field.group(1);
          boolean first = field.group(1).equals("0"); // the beginning needs no constant
          if (!first && constants.stream().noneMatch(c -> ("_" + c).endsWith("_" + expected))) {
            wrong.add(layout.getFileName() + ": no constant for " + row.strip());
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(fields > 20, "found too few fields: " + fields);
  }

  @Test
  void theHeaderIsWrittenAsItsTableSays() {
    UUID id = new UUID(0x0102030405060708L, 0x1112131415161718L);
    UnsafeBuffer block = new UnsafeBuffer(new byte[FileHeader.BLOCK]);
    FileHeader.of(FileKind.SEGMENT, id, 77, 88, 99).writeBlock(block, 0);
    ByteBuffer bytes = ByteBuffer.wrap(block.byteArray()).order(ByteOrder.LITTLE_ENDIAN);
    for (int copy : new int[] {0, 2048}) {
      assertEquals(FileKind.SEGMENT.magic(), bytes.getLong(copy));
      assertEquals(FileHeader.VERSION, bytes.getShort(copy + 8));
      assertEquals(64, bytes.getShort(copy + 14));
      assertEquals(0, bytes.getLong(copy + 16));
      assertEquals(id.getMostSignificantBits(), bytes.getLong(copy + 24));
      assertEquals(id.getLeastSignificantBits(), bytes.getLong(copy + 32));
      assertEquals(77, bytes.getLong(copy + 40));
      assertEquals(88, bytes.getLong(copy + 48));
      assertEquals(99, bytes.getInt(copy + 56));
      CRC32C crc = new CRC32C();
      crc.update(block.byteArray(), copy, 60);
      assertEquals((int) crc.getValue(), bytes.getInt(copy + 60));
    }
  }

  @Test
  void theChecksumsOfTheWorkedExampleAreRight() throws IOException {
    Matcher example = EXAMPLE.matcher(doc());
    assertTrue(example.find(), "docs/format.md has no worked example");
    byte[] salt = HexFormat.of().parseHex(example.group(1));
    StringBuilder hex = new StringBuilder();
    for (String line : example.group(2).split("\n")) {
      hex.append(line.substring(10, 57).replace(" ", ""));
    }
    byte[] bytes = HexFormat.of().parseHex(hex);
    ByteBuffer records = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    int checked = 0;
    while (records.getInt(at) != 0) {
      int length = records.getInt(at);
      ByteBuffer place = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      place.putInt(4096 + at).putInt(length);
      CRC32C crc = new CRC32C();
      crc.update(bytes, at + 32, length - 32);
      crc.update(salt);
      crc.update(place.array());
      crc.update(bytes, at + 8, 24);
      assertEquals((int) crc.getValue(), records.getInt(at + 4), "record at " + (4096 + at));
      at += length + 7 & -8;
      checked++;
    }
    assertEquals(3, checked);
  }
}
