package io.holdfast.tools.planted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The harnesses are put to the test: a bug is planted in one file of the product, and the harness
 * that is there for such bugs must find it, in a process of its own. The same harness finds nothing
 * without the bug. The bugs stand in {@code src/test/resources/io/holdfast/tools/planted}.
 *
 * <p>Every build plants those that say so; {@code -Dholdfast.planted=all} plants all, {@code
 * -Dholdfast.planted=name,name} some.
 */
class PlantedBugsTest {
  private static final int LEAST = 10;

  @TempDir Path directory;

  private final String wanted = System.getProperty("holdfast.planted", "");
  private final List<PlantedBug> bugs = bugs();

  private static List<PlantedBug> bugs() {
    List<Path> texts = new ArrayList<>();
    try {
      Path place = Path.of(PlantedBugsTest.class.getResource(".").toURI());
      try (DirectoryStream<Path> found = Files.newDirectoryStream(place, "*.txt")) {
        found.forEach(texts::add);
      }
      texts.sort(null);
      List<PlantedBug> bugs = new ArrayList<>();
      for (Path text : texts) {
        bugs.add(PlantedBug.read(text));
      }
      return bugs;
    } catch (IOException | URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The directory with the parent pom, above the module that tests run in. */
  private static Path root() {
    Path root = Path.of("").toAbsolutePath().getParent();
    assertTrue(Files.exists(root.resolve("storage/pom.xml")), root + " is not the repository");
    return root;
  }

  @Test
  void everyBugFitsItsFileAndCompiles() throws IOException {
    try (BugCompiler compiler = new BugCompiler(root())) {
      for (PlantedBug bug : bugs) {
        Path classes = Files.createDirectory(directory.resolve(bug.name()));
        compiler.compile(bug, classes);
        try (var files = Files.walk(classes)) {
          assertTrue(files.anyMatch(file -> file.toString().endsWith(".class")), bug.name());
        }
      }
    }
    assertTrue(bugs.size() >= LEAST, bugs.size() + " bugs");
    assertTrue(bugs.stream().anyMatch(PlantedBug::always), "every build should plant some");
  }

  @Test
  @Timeout(value = 6, unit = TimeUnit.HOURS)
  void everyPlantedBugIsFoundByItsHarness() throws IOException, InterruptedException {
    List<PlantedBug> planted = bugs.stream().filter(this::isWanted).toList();
    assertFalse(planted.isEmpty(), "no bug is called " + wanted);
    Set<String> controlled = new HashSet<>();
    List<String> missed = new ArrayList<>();
    for (PlantedBug bug : planted) {
      if (controlled.add(bug.control())) {
        HarnessRun control = HarnessRun.of(bug, null, directory);
        say("control %s %s: %s", bug.harness(), bug.properties(), control);
        if (control.outcome() != HarnessRun.Outcome.HELD) {
          missed.add("without a bug: " + bug.harness() + ": " + control);
        }
      }
      HarnessRun run = plantedIn(bug);
      boolean caught = run.outcome() == HarnessRun.Outcome.VIOLATED;
      say("%s: %s: %s: %s", bug.name(), caught ? "caught" : "NOT CAUGHT", bug.harness(), run);
      if (!caught) {
        missed.add(bug.name() + " (" + bug.why() + "): " + run);
      }
    }
    say(
        "%d of %d bugs planted, %d controls, %d wrong; -Dholdfast.planted=all",
        planted.size(), bugs.size(), controlled.size(), missed.size());
    assertEquals(List.of(), missed);
  }

  private HarnessRun plantedIn(PlantedBug bug) throws IOException, InterruptedException {
    Path classes = Files.createTempDirectory(directory, bug.name());
    try (BugCompiler compiler = new BugCompiler(root())) {
      compiler.compile(bug, classes);
    }
    return HarnessRun.of(bug, classes, directory);
  }

  private boolean isWanted(PlantedBug bug) {
    return switch (wanted) {
      case "" -> bug.always();
      case "all" -> true;
      default -> List.of(wanted.split(",")).contains(bug.name());
    };
  }

  private static void say(String line, Object... details) {
    System.out.println("PlantedBugsTest: " + line.formatted(details));
  }
}
