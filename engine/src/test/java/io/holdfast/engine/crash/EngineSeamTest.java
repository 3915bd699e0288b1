package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A whole engine on files and memory in process. */
class EngineSeamTest {
  @Test
  void whatAKilledProcessNamedForAGroupIsForcedByTheNextOne() {
    CrashFileSystem disk = CrashFileSystem.create();
    List<CrashPoint> points = new ArrayList<>();
    try (Engine engine = open(disk)) {
      engine.topic("t", TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build());
      disk.watch(
          call -> {
            boolean group = call.path().toString().contains("/groups");
            if (group && call.kind() == Call.Kind.FORCE_DIRECTORY) {
              points.add(disk.point()); // named, and not forced
            }
          });
      engine.group("g", GroupConfig.defaults()).topics("t");
      disk.watch(call -> {});
    }
    for (CrashPoint point : points) {
      CrashFileSystem killed = point.killed();
      List<String> groups;
      List<String> topics;
      try (Engine engine = open(killed)) {
        groups = engine.groups();
        topics = groups.stream().flatMap(g -> engine.group(g).topicNames().stream()).toList();
        killed = killed.point().cut(new Random(1), 4096, 0);
      }
      try (Engine engine = open(killed)) {
        assertEquals(groups, engine.groups());
        assertEquals(
            topics, groups.stream().flatMap(g -> engine.group(g).topicNames().stream()).toList());
      }
    }
  }

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
