package io.holdfast.tools.tidy;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds every rule of the house against the whole repository. */
class TidyTest {
  private static final SourceTree PROJECT = SourceTree.ofProject();

  private static void hold(Rule rule) {
    List<Violation> found = rule.check(PROJECT);
    if (!found.isEmpty()) {
      fail(found.stream().map(Violation::toString).collect(Collectors.joining("\n", "\n", "\n")));
    }
  }

  @Test
  void filesAreShort() {
    hold(Sizes::files);
  }

  @Test
  void methodsFitOnScreen() {
    hold(Sizes::methods);
  }

  @Test
  void linesFitBesideEachOther() {
    hold(Sizes::columns);
  }

  @Test
  void codeIsAscii() {
    hold(Texts::ascii);
  }

  @Test
  void whatIsToBeDoneStandsInIssues() {
    hold(Texts::notes);
  }

  @Test
  void buildsHoldNoAddresses() {
    hold(Texts::addresses);
  }

  @Test
  void importsRunOneWay() {
    hold(new Layers());
  }

  @Test
  void bannedCodeIsNotUsed() {
    hold(new BannedCode());
  }

  @Test
  void typesSayWhatTheyAre() {
    hold(new TypeDocs());
  }

  @Test
  void linksLeadSomewhere() {
    hold(new Links());
  }

  @Test
  void examplesAreRegionsOfTests() {
    hold(new Examples());
  }

  @Test
  void testsThatPagesNameAreThere() {
    hold(new NamedTests());
  }
}
