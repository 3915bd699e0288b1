package io.holdfast.bench.quick;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import java.nio.file.Path;

/**
 * Attaches groups to all topics of a store and leaves it open, to be killed.
 *
 * <p>Arguments: groups. Figures: none.
 */
final class GroupsRun implements Workload {
  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    Engine engine = Engine.open(directory.resolve("store"));
    for (int i = 0; i < arguments.get("groups"); i++) {
      Group group = engine.group("group" + i, GroupConfig.defaults());
      group.topics(engine.topics().toArray(new String[0]));
    }
  }
}
