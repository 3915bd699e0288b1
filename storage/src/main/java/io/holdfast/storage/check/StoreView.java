package io.holdfast.storage.check;

import io.holdfast.storage.error.NotAStoreException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A store as it can be seen from outside: no lock, no map, no change, whether it is live in another
 * process, closed or damaged. What it shows was read when it was asked for.
 */
public final class StoreView {
  private static final String CONTROL = "store.ctl";
  private static final String TOPICS = "topics";
  private static final int READS = 3;

  private final Path directory;
  private final Optional<ControlView> control;

  private StoreView(Path directory, Optional<ControlView> control) {
    this.directory = directory;
    this.control = control;
  }

  /**
   * Looks at a store.
   *
   * @param directory of the store
   * @return what can be seen
   * @throws NotAStoreException when there is neither a control file nor a topic
   * @throws io.holdfast.storage.error.FormatVersionException when a newer version wrote it
   */
  public static StoreView open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new NotAStoreException(
          "%s: expected the directory of a Holdfast store, found %s"
              .formatted(directory, Files.exists(directory) ? "a file" : "nothing"));
    }
    Path control = directory.resolve(CONTROL);
    boolean hasControl = Files.isRegularFile(control, LinkOption.NOFOLLOW_LINKS);
    StoreView view =
        new StoreView(
            directory, hasControl ? Optional.of(ControlView.read(control)) : Optional.empty());
    if (!hasControl && view.topics().isEmpty()) {
      throw new NotAStoreException(
          "%s: expected a Holdfast store (with a file %s), found none"
              .formatted(directory, CONTROL));
    }
    return view;
  }

  /**
   * Where the store is.
   *
   * @return as given
   */
  public Path directory() {
    return directory;
  }

  /**
   * The control file.
   *
   * @return empty when it is missing
   */
  public Optional<ControlView> control() {
    return control;
  }

  /**
   * The store's identity.
   *
   * @return empty when the control file cannot say
   */
  public Optional<UUID> id() {
    return control.flatMap(ControlView::header).map(header -> header.storeId());
  }

  /**
   * Who has the store open.
   *
   * @return as the owner file says now
   */
  public StoreOwner owner() {
    return StoreOwner.of(directory);
  }

  /**
   * The topics.
   *
   * @return sorted by name
   */
  public List<TopicView> topics() {
    List<TopicView> topics = new ArrayList<>();
    for (Path entry : directories(directory.resolve(TOPICS))) {
      if (Files.isRegularFile(TopicView.file(entry), LinkOption.NOFOLLOW_LINKS)) {
        topics.add(TopicView.open(this, entry));
      }
    }
    return topics;
  }

  /**
   * One topic.
   *
   * @param name of the topic
   * @return empty when there is none
   */
  public Optional<TopicView> topic(String name) {
    return topics().stream().filter(topic -> topic.name().equals(name)).findFirst();
  }

  /** What the control file knew of a topic; without one, nothing had been forced. */
  ControlSlot.Topic known(TopicView topic) {
    return known(control, topic);
  }

  /**
   * The same, read again: a live store may have dropped segments meanwhile. It raises the number
   * of the first before any file goes, so what was listed before this was asked is whole from that
   * number on.
   */
  ControlSlot.Topic knownNow(TopicView topic) {
    Path file = directory.resolve(CONTROL);
    if (control.isEmpty() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return known(topic);
    }
    Optional<ControlView> now = Optional.of(ControlView.read(file));
    for (int i = 1; i < READS && now.get().newest().isEmpty(); i++) {
      now = Optional.of(ControlView.read(file)); // both slots were written while it was read
    }
    return known(now, topic);
  }

  private static ControlSlot.Topic known(Optional<ControlView> control, TopicView topic) {
    return control
        .flatMap(ControlView::newest)
        .map(slot -> slot.topics().getOrDefault(topic.number(), new ControlSlot.Topic(0, 1)))
        .orElseGet(() -> new ControlSlot.Topic(0, lowest(topic)));
  }

  private static long lowest(TopicView topic) {
    var segments = topic.segments();
    return segments.isEmpty() ? 1 : segments.firstKey();
  }

  /**
   * The directories in a directory.
   *
   * @param parent may be missing
   * @return sorted by name
   */
  public static List<Path> directories(Path parent) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          found.add(entry);
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure(parent, "cannot be listed", e);
    }
    found.sort(null);
    return found;
  }
}
