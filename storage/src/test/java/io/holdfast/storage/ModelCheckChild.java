package io.holdfast.storage;

import java.util.List;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * The process in which Lincheck runs: it changes the classes of the JDK that it finds loaded, so
 * other tests should not share them.
 */
final class ModelCheckChild {
  /** What Lincheck needs of the JVM, beyond the flags of the product. */
  static final List<String> FLAGS =
      List.of(
          "--add-exports", "java.base/jdk.internal.util=ALL-UNNAMED",
          "--add-exports", "java.base/sun.security.action=ALL-UNNAMED",
          "-XX:+EnableDynamicAgentLoading");

  /** Lincheck sees a deadlock at once. Its other limit takes a busy machine for a hang. */
  private static final long LONGEST_MILLIS = 600_000;

  private ModelCheckChild() {}

  /**
   * Checks one model, and throws what breaks it, with the interleaving.
   *
   * @param args name of the model, threads, operations of each, scenarios, interleavings of each
   */
  public static void main(String[] args) throws ClassNotFoundException {
    Class<?> model = Class.forName(args[0]);
    new ModelCheckingOptions()
        .threads(Integer.parseInt(args[1]))
        .actorsPerThread(Integer.parseInt(args[2]))
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(Integer.parseInt(args[3]))
        .invocationsPerIteration(Integer.parseInt(args[4]))
        .invocationTimeout$lincheck(LONGEST_MILLIS)
        .minimizeFailedScenario(false) // they are small as they are
        .sequentialSpecification(Class.forName(args[0] + "$Alone"))
        // It does not find constants that agrona's buffers inherit from an interface.
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(name -> name.startsWith("org.agrona."))
                .allMethods()
                .treatAsAtomic())
        .check(model);
  }
}
