package io.holdfast.tools.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.tools.Holdfast;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Holds what the pages say of the command line against the command line. */
class DocumentedCommandsTest {
  @Test
  void eachCommandThatAPageShowsIsThere() {
    Set<String> verbs = new CommandLine(new Holdfast()).getSubcommands().keySet();
    assertEquals(List.of(), new Commands(verbs).check(SourceTree.ofProject()));
  }
}
