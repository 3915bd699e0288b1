package io.holdfast.tools.tidy;

import com.sun.source.tree.MethodTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;

/** The limits on the lengths of files, methods and lines. */
final class Sizes {
  private static final int FILE_LINES = 600;
  private static final int USUAL_FILE_LINES = 300;
  private static final int USUAL_PERCENT = 90;
  private static final int MEDIAN_FILE_LINES = 100;
  private static final int METHOD_LINES = 70;
  private static final int COLUMNS = 100;

  private Sizes() {}

  /** No file is long, nine in ten are short, and half of them are very short. */
  static List<Violation> files(SourceTree tree) {
    List<SourceFile> files =
        tree.java().sorted((a, b) -> a.lines().size() - b.lines().size()).toList();
    List<Violation> found = new ArrayList<>();
    for (SourceFile file : files) {
      if (file.lines().size() > FILE_LINES) {
        found.add(tooLong(file, "no file has more than " + FILE_LINES));
      }
    }
    long tall = files.stream().filter(f -> f.lines().size() > USUAL_FILE_LINES).count();
    if (tall > files.size() - files.size() * USUAL_PERCENT / 100) {
      for (SourceFile file : files.subList(files.size() - (int) tall, files.size())) {
        found.add(tooLong(file, "only one file in ten has more than " + USUAL_FILE_LINES));
      }
    }
    if (!files.isEmpty()) {
      SourceFile median = files.get((files.size() - 1) / 2);
      if (median.lines().size() > MEDIAN_FILE_LINES) {
        found.add(tooLong(median, "it is the median, which has at most " + MEDIAN_FILE_LINES));
      }
    }
    return found;
  }

  private static Violation tooLong(SourceFile file, String why) {
    return file.violation(1, file.lines().size() + " lines: " + why);
  }

  /** A method fits on a screen. */
  static List<Violation> methods(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.java().forEach(file -> file.syntax().unit().accept(new MethodScan(file, found), null));
    return found;
  }

  private static final class MethodScan extends TreeScanner<Void, Void> {
    private final SourceFile file;
    private final List<Violation> found;

    MethodScan(SourceFile file, List<Violation> found) {
      this.file = file;
      this.found = found;
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      int first = file.syntax().firstLine(method);
      int lines = file.syntax().lastLine(method) - first + 1;
      if (lines > METHOD_LINES) {
        String what = "%s has %d lines, at most %d";
        found.add(file.violation(first, what.formatted(method.getName(), lines, METHOD_LINES)));
      }
      return super.visitMethod(method, unused);
    }
  }

  /** A line fits beside another on a screen. */
  static List<Violation> columns(SourceTree tree) {
    List<Violation> found = new ArrayList<>();
    tree.code()
        .forEach(
            file -> {
              for (int i = 0; i < file.lines().size(); i++) {
                int columns = file.lines().get(i).length();
                if (columns > COLUMNS) {
                  found.add(file.violation(i + 1, columns + " columns, at most " + COLUMNS));
                }
              }
            });
    return found;
  }
}
