package io.holdfast.engine.check;

import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What keeps a group from going on as others do.
 *
 * @param group its name
 * @param paused whether it hands nothing out until it is resumed
 * @param expireAfter how long nobody may use it before it is deleted, as ISO 8601 has it; empty
 *     where it stays
 */
public record GroupOptions(String group, boolean paused, String expireAfter) {
  /**
   * All groups of a store. Of one whose configuration cannot be read no time is given: {@link
   * GroupCheck} tells of it.
   *
   * @param store directory of the store
   * @return sorted by group
   */
  public static List<GroupOptions> of(Path store) {
    List<GroupOptions> all = new ArrayList<>();
    for (Path group : StoreView.directories(store.resolve("groups"))) {
      Path file = group.resolve("group.properties");
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        boolean paused = Files.exists(group.resolve("~paused"), LinkOption.NOFOLLOW_LINKS);
        String expireAfter = properties(file).getOrDefault("expireAfter", "");
        all.add(new GroupOptions(group.getFileName().toString(), paused, expireAfter));
      }
    }
    return all;
  }

  private static Map<String, String> properties(Path file) {
    try {
      return PropertiesFile.read(file);
    } catch (HoldfastException e) {
      System.getLogger(GroupOptions.class.getName())
          .log(System.Logger.Level.DEBUG, "options that cannot be read are not shown", e);
      return new TreeMap<>();
    }
  }
}
