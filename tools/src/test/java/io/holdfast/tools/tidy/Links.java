package io.holdfast.tools.tidy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Each relative link of a page leads to a file, a directory or a heading that is there. */
final class Links implements Rule {
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.markdown().forEach(page -> check(tree, page, found));
    return found;
  }

  private static void check(SourceTree tree, SourceFile page, List<Violation> found) {
    boolean fenced = false;
    for (int i = 0; i < page.lines().size(); i++) {
      String line = page.lines().get(i);
      fenced ^= line.strip().startsWith("```");
      Matcher link = LINK.matcher(line.replaceAll("`[^`]*`", ""));
      while (!fenced && link.find()) {
        String target = link.group(1);
        if (!ELSEWHERE.matcher(target).matches() && !leadsSomewhere(tree, page, target)) {
          found.add(page.violation(i + 1, target + ": nothing is there"));
        }
      }
    }
  }

  private static boolean leadsSomewhere(SourceTree tree, SourceFile page, String target) {
    String path = target.replaceFirst("#.*", "");
    String heading = target.contains("#") ? target.replaceFirst("[^#]*#", "") : "";
    String resolved =
        path.isEmpty()
            ? page.path()
            : Path.of(page.path()).resolveSibling(path).normalize().toString();
    if (!tree.exists(resolved)) {
      return false;
    }
    Optional<SourceFile> file = tree.file(resolved).filter(SourceFile::isMarkdown);
    return heading.isEmpty() || file.isEmpty() || hasHeading(file.get(), heading);
  }

  private static boolean hasHeading(SourceFile page, String anchor) {
    return page.lines().stream()
        .filter(line -> line.startsWith("#"))
        .anyMatch(line -> anchor(line).equals(anchor));
  }

  /** The anchor that code hosts make of a heading. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+\\s*", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .strip()
        .replace(' ', '-');
  }
}
