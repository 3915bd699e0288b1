package io.holdfast.tools.tidy;

import java.util.List;
import java.util.regex.Pattern;

/** What no text may hold, whatever its language. */
final class Texts {
  private static final Pattern NOT_ASCII = Pattern.compile("[^\\x20-\\x7e]");
  private static final Pattern NOTE =
      Pattern.compile("\\b(?:TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");
  private static final Pattern ADDRESS =
      Pattern.compile("https?://(?!maven\\.apache\\.org/POM/4\\.0\\.0)[^\\s<\"']+");

  private Texts() {}

  /** Code is printable ASCII, without tabs; what is not gets an escape, which can be seen. */
  static List<Violation> ascii(SourceTree tree) {
    return tree.code()
        .flatMap(file -> file.find(NOT_ASCII, Texts::describe).stream())
        .toList();
  }

  private static String describe(String character) {
    return "the character U+%04X, expected printable ASCII".formatted(character.codePointAt(0));
  }

  /** What is to be done stands in an issue, not in the code. */
  static List<Violation> notes(SourceTree tree) {
    return tree.all()
        .flatMap(file -> file.find(NOTE, note -> note + ": say it in an issue").stream())
        .toList();
  }

  /** A build takes what it needs from wherever its user's settings say. */
  static List<Violation> addresses(SourceTree tree) {
    return tree.code()
        .filter(file -> !file.isJava())
        .flatMap(file -> file.find(ADDRESS, found -> found + ": no addresses in a build").stream())
        .toList();
  }
}
