package io.holdfast.tools.planted;

import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The process that runs one harness, on whatever classes its class path holds first. */
final class HarnessChild {
  /** Begins the line that says how it went: one of the words of {@link HarnessRun.Outcome}. */
  static final String OUTCOME = "harness ";

  private HarnessChild() {}

  /**
   * Runs it, and says how it went.
   *
   * @param args the harness: class, or class#method
   */
  public static void main(String[] args) {
    DiscoverySelector harness =
        args[0].contains("#")
            ? DiscoverySelectors.selectMethod(args[0])
            : DiscoverySelectors.selectClass(args[0]);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(harness)
            .configurationParameter("junit.jupiter.execution.timeout.default", "2 m")
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    System.out.flush();
    System.out.println("\n" + OUTCOME + outcome(listener.getSummary()));
    System.exit(0); // whatever threads a product with a bug has left behind
  }

  /**
   * A harness that judges throws an AssertionError. What else it throws comes from a product that
   * it could not even use, or from itself.
   */
  private static String outcome(TestExecutionSummary summary) {
    List<Throwable> thrown =
        summary.getFailures().stream().map(TestExecutionSummary.Failure::getException).toList();
    for (Throwable one : thrown) {
      if (one instanceof AssertionError && !isOfTheRunner(one)) {
        return HarnessRun.Outcome.VIOLATED + " " + line(one);
      }
    }
    if (!thrown.isEmpty()) {
      return HarnessRun.Outcome.BROKEN + " " + line(thrown.get(0));
    }
    long ran = summary.getTestsSucceededCount();
    return ran == 0
        ? HarnessRun.Outcome.BROKEN + " no test was run"
        : HarnessRun.Outcome.HELD + " " + ran + " tests";
  }

  /** Classes that do not fit each other say nothing of the bug. */
  private static boolean isOfTheRunner(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof LinkageError) {
        return true;
      }
    }
    return false;
  }

  private static String line(Throwable thrown) {
    String said = thrown instanceof AssertionError ? thrown.getMessage() : thrown.toString();
    String flat = String.valueOf(said).strip().replaceAll("\\s+", " ");
    return flat.length() > 300 ? flat.substring(0, 300) + " ..." : flat;
  }
}
