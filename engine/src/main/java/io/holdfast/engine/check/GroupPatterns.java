package io.holdfast.engine.check;

import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The patterns of a group, by which it gets topics.
 *
 * @param group its name
 * @param patterns sorted, at least one
 */
public record GroupPatterns(String group, List<String> patterns) {
  /**
   * All groups of a store that have patterns. One whose configuration cannot be read is left out:
   * {@link GroupCheck} tells of it.
   *
   * @param store directory of the store
   * @return sorted by group
   */
  public static List<GroupPatterns> of(Path store) {
    List<GroupPatterns> all = new ArrayList<>();
    for (Path group : StoreView.directories(store.resolve("groups"))) {
      Path file = group.resolve("group.properties");
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        String patterns = patterns(file);
        if (!patterns.isEmpty()) {
          String name = group.getFileName().toString();
          all.add(new GroupPatterns(name, List.of(patterns.split(","))));
        }
      }
    }
    return all;
  }

  private static String patterns(Path file) {
    try {
      return PropertiesFile.read(file).getOrDefault("patterns", "");
    } catch (HoldfastException e) {
      System.getLogger(GroupPatterns.class.getName())
          .log(System.Logger.Level.DEBUG, "patterns that cannot be read are not shown", e);
      return "";
    }
  }
}
