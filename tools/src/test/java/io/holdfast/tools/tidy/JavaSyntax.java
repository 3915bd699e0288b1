package io.holdfast.tools.tidy;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The syntax of one Java file as javac parses it, with its lines and doc comments. */
final class JavaSyntax {
  private final CompilationUnitTree unit;
  private final DocTrees trees;

  private JavaSyntax(CompilationUnitTree unit, DocTrees trees) {
    this.unit = unit;
    this.trees = trees;
  }

  static JavaSyntax parse(SourceFile file) {
    URI uri = URI.create("memory:///" + file.path());
    JavaFileObject source =
        new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return file.text();
          }
        };
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = List.of("-proc:none");
    var task =
        (JavacTask) compiler.getTask(null, null, problem -> {}, options, null, List.of(source));
    try {
      return new JavaSyntax(task.parse().iterator().next(), DocTrees.instance(task));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  CompilationUnitTree unit() {
    return unit;
  }

  /** The line of the first character, from 1. */
  int firstLine(Tree tree) {
    return line(trees.getSourcePositions().getStartPosition(unit, tree));
  }

  /** The line of the last character, from 1. */
  int lastLine(Tree tree) {
    return line(trees.getSourcePositions().getEndPosition(unit, tree) - 1);
  }

  private int line(long position) {
    return (int) unit.getLineMap().getLineNumber(position);
  }

  /** The text of the doc comment before a top-level type, without its stars; empty if none. */
  String doc(Tree type) {
    String doc = trees.getDocComment(new TreePath(new TreePath(unit), type));
    return doc == null ? "" : doc.strip();
  }
}
