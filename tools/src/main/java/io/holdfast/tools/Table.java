package io.holdfast.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows of cells under headings; a column is as wide as its widest cell. */
public final class Table {
  private final List<String[]> rows = new ArrayList<>();

  /**
   * Begins a table.
   *
   * @param headings one a column; one that ends in a space is a column of figures, set to the right
   */
  public Table(String... headings) {
    rows.add(headings);
  }

  /**
   * Adds a row.
   *
   * @param cells one a column
   */
  public void row(String... cells) {
    rows.add(cells);
  }

  /**
   * The table.
   *
   * @return lines without trailing spaces
   */
  public List<String> lines() {
    String[] headings = rows.get(0);
    int[] widths =
        IntStream.range(0, headings.length)
            .map(c -> rows.stream().mapToInt(r -> r[c].strip().length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.length; c++) {
        String cell = row[c].strip();
        String gap = " ".repeat(widths[c] - cell.length());
        line.append(c > 0 ? "  " : "");
        line.append(headings[c].endsWith(" ") ? gap + cell : cell + gap);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
