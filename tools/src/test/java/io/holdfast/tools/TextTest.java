package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Figures, foreign text, lines and keys. */
class TextTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void sizesAndCountsReadWell() {
    assertEquals("999 B", Text.bytes(999));
    assertEquals("1.5 KiB", Text.bytes(1536));
    assertEquals("142 MiB", Text.bytes(142L << 20));
    assertEquals("1 segment", Text.count(1, "segment"));
    assertEquals("13,600 messages", Text.count(13_600, "message"));
    assertEquals("2026-03-01T12:00:00.007Z", Text.time(1_772_366_400_007L));
  }

  @Test
  void whatMovesATerminalIsEscaped() {
    assertEquals("a\\u001b[0m\\n\\u202e\\u009b", Text.safe("a\u001b[0m\n\u202e\u009b"));
    assertEquals("plain \u00e4", Text.safe("plain \u00e4"));
  }

  @Test
  void onlyUtf8IsText() {
    assertEquals(Optional.of("\u00e4"), Text.utf8(bytes("\u00e4")));
    assertTrue(Text.utf8(new byte[] {(byte) 0xff}).isEmpty());
  }

  @Test
  void linesAreSplitAtLineFeedsOnlyAndKeptUpToTheLimit() throws IOException {
    String input = "a\n\nbc\r\n" + "x".repeat(200_000) + "\nend";
    LineReader reader = new LineReader(new ByteArrayInputStream(bytes(input)), 100_000);
    List<Long> lengths = new ArrayList<>();
    byte[] last = new byte[0];
    while (reader.next()) {
      lengths.add(reader.length());
      last = reader.bytes();
      assertEquals(Math.min(reader.length(), 100_000), last.length);
    }
    assertEquals(List.of(1L, 0L, 3L, 200_000L, 3L), lengths);
    assertArrayEquals(bytes("end"), last);
    assertFalse(reader.next());
  }

  @Test
  void aKeyIsAScalarAtTheEndOfThePath() {
    String json = "{\"x\":[{\"b\":1}],\"a\":{\"z\":{\"b\":2},\"b\":\"k\",\"n\":5},\"b\":null}";
    assertEquals(Optional.of("k"), new KeyField("a.b").of(bytes(json)));
    assertEquals(Optional.of("5"), new KeyField("a.n").of(bytes(json)));
    assertEquals(Optional.of("2"), new KeyField("a.z.b").of(bytes(json)));
    for (String none : new String[] {"b", "x", "x.b", "a", "a.b.c", "c"}) {
      assertEquals(Optional.empty(), new KeyField(none).of(bytes(json)), none);
    }
    for (String noJson : new String[] {"", "7", "[1]", "{\"a\":", "\u00ff"}) {
      assertEquals(Optional.empty(), new KeyField("a").of(bytes(noJson)), noJson);
    }
  }

  @Test
  void figuresOfATableStandToTheRight() {
    Table table = new Table("NAME", "COUNT ");
    table.row("a", "1");
    table.row("long name", "1,000");
    assertEquals(
        List.of("NAME       COUNT", "a              1", "long name  1,000"), table.lines());
  }
}
