package io.holdfast.tools.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.Tree;
import java.util.ArrayList;
import java.util.List;

/** Each top-level type outside the tests says in its first sentence what it is. */
final class TypeDocs implements Rule {
  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.mainJava().forEach(file -> check(file, found));
    return found;
  }

  private static void check(SourceFile file, List<Violation> found) {
    for (Tree declaration : file.syntax().unit().getTypeDecls()) {
      if (declaration instanceof ClassTree type && firstSentence(file, type).isEmpty()) {
        int line = file.syntax().firstLine(type);
        found.add(file.violation(line, type.getSimpleName() + ": no sentence says what it is"));
      }
    }
  }

  /** Up to the first full stop; empty if there is none, or nothing before the first tag. */
  private static String firstSentence(SourceFile file, ClassTree type) {
    String text = file.syntax().doc(type);
    int tag = text.startsWith("@") ? 0 : text.indexOf("\n@");
    String body = tag < 0 ? text : text.substring(0, tag);
    return body.contains(".") ? body.substring(0, body.indexOf('.')).strip() : "";
  }
}
