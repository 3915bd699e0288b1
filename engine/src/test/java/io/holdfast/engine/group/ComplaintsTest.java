package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

/** What fails again and again is said less and less often, each thing by itself. */
class ComplaintsTest {
  private final List<String> lines = new ArrayList<>();
  private final Complaints complaints =
      new Complaints(
          new System.Logger() {
            @Override
            public String getName() {
              return "lines";
            }

            @Override
            public boolean isLoggable(Level level) {
              return true;
            }

            @Override
            public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
              lines.add(level + " " + text + " " + thrown.getMessage());
            }

            @Override
            public void log(Level level, ResourceBundle bundle, String text, Object... params) {
              throw new AssertionError("without its cause: " + text);
            }
          });

  private void fails(String one, int times) {
    for (int i = 0; i < times; i++) {
      complaints.failed(one, one + " failed", new Exception("full"));
    }
  }

  @Test
  void thePowersOfTwoAreSaid() {
    fails("a", 9);
    assertEquals(
        List.of(
            "WARNING a failed, failure 1 full",
            "WARNING a failed, failure 2 full",
            "WARNING a failed, failure 4 full",
            "WARNING a failed, failure 8 full"),
        lines);
  }

  @Test
  void oneDoesNotSilenceAnother() {
    fails("a", 3);
    lines.clear();
    fails("b", 1);
    assertEquals(List.of("WARNING b failed, failure 1 full"), lines);
  }

  @Test
  void whatWorksInBetweenBeginsAnew() {
    complaints.worked("a");
    fails("a", 3);
    fails("b", 3);
    lines.clear();
    complaints.worked("a");
    fails("a", 1);
    fails("b", 1);
    assertEquals(
        List.of("WARNING a failed, failure 1 full", "WARNING b failed, failure 4 full"), lines);
  }
}
