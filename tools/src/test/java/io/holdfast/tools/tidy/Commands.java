package io.holdfast.tools.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Each command that a page shows, {@code holdfast VERB}, is one that there is. */
final class Commands implements Rule {
  private static final Pattern COMMAND = Pattern.compile("(?<![\\w.-])holdfast +([a-z][a-z-]*)");
  private static final Pattern CODE = Pattern.compile("`[^`]+`");

  private final Set<String> verbs;

  /**
   * Makes the rule.
   *
   * @param verbs the commands that there are
   */
  Commands(Set<String> verbs) {
    this.verbs = Set.copyOf(verbs);
  }

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.markdown().forEach(page -> check(page, found));
    return found;
  }

  private void check(SourceFile page, List<Violation> found) {
    boolean fenced = false;
    for (int i = 0; i < page.lines().size(); i++) {
      String line = page.lines().get(i);
      fenced ^= line.startsWith("```");
      Matcher command = COMMAND.matcher(fenced ? line : codeOf(line));
      while (command.find()) {
        if (!verbs.contains(command.group(1))) {
          found.add(page.violation(i + 1, command.group() + ": there is no such command"));
        }
      }
    }
  }

  /** What a line of prose has between back-ticks. */
  private static String codeOf(String line) {
    return String.join(" ", CODE.matcher(line).results().map(code -> code.group()).toList());
  }
}
