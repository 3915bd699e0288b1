package io.holdfast.tools.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each Java example of a page is a region of a test, word for word.
 *
 * <p>The page says which, in the line before the block:
 *
 * <pre>
 * &lt;!-- region: engine/src/test/java/io/holdfast/engine/GuideTest.java#send --&gt;
 * </pre>
 *
 * <p>and the test has the lines between {@code // region send} and {@code // endregion}. The
 * indentation that all lines share does not count.
 */
final class Examples implements Rule {
  private static final Pattern MARKER = Pattern.compile("<!-- region: (\\S+)#(\\S+) -->");
  private static final String FENCE = "```";

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.markdown().forEach(page -> check(tree, page, found));
    return found;
  }

  private static void check(SourceTree tree, SourceFile page, List<Violation> found) {
    List<String> lines = page.lines();
    for (int i = 0; i < lines.size(); i++) {
      Matcher marker = MARKER.matcher(lines.get(i));
      boolean marked = marker.find();
      int open = marked ? i + 1 : i;
      boolean opens = open < lines.size() && lines.get(open).startsWith(FENCE);
      if (marked && !opens) {
        found.add(page.violation(i + 1, "no code block follows the marker"));
      } else if (opens) {
        int close = endOfBlock(lines, open);
        if (marked) {
          String shown = unindent(lines.subList(open + 1, close));
          compare(tree, marker, shown).ifPresent(p -> found.add(page.violation(open + 1, p)));
        } else if (lines.get(open).startsWith(FENCE + "java")) {
          found.add(page.violation(open + 1, "a Java example that is no region of a test"));
        }
        i = close;
      }
    }
  }

  private static int endOfBlock(List<String> lines, int open) {
    int close = open + 1;
    while (close < lines.size() && !lines.get(close).startsWith(FENCE)) {
      close++;
    }
    return close;
  }

  /** What is wrong with the block that stands for the marker's region, if anything. */
  private static Optional<String> compare(SourceTree tree, Matcher marker, String shown) {
    String path = marker.group(1);
    String name = marker.group(2);
    Optional<SourceFile> test = tree.file(path);
    if (test.isEmpty()) {
      return Optional.of(path + ": no such file");
    }
    Optional<String> region = region(test.get().lines(), name);
    if (region.isEmpty()) {
      return Optional.of("%s: no region named %s".formatted(path, name));
    }
    return region.get().equals(shown)
        ? Optional.empty()
        : Optional.of("differs from region %s of %s:\n%s".formatted(name, path, region.get()));
  }

  private static Optional<String> region(List<String> lines, String name) {
    List<String> region = null;
    for (String line : lines) {
      if (region == null && line.strip().equals("// region " + name)) {
        region = new ArrayList<>();
      } else if (region != null && line.strip().startsWith("// endregion")) {
        return Optional.of(unindent(region));
      } else if (region != null) {
        region.add(line);
      }
    }
    return Optional.empty();
  }

  private static String unindent(List<String> lines) {
    return String.join("\n", lines).stripIndent().strip();
  }
}
