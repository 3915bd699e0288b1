package io.holdfast.tools.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The repository as the rules see it: its text files, and the paths of everything. */
final class SourceTree {
  private final List<SourceFile> files;
  private final Set<String> paths;

  private SourceTree(List<SourceFile> files, Set<String> paths) {
    this.files = files;
    this.paths = paths;
  }

  /** The files given, in place of a repository. */
  static SourceTree of(SourceFile... files) {
    Set<String> paths = new HashSet<>();
    for (SourceFile file : files) {
      for (Path p = Path.of(file.path()); p != null; p = p.getParent()) {
        paths.add(p.toString());
      }
    }
    return new SourceTree(List.of(files), paths);
  }

  /** The repository that the tests run in. */
  static SourceTree ofProject() {
    try {
      return read(root());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory with the parent pom, at or above the working directory. */
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("storage/pom.xml"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("no parent pom above " + Path.of("").toAbsolutePath());
      }
    }
    return directory;
  }

  private static SourceTree read(Path root) throws IOException {
    List<SourceFile> files = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
            String name = directory.getFileName().toString();
            boolean hidden = name.startsWith(".") && !name.equals(".ci") && !directory.equals(root);
            if (hidden || name.equals("target")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            paths.add(path(root, directory));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            String path = path(root, file);
            paths.add(path);
            if (isText(path)) {
              files.add(new SourceFile(path, Files.readString(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort((a, b) -> a.path().compareTo(b.path()));
    return new SourceTree(List.copyOf(files), paths);
  }

  private static String path(Path root, Path path) {
    return root.relativize(path).toString().replace('\\', '/');
  }

  private static boolean isText(String path) {
    return path.matches(".*\\.(java|md|xml|sh)") || isScript(path);
  }

  private static boolean isScript(String path) {
    return path.startsWith(".ci/") || path.matches("[a-z]+/bin/[^/]+");
  }

  Stream<SourceFile> java() {
    return files.stream().filter(SourceFile::isJava);
  }

  Stream<SourceFile> mainJava() {
    return java().filter(file -> !file.isTest());
  }

  Stream<SourceFile> markdown() {
    return files.stream().filter(SourceFile::isMarkdown);
  }

  /** What a machine reads: Java, scripts and XML. */
  Stream<SourceFile> code() {
    return files.stream().filter(file -> !file.isMarkdown());
  }

  Stream<SourceFile> all() {
    return files.stream();
  }

  Optional<SourceFile> file(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }

  /** Whether there is a file or a directory, text or not, at this path from the root. */
  boolean exists(String path) {
    return paths.contains(path);
  }
}
