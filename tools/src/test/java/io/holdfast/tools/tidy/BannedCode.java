package io.holdfast.tools.tidy;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/** Calls and constructs that Holdfast does without, each with what to do in its place. */
final class BannedCode implements Rule {
  private static final Set<String> WAITS =
      Set.of("wait", "await", "park", "parkNanos", "parkUntil", "sleep", "join", "take", "acquire");

  @Override
  public List<Violation> check(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.java().forEach(file -> file.syntax().unit().accept(new Scan(file, found), null));
    return found;
  }

  private static final class Scan extends TreeScanner<Void, Void> {
    private final SourceFile file;
    private final List<Violation> found;
    private final boolean hasMain;
    private String method = "";
    private boolean locked;

    Scan(SourceFile file, List<Violation> found) {
      this.file = file;
      this.found = found;
      this.hasMain = file.text().contains("static void main(String");
    }

    private void ban(Tree tree, String what) {
      found.add(file.violation(file.syntax().firstLine(tree), what));
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
      String outerMethod = method;
      boolean outerLock = locked;
      method = tree.getName().toString();
      locked = tree.getModifiers().getFlags().contains(Modifier.SYNCHRONIZED);
      if (method.equals("finalize") && tree.getParameters().isEmpty()) {
        ban(tree, "finalize: close what you hold");
      }
      super.visitMethod(tree, unused);
      method = outerMethod;
      locked = outerLock;
      return null;
    }

    @Override
    public Void visitSynchronized(SynchronizedTree tree, Void unused) {
      boolean outer = locked;
      locked = true;
      super.visitSynchronized(tree, unused);
      locked = outer;
      return null;
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Void unused) {
      String target = call.getMethodSelect().toString();
      String name = target.substring(target.lastIndexOf('.') + 1);
      if (name.equals("printStackTrace")) {
        ban(call, "printStackTrace: throw it, or give it to the error handler");
      }
      if (target.equals("System.exit") && !method.equals("main")) {
        ban(call, "System.exit outside main: return the exit code");
      }
      if (file.isTest() && name.equals("sleep")) {
        ban(call, target + " in a test: use an injected clock or a latch");
      }
      if (locked && WAITS.contains(name)) {
        ban(call, target + " inside synchronized: it pins a virtual thread; use a Lock");
      }
      return super.visitMethodInvocation(call, unused);
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree select, Void unused) {
      String text = select.toString();
      boolean console = text.equals("System.out") || text.equals("System.err");
      if (console && !mayPrint()) {
        ban(select, text + ": take a stream through the constructor");
      }
      return super.visitMemberSelect(select, unused);
    }

    /** Tests print their seeds, benchmarks their figures; of the tools, what has a main. */
    private boolean mayPrint() {
      String module = file.module();
      return file.isTest() || module.equals("bench") || module.equals("tools") && hasMain;
    }

    @Override
    public Void visitAnnotation(AnnotationTree annotation, Void unused) {
      if (annotation.getAnnotationType().toString().matches("(.*\\.)?Disabled")) {
        ban(annotation, "@Disabled: repair the test or remove it");
      }
      return super.visitAnnotation(annotation, unused);
    }

    @Override
    public Void visitCatch(CatchTree tree, Void unused) {
      if (tree.getBlock().getStatements().isEmpty()) {
        ban(tree, "an empty catch: handle it, add it as suppressed, or let it through");
      }
      return super.visitCatch(tree, unused);
    }
  }
}
