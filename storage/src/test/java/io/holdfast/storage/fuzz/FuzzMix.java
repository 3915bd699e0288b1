package io.holdfast.storage.fuzz;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A target that is several: the first byte of an input chooses which one gets the rest. So a short
 * run needs one JVM, whose start takes as long as thousands of executions.
 */
public final class FuzzMix {
  /** Names of the targets, with commas between them: a system property of that JVM. */
  static final String TARGETS = "holdfast.fuzz.targets";

  private static final List<MethodHandle> ALL = all();

  private FuzzMix() {}

  private static List<MethodHandle> all() {
    List<MethodHandle> found = new ArrayList<>();
    MethodType type = MethodType.methodType(void.class, byte[].class);
    try {
      for (String name : System.getProperty(TARGETS).split(",")) {
        found.add(
            MethodHandles.publicLookup()
                .findStatic(Class.forName(name), "fuzzerTestOneInput", type));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }

  /**
   * Runs one input.
   *
   * @param input first byte: the target; then its input
   * @throws Throwable what the target throws
   */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    if (input.length > 0) {
      MethodHandle target = ALL.get((input[0] & 0xFF) % ALL.size());
      target.invokeExact(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
