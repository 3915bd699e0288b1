package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.group.HeadLayout;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The opening that replaces a head of format 2, cut at every call of it. */
class OldHeadCrashTest {
  private static final int SOME = 20;

  @Test
  void aHeadOfAnOlderFormatIsThereAsItWasOrAnew() throws Exception {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic topic = engine.topic("t", TopicConfig.defaults());
      Group group = engine.group("g", GroupConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 4; i++) {
          producer.send(Message.of(new byte[] {(byte) i}));
        }
      }
      group.topics(StartAt.offset(3), "t"); // the head alone says so
    }
    Path head = OpenEngine.directory(disk).resolve("groups/g/t/head");
    DurableFiles.replace(head, ofFormat2(Files.readAllBytes(head), head));
    disk.unmapAll();
    List<CrashPoint> points = new ArrayList<>();
    disk.watch(
        call -> {
          if (call.kind() != Call.Kind.WRITE && call.path().toString().contains("/groups")) {
            points.add(disk.point());
          }
        });
    open(disk).close();
    disk.watch(call -> {});
    points.add(disk.point());
    int old = 0;
    for (CrashPoint point : points) {
      for (int seed = 0; seed < SOME; seed++) {
        CrashFileSystem left = point.cut(new Random(seed), 512, 0.5);
        EngineJudge.verify(left);
        byte[] found = Files.readAllBytes(OpenEngine.directory(left).resolve("groups/g/t/head"));
        old += version(found, head) == 2 ? 1 : 0;
        try (Engine engine = open(left);
            Consumer consumer = engine.group("g").consumer("c")) {
          assertEquals(3, consumer.receive(10, Duration.ZERO).get(0).offset());
        }
      }
    }
    int all = SOME * points.size();
    assertTrue(0 < old && old < all, old + " of " + all + " should have had the old head");
    assertEquals(FileHeader.VERSION, version(Files.readAllBytes(head), head));
  }

  private static int version(byte[] content, Path head) {
    return FileHeader.readBlock(FileKind.GROUP_HEAD, new UnsafeBuffer(content), 0, head)
        .orElseThrow()
        .version();
  }

  /** The same as format 2 had it: half of a slot, behind a header of that version. */
  private static byte[] ofFormat2(byte[] content, Path head) {
    UnsafeBuffer bytes = new UnsafeBuffer(content);
    FileHeader now =
        FileHeader.readBlock(FileKind.GROUP_HEAD, bytes, 0, head).orElseThrow();
    new FileHeader(now.kind(), 2, now.storeId(), now.salt(), now.capacity(), now.topic())
        .writeBlock(bytes, 0);
    for (int slot = 0; slot < HeadLayout.SLOTS; slot++) {
      int more = HeadLayout.slot(slot) + HeadLayout.OLD_SLOT;
      bytes.setMemory(more, HeadLayout.SLOT - HeadLayout.OLD_SLOT, (byte) 0);
    }
    return content;
  }

  private static Engine open(CrashFileSystem disk) {
    disk.unmapAll();
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
