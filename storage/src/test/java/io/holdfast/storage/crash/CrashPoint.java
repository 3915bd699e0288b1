package io.holdfast.storage.crash;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A {@link CrashFileSystem} at one moment: what processes see, what the device has, and which
 * changes of names it has not. Gives the file systems that a crash at that moment may leave.
 * Immutable.
 *
 * <p>Of a power cut this is assumed: each dirty page reached the device or not, or each of its
 * sectors did; a file whose size was not forced has the old one, the new one or one between them,
 * with zeros where a page is missing; changes of the same name reach the device in order, and a
 * rename does so whole.
 */
public final class CrashPoint {
  private final DiskDirectory root;
  private final List<NameChange> pending;
  private final Map<DiskDirectory, Names> directories;
  private final Map<DiskFile, DiskFile.Image> files;

  CrashPoint(
      DiskDirectory root,
      List<NameChange> pending,
      Map<DiskDirectory, Names> directories,
      Map<DiskFile, DiskFile.Image> files) {
    this.root = root;
    this.pending = pending;
    this.directories = directories;
    this.files = files;
  }

  /** The names in a directory. */
  record Names(Map<String, DiskNode> seen, Map<String, DiskNode> onDevice) {
    static final Names NONE = new Names(Map.of(), Map.of());
  }

  /**
   * What a killed process leaves: everything that it saw, and a device that lacks what it lacked.
   *
   * @return a file system without locks
   */
  public CrashFileSystem killed() {
    Copy copy = new Copy(d -> names(d).seen(), d -> names(d).onDevice(), files::get);
    DiskDirectory newRoot = (DiskDirectory) copy.of(root);
    List<NameChange> left = pending.stream().map(copy::of).toList();
    return new CrashFileSystem(new Disk(newRoot, left));
  }

  /**
   * What a power cut may leave.
   *
   * @param random decides what reached the device
   * @param unit bytes that a device writes whole: 4096, or 512
   * @param share how likely each unit reached it; with 0 nothing did, with 1 everything
   * @return a file system whose device has all that is seen
   */
  public CrashFileSystem cut(Random random, int unit, double share) {
    PowerCut cut = new PowerCut(random, unit, share);
    return onDevice(cut.names(pending), cut::content);
  }

  /**
   * How many things reached the device or not, independently: dirty pages, changes of names, new
   * sizes.
   *
   * @return 0 when the device has everything
   */
  public int choices() {
    return pages().size() + sizes().size() + pending.size();
  }

  /**
   * Every state that a power cut may leave when pages are written whole, one after another.
   *
   * @return at most 2 to the power of {@link #choices}
   * @throws IllegalStateException when there are more than 20 choices
   */
  public Iterable<CrashFileSystem> allCuts() {
    int choices = choices();
    if (choices > 20) {
      throw new IllegalStateException("expected at most 20 choices, found " + choices);
    }
    List<Page> pages = pages();
    List<DiskFile> sizes = sizes();
    return () ->
        IntStream.range(0, 1 << choices)
            .mapToObj(mask -> BitSet.valueOf(new long[] {mask}))
            .filter(this::isClosed)
            .map(chosen -> cut(chosen, pages, sizes))
            .iterator();
  }

  /** A number of all that is seen, and all that the device has. */
  long fingerprint() {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(root, files::get, directories::get);
    return fingerprint.value() * 31 + pending.size();
  }

  /** A page that the device lacks. */
  private record Page(DiskFile file, int number) {}

  private List<Page> pages() {
    List<Page> dirty = new ArrayList<>();
    files.forEach(
        (file, image) -> {
          for (int page = 0; page < image.pages().length; page++) {
            if (image.pages()[page] != DiskFile.page(image.onDevice(), page)) {
              dirty.add(new Page(file, page));
            }
          }
        });
    return dirty;
  }

  private List<DiskFile> sizes() {
    List<DiskFile> changed = new ArrayList<>();
    files.forEach(
        (file, image) -> {
          if (image.size() != image.sizeOnDevice()) {
            changed.add(file);
          }
        });
    return changed;
  }

  /** The first bits choose name changes: whether all that they need is chosen too. */
  private boolean isClosed(BitSet chosen) {
    BitSet names = chosen.get(0, pending.size());
    BitSet closed = (BitSet) names.clone();
    NameChange.close(pending, closed);
    return closed.equals(names);
  }

  private CrashFileSystem cut(BitSet chosen, List<Page> pages, List<DiskFile> sizes) {
    Map<DiskFile, DiskFile.Image> contents = new IdentityHashMap<>();
    int bit = pending.size();
    for (DiskFile file : files.keySet()) {
      DiskFile.Image image = files.get(file);
      boolean newSize = !sizes.contains(file) || chosen.get(bit + sizes.indexOf(file));
      long size = newSize ? image.size() : image.sizeOnDevice();
      contents.put(
          file, DiskFile.Image.onDeviceOnly(size, PowerCut.pages(image.onDevice(), size)));
    }
    bit += sizes.size();
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      byte[][] content = contents.get(page.file()).pages();
      if (chosen.get(bit + i) && page.number() < content.length) {
        content[page.number()] = files.get(page.file()).pages()[page.number()];
      }
    }
    return onDevice(chosen.get(0, pending.size()), (file, image) -> contents.get(file));
  }

  /** Gives what the device has of a file. */
  private interface Content {
    DiskFile.Image of(DiskFile file, DiskFile.Image now);
  }

  private CrashFileSystem onDevice(BitSet chosen, Content content) {
    NameChange.close(pending, chosen);
    Map<DiskDirectory, Map<String, DiskNode>> tables = new IdentityHashMap<>();
    Function<DiskDirectory, Map<String, DiskNode>> table =
        d -> tables.computeIfAbsent(d, missing -> new HashMap<>(names(missing).onDevice()));
    for (int i = 0; i < pending.size(); i++) {
      if (chosen.get(i)) {
        pending.get(i).apply(table);
      }
    }
    Copy copy = new Copy(table, table, file -> content.of(file, files.get(file)));
    return new CrashFileSystem(new Disk((DiskDirectory) copy.of(root), List.of()));
  }

  private Names names(DiskDirectory directory) {
    return directories.getOrDefault(directory, Names.NONE);
  }

  /** A tree of new nodes; a file with two names stays one file. */
  private static final class Copy {
    private final Function<DiskDirectory, Map<String, DiskNode>> seen;
    private final Function<DiskDirectory, Map<String, DiskNode>> onDevice;
    private final Function<DiskFile, DiskFile.Image> content;
    private final Map<DiskNode, DiskNode> made = new IdentityHashMap<>();

    Copy(
        Function<DiskDirectory, Map<String, DiskNode>> seen,
        Function<DiskDirectory, Map<String, DiskNode>> onDevice,
        Function<DiskFile, DiskFile.Image> content) {
      this.seen = seen;
      this.onDevice = onDevice;
      this.content = content;
    }

    DiskNode of(DiskNode node) {
      DiskNode known = made.get(node);
      if (known != null) {
        return known;
      }
      if (node instanceof DiskFile file) {
        DiskFile copy = DiskFile.of(content.apply(file));
        made.put(node, copy);
        return copy;
      }
      DiskDirectory directory = (DiskDirectory) node;
      DiskDirectory copy = new DiskDirectory();
      made.put(node, copy);
      seen.apply(directory).forEach((name, inner) -> copy.names().put(name, of(inner)));
      onDevice.apply(directory).forEach((name, inner) -> copy.onDevice().put(name, of(inner)));
      return copy;
    }

    NameChange of(NameChange change) {
      return new NameChange(of(change.node()), of(change.from()), of(change.to()));
    }

    private NameChange.Name of(NameChange.Name name) {
      return name == null
          ? null
          : new NameChange.Name((DiskDirectory) of(name.directory()), name.text());
    }
  }
}
