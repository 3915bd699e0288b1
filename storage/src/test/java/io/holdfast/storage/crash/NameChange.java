package io.holdfast.storage.crash;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A change of names that the device may not have yet. A rename is one change, in two directories
 * perhaps, and reaches the device whole.
 *
 * @param node what the names stand for
 * @param from the name that goes, or null
 * @param to the name that comes, or null
 */
record NameChange(DiskNode node, Name from, Name to) {
  /** A name in a directory. */
  record Name(DiskDirectory directory, String text) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Name name
          && name.directory == directory
          && name.text.equals(text);
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(directory) ^ text.hashCode();
    }
  }

  /** Makes the change in tables of names: those seen, those on the device, or a copy of those. */
  void apply(Function<DiskDirectory, Map<String, DiskNode>> tables) {
    if (from != null) {
      tables.apply(from.directory).remove(from.text, node);
    }
    if (to != null) {
      tables.apply(to.directory).put(to.text, node);
    }
  }

  boolean touches(DiskDirectory directory) {
    return from != null && from.directory == directory || to != null && to.directory == directory;
  }

  private List<Name> names() {
    List<Name> names = new ArrayList<>(2);
    if (from != null) {
      names.add(from);
    }
    if (to != null) {
      names.add(to);
    }
    return names;
  }

  /**
   * What must reach the device with some changes: all earlier ones of the same names.
   *
   * @param changes in the order in which they were made
   * @param chosen some of them; gets those that they need
   */
  static void close(List<NameChange> changes, BitSet chosen) {
    Set<Name> needed = new HashSet<>();
    for (int i = changes.size() - 1; i >= 0; i--) {
      List<Name> names = changes.get(i).names();
      if (chosen.get(i) || names.stream().anyMatch(needed::contains)) {
        chosen.set(i);
        needed.addAll(names);
      }
    }
  }
}
