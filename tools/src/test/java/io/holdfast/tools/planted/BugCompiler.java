package io.holdfast.tools.planted;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles one file of the product with a bug in it, against the classes that are tested here. */
final class BugCompiler implements AutoCloseable {
  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
  private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
  private final Path root;

  /**
   * Makes a compiler.
   *
   * @param root of the repository
   */
  BugCompiler(Path root) {
    this.root = root;
  }

  /**
   * Plants a bug.
   *
   * @param bug which
   * @param classes exists and is empty; gets the classes of the file
   * @throws AssertionError when the bug does not fit the file any more, or does not compile
   */
  void compile(PlantedBug bug, Path classes) throws IOException {
    String text = bug.plantedIn(Files.readString(root.resolve(bug.source())));
    StringWriter said = new StringWriter();
    List<String> options =
        List.of(
            "--release", "17", "-proc:none", "-implicit:none", "-nowarn",
            "-cp", System.getProperty("java.class.path"), "-d", classes.toString());
    boolean done =
        compiler
            .getTask(said, files, null, options, null, List.of(new Source(bug.source(), text)))
            .call();
    if (!done) {
      throw new AssertionError(bug.name() + " does not compile:\n" + said);
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /** A file of the product, as it was never written. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String path, String text) {
      super(URI.create("planted:///" + path), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
