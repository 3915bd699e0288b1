package io.holdfast.bench.quick;

import java.nio.file.Path;

/** What one run does, in a JVM of its own. */
interface Workload {

  /**
   * Runs once.
   *
   * @param contender who is measured
   * @param directory to work in
   * @param arguments sizes and times
   * @param figures gets what was measured
   * @throws Exception what broke the run
   */
  void run(ContenderKind contender, Path directory, Arguments arguments, Figures figures)
      throws Exception;
}
