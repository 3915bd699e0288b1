package io.holdfast.tools.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each rule finds what breaks it, at its line, and lets what is right pass. */
class RulesTest {
  private static final String MAIN = "storage/src/main/java/io/holdfast/storage/A.java";
  private static final String TEST = "storage/src/test/java/io/holdfast/storage/ATest.java";

  /** The rule finds violations at these places of one file, in any order, and no others. */
  private static void finds(Rule rule, String path, String text, Integer... lines) {
    List<Violation> found = rule.check(SourceTree.of(new SourceFile(path, text)));
    List<Integer> at = found.stream().map(Violation::line).sorted().toList();
    assertEquals(List.of(lines), at, () -> found.toString());
  }

  private static SourceFile ofLines(String path, int lines) {
    return new SourceFile(path, "//\n".repeat(lines));
  }

  @Test
  void aFileOfMoreThan600LinesIsTooLong() {
    SourceFile[] files =
        IntStream.range(0, 20).mapToObj(i -> ofLines(i + ".java", 50)).toArray(SourceFile[]::new);
    assertEquals(List.of(), Sizes.files(SourceTree.of(files)));
    files[7] = ofLines("7.java", 601);
    assertEquals(1, Sizes.files(SourceTree.of(files)).size());
  }

  @Test
  void moreThanOneFileInTenOfMoreThan300LinesIsTooMany() {
    SourceFile[] files =
        IntStream.range(0, 20)
            .mapToObj(i -> ofLines(i + ".java", i < 2 ? 301 : 50))
            .toArray(SourceFile[]::new);
    assertEquals(List.of(), Sizes.files(SourceTree.of(files)));
    files[2] = ofLines("2.java", 301);
    assertEquals(3, Sizes.files(SourceTree.of(files)).size());
  }

  @Test
  void aMedianOfMoreThan100LinesIsTooMuch() {
    SourceFile[] files =
        IntStream.range(0, 9)
            .mapToObj(i -> ofLines(i + ".java", i < 4 ? 50 : 101))
            .toArray(SourceFile[]::new);
    assertEquals(1, Sizes.files(SourceTree.of(files)).size());
  }

  @Test
  void aMethodOfMoreThan70LinesIsTooLong() {
    String method = "class A {\n  void a() {\n%s  }\n}\n";
    finds(Sizes::methods, MAIN, method.formatted("    b();\n".repeat(68)));
    finds(Sizes::methods, MAIN, method.formatted("    b();\n".repeat(69)), 2);
  }

  @Test
  void aLineOfMoreThan100ColumnsIsTooLong() {
    finds(Sizes::columns, MAIN, "x".repeat(100));
    finds(Sizes::columns, MAIN, "//\n" + "x".repeat(101), 2);
  }

  @Test
  void otherThanAsciiIsFound() {
    finds(Texts::ascii, MAIN, "class A {}\n// \u00b5s\n\tint a;\n", 2, 3);
    finds(Texts::ascii, "README.md", "1 \u00b5s");
  }

  @Test
  void aNoteOfWhatIsToBeDoneIsFound() {
    finds(Texts::notes, MAIN, "// TO" + "DO later\n// todo is a word\n/* FIX" + "ME */", 1, 3);
  }

  @Test
  void anAddressInABuildIsFound() {
    String pom = "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n";
    finds(Texts::addresses, "pom.xml", pom + "<url>https://example.org/maven</url>", 2);
    finds(Texts::addresses, "README.md", "https://example.org");
  }

  @Test
  void anImportAgainstTheLayersIsFound() {
    Rule layers = new Layers();
    finds(layers, MAIN, "import io.holdfast.engine.Engine;\nclass A { }", 1);
    finds(layers, MAIN, "class A {\n  io.holdfast.tools.Holdfast a;\n}", 2);
    finds(layers, "engine/src/main/java/A.java", "import io.holdfast.bench.B;", 1);
    finds(layers, "engine/src/main/java/A.java", "import io.holdfast.storage.Store;");
    finds(layers, "tools/src/main/java/A.java", "import static io.holdfast.bench.B.c;", 1);
    finds(layers, "bench/src/main/java/A.java", "import io.holdfast.engine.Engine;");
  }

  @Test
  void bannedCallsAreFound() {
    Rule banned = new BannedCode();
    finds(banned, MAIN, "class A {\n void a() {\n  System.out.print(1);\n }\n}", 3);
    finds(banned, MAIN, "class A {\n void a() {\n  System.exit(1);\n }\n}", 3);
    finds(banned, MAIN, "class A {\n void a(Exception e) {\n  e.printStackTrace();\n }\n}", 3);
    finds(banned, MAIN, "class A {\n protected void finalize() {\n }\n}", 2);
    finds(banned, MAIN, "class A { void a() { try { b(); }\n catch (Exception e) { } } }", 2);
    finds(banned, TEST, "class A {\n void a() {\n  Thread.sleep(1);\n }\n}", 3);
    finds(banned, TEST, "class A {\n @Disabled\n void a() { }\n}", 2);
  }

  @Test
  void aWaitInsideSynchronizedIsFound() {
    Rule banned = new BannedCode();
    finds(banned, MAIN, "class A { void a() { synchronized (this) {\n  b.await(); } } }", 2);
    finds(banned, MAIN, "class A { synchronized void a() {\n  wait(); } }", 2);
    finds(banned, MAIN, "class A { void a() { synchronized (this) { b++; } c.await(); } }");
  }

  @Test
  void entryPointsMayPrintAndExit() {
    String main = "class A { public static void main(String[] a) {\n %s; } }";
    Rule banned = new BannedCode();
    finds(banned, "tools/src/main/java/A.java", main.formatted("System.exit(run(System.out))"));
    finds(banned, MAIN, main.formatted("System.out.print(1)"), 2);
    finds(banned, "bench/src/main/java/A.java", "class A { void a() { System.out.print(1); } }");
  }

  @Test
  void aTypeWithoutASentenceIsFound() {
    Rule docs = new TypeDocs();
    finds(docs, MAIN, "package a;\nfinal class A { }", 2);
    finds(docs, MAIN, "/** @since 1.0 */\nfinal class A { }", 2);
    finds(docs, MAIN, "/** A thing. */\nfinal class A { }");
    finds(docs, TEST, "final class A { }");
  }

  @Test
  void aDeadLinkIsFound() {
    Rule links = new Links();
    finds(links, "docs/a.md", "[b](b.md)\n`[b](b.md)` [c](https://example.org)\n", 1);
    finds(links, "docs/a.md", "# The Shape, of it\n[b](#the-shape-of-it)\n[c](#shape)\n", 3);
    finds(links, "docs/a.md", "[up](../docs) [here](a.md)\n```\n[b](b.md)\n```\n");
  }

  @Test
  void anExampleThatDiffersFromItsRegionIsFound() {
    SourceFile test =
        new SourceFile(TEST, "class A {\n  // region send\n  b();\n\n  c();\n  // endregion\n}\n");
    String marker = "<!-- region: " + TEST + "#send -->\n";
    String page = marker + "```java\n%s\n```\n";
    assertEquals(List.of(), examples(test, page.formatted("b();\n\nc();")));
    assertEquals(List.of(2), examples(test, page.formatted("b();\nc();")));
    assertEquals(List.of(2), examples(test, page.replace("send", "none").formatted("b();")));
    assertEquals(List.of(2), examples(test, page.replace("ATest", "None").formatted("b();")));
    assertEquals(List.of(1), examples(test, marker + "no block\n"));
    assertEquals(List.of(1), examples(test, "```java\nb();\n```\n"));
    assertEquals(List.of(), examples(test, "```sh\nb\n```\n"));
  }

  private static List<Integer> examples(SourceFile test, String page) {
    SourceTree tree = SourceTree.of(test, new SourceFile("docs/guide.md", page));
    return new Examples().check(tree).stream().map(Violation::line).toList();
  }

  @Test
  void aCommandThatIsNotThereIsFound() {
    Rule commands = new Commands(Set.of("demo"));
    finds(commands, "README.md", "Try `holdfast demo`, or `bin/holdfast fly`, says holdfast\n", 1);
    finds(commands, "README.md", "```\ntools/bin/holdfast demo | holdfast swim D\n```\n", 2);
    finds(commands, "README.md", "With holdfast comes `io.holdfast engine` and `holdfast --json`");
  }

  @Test
  void aNamedTestThatIsNotThereIsFound() {
    SourceFile test =
        new SourceFile(
            "engine/src/test/java/ATest.java",
            "class ATest {\n  @Test\n  void holds() throws A {}\n\n  void helps() {}\n}\n");
    String page = "`ATest#holds`\n`ATest#helps`\n`ATest#hold` and `BTest#holds`\n";
    SourceTree tree = SourceTree.of(test, new SourceFile("docs/a.md", page));
    assertEquals(
        List.of(2, 3, 3), new NamedTests().check(tree).stream().map(Violation::line).toList());
  }
}
