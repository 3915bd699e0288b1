package io.holdfast.bench.quick;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The JVM of one run: does one workload, prints its figures and {@link #DONE}, and stays until its
 * parent kills it or is gone. So a store that is left open is killed, not closed.
 */
public final class QuickFork {
  /** The line behind the last figure. */
  static final String DONE = "done";

  private static final int FAILED = 1;

  private QuickFork() {}

  /**
   * Runs once.
   *
   * @param args workload, contender, directory, then name=number
   * @throws InterruptedException never
   */
  public static void main(String... args) throws InterruptedException {
    Thread parent = new Thread(QuickFork::endWithParent, "parent-watch");
    parent.setDaemon(true);
    parent.start();
    Figures figures = new Figures();
    try {
      WorkloadKind.valueOf(args[0])
          .create()
          .run(
              ContenderKind.valueOf(args[1]),
              Path.of(args[2]),
              Arguments.parse(Arrays.asList(args).subList(3, args.length)),
              figures);
    } catch (Exception | Error e) {
      figures.fault(causes(e));
    }
    figures.lines().forEach(System.out::println);
    System.out.println(DONE);
    System.out.flush();
    parent.join();
  }

  /** The parent holds the other end of the standard input, and says nothing. */
  private static void endWithParent() {
    try (InputStream in = System.in) {
      while (in.read() >= 0) {
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      Runtime.getRuntime().halt(FAILED); // gone all the same
    }
    Runtime.getRuntime().halt(FAILED);
  }

  private static String causes(Throwable failure) {
    StringBuilder text = new StringBuilder(failure.toString());
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      text.append(", because ").append(cause);
    }
    return text.toString();
  }
}
