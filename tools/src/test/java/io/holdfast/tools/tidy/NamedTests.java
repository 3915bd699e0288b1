package io.holdfast.tools.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Each test that a page names, as {@code ATest#aMethod}, is there. */
final class NamedTests implements Rule {
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*Test)#(\\w+)`");

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.markdown().forEach(page -> check(tree, page, found));
    return found;
  }

  private static void check(SourceTree tree, SourceFile page, List<Violation> found) {
    for (int i = 0; i < page.lines().size(); i++) {
      Matcher name = NAME.matcher(page.lines().get(i));
      while (name.find()) {
        if (!isThere(tree, name.group(1), name.group(2))) {
          found.add(page.violation(i + 1, name.group() + ": there is no such test"));
        }
      }
    }
  }

  private static boolean isThere(SourceTree tree, String type, String method) {
    Pattern declared =
        Pattern.compile("@(Test|ParameterizedTest)\\b[^;{}]* void " + method + "\\(");
    return tree.java()
        .filter(file -> file.isTest() && file.path().endsWith("/" + type + ".java"))
        .anyMatch(file -> declared.matcher(file.text()).find());
  }
}
