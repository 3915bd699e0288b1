package io.holdfast.storage.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one process says is what the history of another is told. */
class HistoryLinesTest {
  private final History history = new History();
  private final Deliveries group = history.group("g", 2);
  private final List<String> others = new ArrayList<>();
  private final HistoryLines lines = new HistoryLines(history, others::add);
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final HistoryPipe pipe = new HistoryPipe(bytes);

  private void assertFound(Fault... faults) throws IOException {
    lines.readAll(new ByteArrayInputStream(bytes.toByteArray()));
    Judgement.assertFound(history, faults);
  }

  @Test
  void everyLineIsTold() throws IOException {
    pipe.say("READY", "at", "last");
    pipe.writer(7, "a", 3);
    pipe.sends(7, 5);
    pipe.confirmed(7, 4, 0);
    pipe.refused(7);
    pipe.mayDrop(2);
    for (int offset = 0; offset < 4; offset++) {
      pipe.got("g", offset, 1, new Stamp(7, offset));
    }
    for (String what : List.of("ACKING", "ACKED")) {
      pipe.settles(what, "g", 0);
    }
    for (String what : List.of("FAILING", "FAILED", "FAILING", "FAILED")) {
      pipe.settles(what, "g", 1);
    }
    for (String what : List.of("REJECTING", "REJECTED")) {
      pipe.settles(what, "g", 2);
    }
    assertFound();
    assertEquals(List.of("READY at last"), others);
    assertEquals(4, lines.confirmed());
    assertEquals(1, lines.acked());
    Stream stream = history.stream();
    stream.droppedTo(2);
    stream.read(2, 7, 2);
    stream.read(3, 7, 3);
    stream.ends(4);
    Letters letters = group.letters();
    letters.letter(0, 1, 2, new Stamp(7, 1));
    letters.letter(1, 2, 1, new Stamp(7, 2));
    Judgement.assertFound(history);
    group.drained(4);
    Judgement.assertFound(history, Fault.SKIPPED);
    assertEquals(1, history.faults(), "the one of offset 3");
  }

  @Test
  void anErrorIsAFault() throws IOException {
    pipe.error(new IOException("on two\nlines"));
    assertFound(Fault.ERROR);
    assertEquals(1, others.size(), "the harness sees it too");
  }

  @Test
  void aLineThatNobodyUnderstandsIsAFault() throws IOException {
    pipe.say("SENDS", "7", "1");
    pipe.say("GOT", "nobody", "1", "1", "1", "1");
    pipe.say("MAYDROP");
    assertFound(Fault.ERROR);
    assertEquals(3, history.faults());
  }

  @Test
  void theBeginningOfALineDoesNotCount() throws IOException {
    bytes.write("ERROR in the mid".getBytes(StandardCharsets.US_ASCII));
    assertFound();
  }
}
