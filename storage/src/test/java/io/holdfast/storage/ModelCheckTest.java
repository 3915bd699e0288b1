package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.file.JvmFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Model checking of what threads share, on heap-backed memory: Lincheck tries interleavings of
 * every access, one after another, and shows the one that breaks the model.
 *
 * <p>{@code -Dholdfast.concurrency.seconds=n} is about what all tests of concurrency may take. The
 * scenarios and interleavings are the same in each run of one size.
 */
class ModelCheckTest {
  private static final int USUAL_SECONDS = 60;
  private static final int USUAL_INTERLEAVINGS = 60;

  private final int seconds = Integer.getInteger("holdfast.concurrency.seconds", USUAL_SECONDS);

  @ParameterizedTest
  @CsvSource({
    "CommitModel, 3, 1, 1", // whose threads all do the same: there is one scenario
    "SignalModel, 2, 1, 1",
    "PinModel, 2, 2, 3",
    "PublicationModel, 2, 2, 3"
  })
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void noInterleavingBreaksIt(String model, String threads, String operations, int usual)
      throws IOException, InterruptedException {
    int scenarios = Math.max(1, usual * seconds / USUAL_SECONDS);
    int interleavings = seconds > USUAL_SECONDS ? 500 : USUAL_INTERLEAVINGS;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(ModelCheckChild.FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ModelCheckChild.class.getName());
    command.addAll(List.of(ModelCheckTest.class.getPackageName() + "." + model));
    command.addAll(List.of(threads, operations));
    command.addAll(List.of(Integer.toString(scenarios), Integer.toString(interleavings)));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      child.getOutputStream().close();
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, child.waitFor(), () -> model + ": " + said);
    } finally {
      child.destroyForcibly();
    }
    System.out.printf(
        "ModelCheckTest: %s: %d scenarios of up to %d interleavings, 0 violations;"
            + " -Dholdfast.concurrency.seconds=%d%n",
        model, scenarios, interleavings, seconds);
  }
}
