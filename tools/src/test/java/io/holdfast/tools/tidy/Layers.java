package io.holdfast.tools.tidy;

import com.sun.source.tree.MemberSelectTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Imports run one way: tools, bench, then engine, then storage. */
final class Layers implements Rule {
  private static final String OURS = "io.holdfast.";
  private static final Map<String, Set<String>> MAY_NAME =
      Map.of(
          "storage", Set.of("storage"),
          "engine", Set.of("engine", "storage"),
          "tools", Set.of("tools", "engine", "storage"),
          "bench", Set.of("bench", "engine", "storage"));

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.java().forEach(file -> file.syntax().unit().accept(new NameScan(file, found), null));
    return found;
  }

  /** Sees imports and names that are written out in full alike. */
  private static final class NameScan extends TreeScanner<Void, Void> {
    private final SourceFile file;
    private final List<Violation> found;

    NameScan(SourceFile file, List<Violation> found) {
      this.file = file;
      this.found = found;
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree name, Void unused) {
      String text = name.toString();
      if (text.startsWith(OURS)) {
        String module = text.substring(OURS.length()).replaceFirst("\\..*", "");
        if (!MAY_NAME.getOrDefault(file.module(), Set.of()).contains(module)) {
          String what = "%s may not name %s".formatted(file.module(), text);
          found.add(file.violation(file.syntax().firstLine(name), what));
        }
        return null;
      }
      return super.visitMemberSelect(name, unused);
    }
  }
}
