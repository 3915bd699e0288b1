package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.RedriveConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that become messages, and messages that become lines. */
class ProduceConsumeTest {
  @TempDir private Path temporary;
  private Path store;

  @BeforeEach
  void name() {
    store = temporary.resolve("store");
  }

  private static String lines(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> i + "\n")
        .collect(Collectors.joining());
  }

  private ToolRun consume(Object... more) {
    Object[] args = new Object[more.length + 5];
    System.arraycopy(new Object[] {"consume", store, "t", "--group", "g"}, 0, args, 0, 5);
    System.arraycopy(more, 0, args, 5, more.length);
    return ToolRun.of(args);
  }

  @Test
  void linesComeOutAsTheyWentIn() {
    String input = "one\n\n  two \u00e4 \r\nlast without an end";
    ToolRun produce = ToolRun.withInput(input, "produce", store, "t");
    assertEquals(0, produce.code(), produce.err());
    assertEquals("", produce.out());
    assertTrue(produce.err().startsWith("made the store"), produce.err());
    assertTrue(produce.err().contains("made the topic t (powerLoss)"), produce.err());
    assertTrue(produce.err().contains("4 messages confirmed, offsets 0 to 3"), produce.err());
    ToolRun consume = consume();
    assertEquals(0, consume.code());
    assertEquals(input + "\n", consume.out());
    assertTrue(consume.err().contains("made the group g"), consume.err());
    assertTrue(consume.err().contains("4 messages printed, 0 left"), consume.err());
  }

  @Test
  void consumeGoesOnWhereTheLastOneEnded() {
    ToolRun.withInput(lines(1, 100), "produce", store, "t");
    assertEquals(lines(1, 60), consume("--max", 60).out());
    assertEquals("", consume("--max", 0).out());
    assertEquals(lines(61, 100), consume().out());
    assertEquals("", consume().out());
  }

  @Test
  void eachGroupGetsEverything() {
    ToolRun.withInput(lines(1, 3), "produce", store, "t");
    consume();
    assertEquals(
        lines(1, 3), ToolRun.of("consume", store, "t", "--group", "other").out());
  }

  @Test
  void whatItsGroupRedroveComesOutAsOfTheTopic() {
    ToolRun.withInput(lines(1, 2), "produce", store, "t");
    try (Engine engine = Engine.open(store)) {
      Group group = engine.topic("t").group("g", GroupConfig.defaults());
      try (Consumer consumer = group.consumer("c")) {
        consumer.receive(1, Duration.ZERO).get(0).reject("no");
      }
      group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults());
    }
    String consumed = consume("--json").out();
    assertEquals(2, consumed.lines().count(), consumed);
    String redriven =
        consumed.lines().filter(line -> line.contains("redrives")).findFirst().orElseThrow();
    assertTrue(redriven.startsWith("{\"topic\":\"t\",\"offset\":0,"), redriven);
    assertTrue(redriven.contains("\"redrives\":1,\"headers\":{}"), redriven);
    ToolRun other = ToolRun.of("consume", store, "t.g.retry", "--group", "other");
    assertTrue(other.code() != 0 && other.err().contains("another group redrives"), other.err());
    assertEquals(List.of("g"), groups());
  }

  private List<String> groups() {
    try (Engine engine = Engine.open(store)) {
      return engine.groups();
    }
  }

  @Test
  void whatCouldNotBePrintedIsFreeForTheNextAndNothingComesTwice() {
    ToolRun.withInput(lines(1, 1_000), "produce", store, "t");
    List<Integer> printed = new ArrayList<>();
    for (int room = 7; printed.size() < 1_000; room += 300) {
      ByteArrayOutputStream kept = new ByteArrayOutputStream();
      run(new Limited(kept, room, "Broken pipe"), 0);
      kept.toString(StandardCharsets.UTF_8).lines().map(Integer::valueOf).forEach(printed::add);
    }
    assertEquals(List.of(1, 2, 3), printed.subList(0, 3)); // the first seven bytes
    printed.sort(null);
    assertEquals(IntStream.rangeClosed(1, 1_000).boxed().toList(), printed);
  }

  @Test
  void anOutputThatFailsForAnotherReasonThanItsReaderIsAProblem() {
    ToolRun.withInput(lines(1, 10), "produce", store, "t");
    String err = run(new Limited(new ByteArrayOutputStream(), 0, "No space left on device"), 1);
    assertTrue(err.contains("the output cannot be written: No space left on device"), err);
    assertEquals(lines(1, 10), consume().out());
  }

  private String run(OutputStream out, int expectedCode) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        Terminal.plain(
            new ByteArrayInputStream(new byte[0]),
            Output.to(out),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    String[] args = {"consume", store.toString(), "t", "--group", "g"};
    assertEquals(expectedCode, Holdfast.run(args, terminal));
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Takes whole writes as long as there is room for them, then fails for ever. */
  private static final class Limited extends OutputStream {
    private final OutputStream target;
    private final String failure;
    private int room;

    Limited(OutputStream target, int room, String failure) {
      this.target = target;
      this.room = room;
      this.failure = failure;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (length > room) {
        room = 0;
        throw new IOException(failure);
      }
      room -= length;
      target.write(bytes, from, length);
    }
  }

  @Test
  void keysComeFromAFieldOfTheJson() {
    String input = "{\"a\":{\"b\":\"k1\"}}\n{\"a\":7}\nnot json\n";
    ToolRun produce =
        ToolRun.withInput(
            input, "produce", store, "t", "--key-field", "a.b", "--header", "x=y=z");
    assertEquals(0, produce.code(), produce.err());
    assertTrue(produce.err().contains("2 without key"), produce.err());
    String dump = ToolRun.of("dump", store, "--topic", "t").out();
    assertTrue(dump.lines().findFirst().orElseThrow().contains("key=k1  x=y=z"), dump);
    assertEquals(1, dump.lines().filter(line -> line.contains("key=")).count(), dump);
    assertTrue(consume("--json", "--max", 1).out().contains("\"key\":\"k1\""));
  }

  @Test
  void aLineOverTheLimitFailsAloneAndTheEndIs1() {
    String input = "a\n" + "x".repeat((1 << 20) + 1) + "\nb\n" + "y".repeat(1 << 20) + "\n";
    ToolRun produce = ToolRun.withInput(input, "produce", store, "t", "--json");
    assertEquals(1, produce.code());
    assertTrue(produce.err().contains("the first was line 2: it has 1048577 bytes"));
    assertTrue(produce.out().contains("\"confirmed\":3,\"failed\":1"), produce.out());
    assertEquals("a\nb\n", consume("--max", 2).out());
  }

  @Test
  void aTopicKeepsItsDurability() {
    ToolRun made =
        ToolRun.withInput("a\n", "produce", store, "t", "--durability", "processCrash");
    assertTrue(made.err().contains("(processCrash)"), made.err());
    assertEquals(0, ToolRun.withInput("b\n", "produce", store, "t").code());
    ToolRun other = ToolRun.withInput("c\n", "produce", store, "t", "--durability", "powerLoss");
    assertEquals(1, other.code());
    assertEquals("a\nb\n", consume().out());
  }

  @Test
  void noInputMakesNoMessage() {
    ToolRun produce = ToolRun.withInput("", "produce", store, "t");
    assertEquals(0, produce.code());
    assertTrue(produce.err().contains("nothing was sent"), produce.err());
  }
}
