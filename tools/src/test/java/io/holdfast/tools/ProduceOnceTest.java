package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.TopicConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An input that is sent again adds nothing, and the files that see to it can be looked at. */
class ProduceOnceTest {
  @TempDir private Path temporary;
  private Path store;

  @BeforeEach
  void name() {
    store = temporary.resolve("store");
  }

  private ToolRun produce(String input, Object... more) {
    Object[] args = new Object[more.length + 6];
    Object[] first = {"produce", store, "t", "--producer", "p", "--sequence-from-line"};
    System.arraycopy(first, 0, args, 0, 6);
    System.arraycopy(more, 0, args, 6, more.length);
    return ToolRun.withInput(input, args);
  }

  private static String lines(int to) {
    return IntStream.rangeClosed(1, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  private long end() {
    try (Engine engine = Engine.open(store)) {
      return engine.topic("t").endOffset();
    }
  }

  @Test
  void theSecondRunWithTheSameInputAddsNothingAndSaysSo() {
    ToolRun first = produce(lines(5_000));
    assertEquals(0, first.code(), first.err());
    assertTrue(
        first.err().contains("5,000 messages confirmed, offsets 0 to 4999"), first.err());
    ToolRun second = produce(lines(5_000));
    assertEquals(0, second.code(), second.err());
    assertTrue(second.err().contains("nothing was added; the topic had 5"), second.err());
    assertEquals(5_000, end());
    ToolRun more = produce(lines(5_010));
    assertEquals(0, more.code(), more.err());
    assertTrue(more.err().startsWith("10 messages confirmed"), more.err());
    assertTrue(more.err().contains("; the topic had 5"), more.err());
    assertEquals(5_010, end());
    String json = produce(lines(5_010), "--json").out();
    assertTrue(json.contains("\"confirmed\":0,\"failed\":0,\"duplicates\":5010"), json);
    ToolRun other = ToolRun.withInput(lines(3), "produce", store, "t");
    assertTrue(other.err().startsWith("3 messages confirmed"), other.err());
    assertFalse(other.err().contains("before"), other.err());
    assertEquals(5_013, end());
  }

  @Test
  void nothingIsSentBehindALineThatFails() {
    try (Engine engine = Engine.open(store)) {
      engine.topic("t", TopicConfig.builder().maxMessageSize(10).build());
    }
    String longLine = "x".repeat(11) + "\n";
    ToolRun failed = produce(lines(3) + longLine + lines(5_000));
    assertEquals(1, failed.code(), failed.err());
    assertTrue(failed.err().contains("1 message failed; the first was line 4"), failed.err());
    assertEquals(3, end());
    assertEquals(0, produce(lines(3) + "short\n" + lines(5_000)).code());
    assertEquals(5_004, end());
  }

  @Test
  void theFilesAreShownAndChecked() throws Exception {
    produce(lines(3));
    try (Engine engine = Engine.open(store)) {
      try (Producer producer = engine.topic("t").producer(ProducerConfig.named("other"))) {
        byte[] payload = "x".getBytes(StandardCharsets.UTF_8);
        producer.send(Message.builder(payload).dedupId("id").build());
        producer.send(Message.builder(payload).sequence(9).build());
      }
      engine.topic("t").forgetProducer("other"); // which writes the file
    }
    Path sequences = store.resolve("dedup/t/sequences");
    Path ids = store.resolve("dedup/t/ids");
    ToolRun dump = ToolRun.of("dump", sequences);
    assertEquals(0, dump.code(), dump.err());
    List<String> found = dump.out().lines().toList();
    assertTrue(found.get(0).endsWith("of all messages below offset 5  1 producer"), dump.out());
    assertEquals("producer p  last sequence 3  3 known", found.get(1));
    assertEquals(
        "{\"type\":\"producer\",\"name\":\"p\",\"lastSequence\":3,\"tooOld\":-1,\"known\":3}",
        ToolRun.of("dump", "--json", sequences).out().strip());
    String idLines = ToolRun.of("dump", ids).out();
    assertTrue(idLines.contains("of messages below offset 5  next entry 1"), idLines);
    assertTrue(idLines.contains("  offset 3  20"), idLines);
    assertTrue(ToolRun.of("dump", "--json", ids).out().contains("\"offset\":3"));
    assertEquals(0, ToolRun.of("verify", store).code());

    ToolStore.flip(sequences, 4096 + 3);
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("its checksum does not match"), verify.out());
    assertTrue(ToolRun.of("dump", sequences).out().contains("not valid"));
    Files.delete(sequences);
    ToolStore.flip(ids, 4096 + 3);
    ToolStore.flip(ids, 8192 + 3);
    verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("expected a head, found none"), verify.out());
    assertEquals(1, ToolRun.of("dump", ids).code());
    try (Engine engine = Engine.open(store)) { // which makes it again
      assertEquals(5, engine.topic("t").endOffset());
    }
    assertEquals(0, ToolRun.of("verify", store).code());
  }
}
