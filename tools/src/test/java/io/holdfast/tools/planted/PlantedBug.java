package io.holdfast.tools.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mistake that somebody could make in one file of the product, and the harness that must find it.
 * Kept as a text: a sentence that says what goes wrong, an empty line, fields, then the lines that
 * are replaced and what they are replaced by, once or more often.
 *
 * @param name of the text, which is the name of the bug
 * @param why what goes wrong with it
 * @param source the file, from the root of the repository
 * @param harness class, or class#method, that must find it
 * @param properties name=value each, that the harness is run with
 * @param caught after how much work it was found when that was last looked at
 * @param always whether every build plants it
 * @param changes of the file, in the order of the text
 */
record PlantedBug(
    String name,
    String why,
    String source,
    String harness,
    List<String> properties,
    String caught,
    boolean always,
    List<Change> changes) {

  private static final String BEFORE = "--- before";
  private static final String AFTER = "--- after";

  /**
   * Whole lines of a file, and what stands there in their place.
   *
   * @param before lines that stand once in the file
   * @param after any number of lines
   */
  record Change(String before, String after) {}

  /** Reads a text. */
  static PlantedBug read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    int blank = lines.indexOf("");
    int changes = lines.indexOf(BEFORE);
    if (blank < 1 || changes < blank) {
      throw new IOException(file + ": expected a sentence, an empty line, fields and " + BEFORE);
    }
    List<String> fields = lines.subList(blank + 1, changes);
    return new PlantedBug(
        file.getFileName().toString().replace(".txt", ""),
        String.join(" ", lines.subList(0, blank)),
        field(file, fields, "source"),
        field(file, fields, "harness"),
        fields.stream().filter(line -> line.startsWith("with ")).map(PlantedBug::value).toList(),
        field(file, fields, "caught"),
        fields.contains("always"),
        changes(file, lines.subList(changes, lines.size())));
  }

  private static String field(Path file, List<String> fields, String name) throws IOException {
    List<String> found = fields.stream().filter(line -> line.startsWith(name + " ")).toList();
    if (found.size() != 1) {
      throw new IOException(file + ": expected one line '" + name + " ...', found " + found.size());
    }
    return value(found.get(0));
  }

  private static String value(String line) {
    return line.substring(line.indexOf(' ')).strip();
  }

  private static List<Change> changes(Path file, List<String> lines) throws IOException {
    List<Change> changes = new ArrayList<>();
    int at = 0;
    while (at < lines.size()) {
      int after = at + lines.subList(at, lines.size()).indexOf(AFTER);
      if (!lines.get(at).equals(BEFORE) || after < at + 2) {
        throw new IOException(file + ": expected lines between " + BEFORE + " and " + AFTER);
      }
      int next = lines.subList(after, lines.size()).indexOf(BEFORE);
      int end = next < 0 ? lines.size() : after + next;
      changes.add(new Change(text(lines, at + 1, after), text(lines, after + 1, end)));
      at = end;
    }
    return changes;
  }

  private static String text(List<String> lines, int from, int to) {
    return from == to ? "" : String.join("\n", lines.subList(from, to)) + "\n";
  }

  /** The same for all bugs that one harness must find in one way: it is run once without any. */
  String control() {
    return harness + " " + properties;
  }

  /** The file with the bug in it. */
  String plantedIn(String text) {
    String planted = text;
    for (Change change : changes) {
      int at = planted.indexOf(change.before());
      boolean atLineStart = at == 0 || at > 0 && planted.charAt(at - 1) == '\n';
      if (!atLineStart || planted.indexOf(change.before(), at + 1) >= 0) {
        throw new AssertionError(
            "%s: expected these lines once in %s, found them %s; the product has changed, so must"
                    .formatted(name, source, at < 0 ? "nowhere" : "elsewhere too")
                + " the bug:\n" + change.before());
      }
      planted = planted.replace(change.before(), change.after());
    }
    return planted;
  }

  @Override
  public String toString() {
    return name;
  }
}
