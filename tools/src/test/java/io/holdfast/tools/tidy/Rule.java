package io.holdfast.tools.tidy;

import java.util.List;

/** Something that holds everywhere in the repository. */
interface Rule {
  /**
   * Looks for what breaks the rule.
   *
   * @param tree the repository, or a snippet in its place
   * @return all violations, in the order of the files; empty where the rule holds
   */
  List<Violation> check(SourceTree tree);
}
