package io.holdfast.tools.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A text file of the repository: its path from the root, with slashes, and what it says. */
final class SourceFile {
  private final String path;
  private final String text;
  private final List<String> lines;
  private JavaSyntax syntax;

  SourceFile(String path, String text) {
    this.path = path;
    this.text = text;
    this.lines = text.lines().toList();
  }

  String path() {
    return path;
  }

  String text() {
    return text;
  }

  List<String> lines() {
    return lines;
  }

  boolean isJava() {
    return path.endsWith(".java");
  }

  boolean isMarkdown() {
    return path.endsWith(".md");
  }

  boolean isTest() {
    return path.contains("src/test/");
  }

  /** The name of the Maven module that the file belongs to; of a file at the root, its own name. */
  String module() {
    return path.replaceFirst("/.*", "");
  }

  /** The syntax, parsed at the first call. */
  JavaSyntax syntax() {
    if (syntax == null) {
      syntax = JavaSyntax.parse(this);
    }
    return syntax;
  }

  Violation violation(int line, String what) {
    return new Violation(path, line, what);
  }

  /** A violation at each line in which the pattern is found; {@code what} is told the match. */
  List<Violation> find(Pattern pattern, Function<String, String> what) {
    List<Violation> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      var matcher = pattern.matcher(lines.get(i));
      if (matcher.find()) {
        found.add(violation(i + 1, what.apply(matcher.group())));
      }
    }
    return found;
  }
}
