package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The tree of names of a {@link CrashFileSystem}, and the changes of it that the device does not
 * have yet. One lock is held over each call, so that a moment between two calls can be looked at.
 */
final class Disk {
  private final ReentrantLock lock = new ReentrantLock();
  private final DiskDirectory root;
  private final List<NameChange> pending = new ArrayList<>(); // guarded by lock, in order
  private Call.Watcher watcher = call -> {}; // guarded by lock
  private Call.Watcher readWatcher; // guarded by lock; null: nobody watches reads
  private long calls; // guarded by lock
  private long reads; // guarded by lock

  Disk(DiskDirectory root, List<NameChange> pending) {
    this.root = root;
    this.pending.addAll(pending);
  }

  /** Work that the file system does not change under. */
  interface Work<T> {
    T run() throws IOException;
  }

  <T> T locked(Work<T> work) throws IOException {
    lock.lock();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  void still(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  void watch(Call.Watcher next) {
    lock.lock();
    try {
      watcher = next;
    } finally {
      lock.unlock();
    }
  }

  void watchReads(Call.Watcher next) {
    lock.lock();
    try {
      readWatcher = next;
      reads = 0;
    } finally {
      lock.unlock();
    }
  }

  long calls() {
    lock.lock();
    try {
      return calls;
    } finally {
      lock.unlock();
    }
  }

  /** The caller holds the lock. */
  void announce(Call.Kind kind, Path path) throws IOException {
    watcher.before(new Call(++calls, kind, path));
  }

  /** A call that only looks; before it is done. */
  void announceRead(Call.Kind kind, Path path) throws IOException {
    lock.lock();
    try {
      if (readWatcher != null) {
        readWatcher.before(new Call(++reads, kind, path));
      }
    } finally {
      lock.unlock();
    }
  }

  DiskNode find(CrashPath path) throws NoSuchFileException {
    lock.lock();
    try {
      DiskNode node = look(path);
      if (node == null) {
        throw new NoSuchFileException(path.toString());
      }
      return node;
    } finally {
      lock.unlock();
    }
  }

  private DiskNode look(CrashPath path) {
    return look(path.names(), path.names().length);
  }

  private DiskNode look(String[] names, int count) {
    DiskNode node = root;
    for (int i = 0; i < count; i++) {
      node = node instanceof DiskDirectory in ? in.names().get(names[i]) : null;
    }
    return node;
  }

  private NameChange.Name name(CrashPath path) throws IOException {
    String[] names = path.names();
    if (names.length == 0) {
      throw new IOException(path + ": the root cannot be changed");
    }
    int last = names.length - 1;
    DiskNode parent = look(names, last);
    if (parent == null) {
      throw new NoSuchFileException(path.toString());
    }
    if (!(parent instanceof DiskDirectory directory)) {
      throw new NotDirectoryException(path.toString());
    }
    return new NameChange.Name(directory, names[last]);
  }

  private void change(NameChange change) {
    change.apply(DiskDirectory::names);
    pending.add(change);
  }

  /** Finds a file to be opened, or makes it. */
  DiskNode open(CrashPath path, boolean create, boolean createNew) throws IOException {
    return locked(
        () -> {
          DiskNode found = look(path);
          if (found != null && createNew) {
            throw new FileAlreadyExistsException(path.toString());
          }
          if (found != null) {
            announceRead(Call.Kind.OPEN, path);
            return found;
          }
          NameChange.Name name = name(path);
          if (!create && !createNew) {
            throw new NoSuchFileException(path.toString());
          }
          announce(Call.Kind.CREATE, path);
          DiskFile file = new DiskFile();
          change(new NameChange(file, null, name));
          return file;
        });
  }

  void makeDirectory(CrashPath path) throws IOException {
    locked(
        () -> {
          if (look(path) != null) {
            throw new FileAlreadyExistsException(path.toString());
          }
          NameChange.Name name = name(path);
          announce(Call.Kind.MAKE_DIRECTORY, path);
          change(new NameChange(new DiskDirectory(), null, name));
          return null;
        });
  }

  void delete(CrashPath path) throws IOException {
    locked(
        () -> {
          DiskNode node = find(path);
          checkEmpty(node, path);
          NameChange.Name name = name(path);
          announce(Call.Kind.DELETE, path);
          change(new NameChange(node, name, null));
          return null;
        });
  }

  void move(CrashPath from, CrashPath to, boolean replace) throws IOException {
    locked(
        () -> {
          DiskNode node = find(from);
          DiskNode there = look(to);
          if (there == node) {
            return null;
          }
          if (there != null && !replace) {
            throw new FileAlreadyExistsException(to.toString());
          }
          checkEmpty(there, to);
          NameChange.Name old = name(from);
          NameChange.Name now = name(to);
          announce(Call.Kind.RENAME, from);
          change(new NameChange(node, old, now));
          return null;
        });
  }

  private static void checkEmpty(DiskNode node, CrashPath path) throws IOException {
    if (node instanceof DiskDirectory directory && !directory.names().isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
  }

  List<String> list(CrashPath path) throws IOException {
    return locked(
        () -> {
          announceRead(Call.Kind.LIST, path);
          if (find(path) instanceof DiskDirectory directory) {
            return List.copyOf(directory.names().keySet());
          }
          throw new NotDirectoryException(path.toString());
        });
  }

  /** Has the device take the changes of a directory's names, and what they need. */
  void forceNames(DiskDirectory directory, Path path) throws IOException {
    locked(
        () -> {
          announce(Call.Kind.FORCE_DIRECTORY, path);
          BitSet chosen = new BitSet();
          for (int i = 0; i < pending.size(); i++) {
            chosen.set(i, pending.get(i).touches(directory));
          }
          NameChange.close(pending, chosen);
          List<NameChange> left = new ArrayList<>();
          for (int i = 0; i < pending.size(); i++) {
            if (chosen.get(i)) {
              pending.get(i).apply(DiskDirectory::onDevice);
            } else {
              left.add(pending.get(i));
            }
          }
          pending.clear();
          pending.addAll(left);
          return null;
        });
  }

  void unmapAll() {
    still(() -> unmap(root));
  }

  private static void unmap(DiskNode node) {
    if (node instanceof DiskFile file) {
      file.unmap();
    } else if (node instanceof DiskDirectory directory) {
      directory.names().values().forEach(Disk::unmap);
    }
  }

  /** All that there is, at one moment. */
  CrashPoint image() {
    lock.lock();
    try {
      Map<DiskFile, DiskFile.Image> files = new IdentityHashMap<>();
      Map<DiskDirectory, CrashPoint.Names> directories = new IdentityHashMap<>();
      collect(root, files, directories);
      for (NameChange change : pending) {
        collect(change.node(), files, directories);
      }
      return new CrashPoint(root, List.copyOf(pending), directories, files);
    } finally {
      lock.unlock();
    }
  }

  private static void collect(
      DiskNode node,
      Map<DiskFile, DiskFile.Image> files,
      Map<DiskDirectory, CrashPoint.Names> directories) {
    if (node instanceof DiskFile file) {
      files.computeIfAbsent(file, DiskFile::image);
    } else if (node instanceof DiskDirectory directory && !directories.containsKey(directory)) {
      directories.put(
          directory,
          new CrashPoint.Names(Map.copyOf(directory.names()), Map.copyOf(directory.onDevice())));
      directory.names().values().forEach(inner -> collect(inner, files, directories));
      directory.onDevice().values().forEach(inner -> collect(inner, files, directories));
    }
  }
}
