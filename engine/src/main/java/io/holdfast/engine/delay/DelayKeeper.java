package io.holdfast.engine.delay;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.DamagedDelaysException;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorePoisonedException;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileKind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.collections.Long2LongHashMap;

/**
 * What is done to the files of a delay index: all of it by the store's agent, which takes the lock
 * of the index for moments. The order of the steps is in docs/architecture.md, "Delayed messages".
 */
final class DelayKeeper {
  private static final Logger LOG = System.getLogger(DelayKeeper.class.getName());
  private static final long RETRY_MILLIS = 1_000;

  private final DelayIndex index;
  private final Store store;
  private final TopicLog log;
  private final DelayFiles files;
  private final DelayLimits limits;
  private final AtomicBoolean asked = new AtomicBoolean();
  private long nextRun = 1; // for the agent
  private int failedTries; // for the agent; in a row
  private volatile HoldfastException failure; // of the last try; the agent writes
  private volatile long retryAt = Long.MAX_VALUE; // the same
  private volatile boolean closed; // whoever closes writes, the agent reads

  DelayKeeper(
      DelayIndex index, Store store, TopicLog log, DelayFiles files, DelayLimits limits) {
    this.limits = limits;
    this.index = index;
    this.store = store;
    this.log = log;
    this.files = files;
  }

  /** Has the agent do what there is to do, soon. */
  void ask() {
    if (!closed && asked.compareAndSet(false, true)) {
      store.executeOnAgent(this::run);
    }
  }

  /** Returns why the last try failed, or null. */
  HoldfastException failure() {
    return failure;
  }

  /** Tries again what failed; returns when the next try is due. */
  long retryWhereDue(long now) {
    if (retryAt <= now) {
      retryAt = Long.MAX_VALUE;
      ask();
    }
    return retryAt;
  }

  /** Opens what an earlier process left, before anything is appended. */
  void open() {
    store.onAgent(
        () -> {
          files.settleNames();
          openBits(index.cancelled, DelayBitsLayout.CANCELLED, FileKind.CANCELLED_BITS);
          if (!openRuns()) {
            index.runs.forEach(DelayRun::close);
            index.runs.clear();
            deleteBitsAndRuns();
          }
          openBits(index.delayed, DelayBitsLayout.DELAYED, FileKind.DELAYED_BITS);
          dropChunks();
          return null;
        });
    if (!index.delayed.isEmpty() || !index.cancelled.isEmpty()) {
      index.hasBitsNow();
    }
    if (!index.runs.isEmpty()) {
      index.hasEntriesNow();
    }
  }

  /** Returns whether all runs are whole that bits may speak of. */
  private boolean openRuns() {
    boolean whole = true;
    for (String name : files.names()) {
      long number = DelayRunLayout.numberOf(name);
      if (number < 0) {
        continue;
      }
      nextRun = Math.max(nextRun, number + 1);
      MappedRegion region = files.map(files.run(number), FileKind.DELAY_RUN);
      if (region != null && !files.isOurs(region, FileKind.DELAY_RUN, files.run(number))) {
        region.close();
        files.delete(name);
        continue;
      }
      try {
        if (region == null) {
          throw new DamagedDelaysException(files.run(number) + ": it is not whole");
        }
        index.runs.add(new DelayRun(number, files.run(number), region));
      } catch (DamagedDelaysException e) {
        LOG.log(Level.ERROR, "the topic is read again for its delayed messages", e);
        if (region != null) {
          region.close();
        }
        whole = false;
      }
    }
    return whole;
  }

  /** Bits at and above the end would be those of messages that are to come: they go first. */
  private void openBits(DelayBits bits, String suffix, FileKind kind) {
    for (String name : files.names()) {
      long number = DelayBitsLayout.chunkOf(name, suffix);
      if (number < 0) {
        continue;
      }
      MappedRegion region = files.map(files.chunk(number, suffix), kind);
      long first = number << DelayBitsLayout.OFFSETS_SHIFT;
      boolean isWhole = region != null && region.capacity() == DelayBitsLayout.CAPACITY;
      if (!isWhole) {
        LOG.log(
            Level.ERROR,
            files.chunk(number, suffix) + ": it is not whole and is deleted"
                + (suffix.equals(DelayBitsLayout.CANCELLED)
                    ? "; messages that were cancelled there come to the groups"
                    : "; its messages are read again"));
      }
      boolean isOurs =
          isWhole && files.isOurs(region, kind, files.chunk(number, suffix));
      if (!isOurs || first >= log.endOffset()) {
        if (region != null) {
          region.close();
        }
        files.delete(name);
        continue;
      }
      bits.add(number, region);
      if (log.endOffset() - first < DelayBitsLayout.OFFSETS) {
        files.force(() -> bits.cut(number, log.endOffset()));
      }
    }
  }

  /**
   * Decides about a message and stores it: true once the device has it. Nobody acts on the bit
   * before that, so that no power cut leaves it cancelled for some groups only.
   */
  boolean cancel(long offset, long deliverAt) {
    if (closed) { // its bits are unmapped, and must not be made anew
      throw new AlreadyClosedException(index + " are closed with their engine; nothing was done");
    }
    long number = DelayBitsLayout.chunk(offset);
    if (!index.cancelled.hasChunk(number)) {
      if (isTooLate(deliverAt)) {
        return false;
      }
      MappedRegion chunk =
          files.makeChunk(number, DelayBitsLayout.CANCELLED, FileKind.CANCELLED_BITS);
      addChunk(index.cancelled, number, chunk);
    }
    index.lock.lock();
    try {
      if (!index.cancelled.isSet(offset)) {
        if (index.isTooLate(deliverAt)) {
          return false;
        }
        index.cancelling(offset);
        index.cancelled.set(offset);
      }
    } finally {
      index.lock.unlock();
    }
    // Also one that was set before: a killed process may have left it in the page cache.
    files.force(() -> index.cancelled.forceBit(offset));
    index.lock.lock();
    try {
      index.cancelling(-1);
    } finally {
      index.lock.unlock();
    }
    return true;
  }

  private boolean isTooLate(long deliverAt) {
    index.lock.lock();
    try {
      return index.isTooLate(deliverAt);
    } finally {
      index.lock.unlock();
    }
  }

  /** Checks the block of an entry; the lock is held. What is damaged is left to the next open. */
  void check(DelayRun run, int at) {
    try {
      run.check(at);
    } catch (DamagedDelaysException e) {
      store.executeOnAgent(this::forgetAll);
      throw e;
    }
  }

  /** Without bits and runs everything is read again at the next opening. */
  private void forgetAll() {
    try {
      deleteBitsAndRuns();
    } catch (HoldfastException e) {
      LOG.log(Level.WARNING, index + ": a damaged run, or its bits, are still there", e);
    }
  }

  /** First the bits go that say that a run holds a message; a run that stays would be met again. */
  private void deleteBitsAndRuns() {
    files.names().stream()
        .filter(name -> DelayBitsLayout.chunkOf(name, DelayBitsLayout.DELAYED) >= 0)
        .forEach(files::delete);
    files.names().stream()
        .filter(name -> DelayRunLayout.numberOf(name) >= 0)
        .forEach(files::delete);
  }

  private void run() {
    asked.set(false);
    if (closed) {
      return;
    }
    try {
      keep();
      failure = null;
      failedTries = 0;
      index.hasRoom();
    } catch (HoldfastException e) {
      failure = e;
      if (e instanceof DamagedDelaysException) {
        forgetAll(); // the next opening mends it, and no try before that
      } else {
        retryAt = store.clock().time() + RETRY_MILLIS;
        index.schedule(retryAt);
      }
      if (Integer.bitCount(++failedTries) == 1) {
        LOG.log(Level.WARNING, index + " could not be written, try " + failedTries, e);
      }
      index.hasRoom(); // who waits for it is told of the failure
    }
  }

  private void keep() {
    store.checkUsable();
    for (DelayTail full = firstFrozen(); full != null; full = firstFrozen()) {
      write(full);
    }
    for (List<DelayRun> alike = alike(); alike.size() == limits.fanIn(); alike = alike()) {
      if (!replace(alike)) {
        break;
      }
    }
    for (DelayRun run : List.copyOf(index.runs)) {
      if (isPassed(run)) {
        replace(List.of(run));
      }
    }
    dropChunks();
  }

  private DelayTail firstFrozen() {
    index.lock.lock();
    try {
      return index.frozen.isEmpty() ? null : index.frozen.get(0);
    } finally {
      index.lock.unlock();
    }
  }

  /**
   * Writes a frozen tail as a run. Only when the run and its name are forced are the bits set: a
   * bit that the device has without the run would hide its message for ever.
   */
  private void write(DelayTail full) {
    DelayPlace passed = passed();
    int from = full.behind(passed.due(), passed.offset());
    DelayRun run = null;
    Set<Long> dense = Set.of();
    if (from < full.size()) {
      dense = makeChunks(full, from);
      long number = nextRun;
      MappedRegion region = files.makeRun(number, full.size() - from);
      DelayRunWriter writer = new DelayRunWriter(region);
      for (int i = from; i < full.size(); i++) {
        writer.add(full.due(i), full.offset(i));
      }
      writer.end();
      run = new DelayRun(number, files.run(number), files.name(region, files.run(number)));
      nextRun++;
    }
    index.lock.lock();
    try {
      index.frozen.remove(full);
      if (run != null) {
        index.runs.add(run);
        for (int i = from; i < full.size(); i++) {
          long number = DelayBitsLayout.chunk(full.offset(i));
          if (dense.contains(number) && index.isAhead(full.due(i), full.offset(i))) {
            index.delayed.set(full.offset(i));
          }
        }
      }
      index.changed();
    } finally {
      index.lock.unlock();
    }
  }

  /** Makes the chunks that are worth it; returns their numbers, and those that were there. */
  private Set<Long> makeChunks(DelayEntries entries, int from) {
    Long2LongHashMap counts = new Long2LongHashMap(0);
    for (int i = from; i < entries.size(); i++) {
      long number = DelayBitsLayout.chunk(entries.offset(i));
      counts.put(number, counts.get(number) + 1);
    }
    Set<Long> dense = new TreeSet<>();
    counts.forEach(
        (number, count) -> {
          if (index.delayed.hasChunk(number)) {
            dense.add(number);
          } else if (count >= limits.leastInChunk()) {
            addChunk(
                index.delayed,
                number,
                files.makeChunk(number, DelayBitsLayout.DELAYED, FileKind.DELAYED_BITS));
            dense.add(number);
          }
        });
    return dense;
  }

  private void addChunk(DelayBits bits, long number, MappedRegion chunk) {
    index.lock.lock();
    try {
      bits.add(number, chunk);
      index.hasBitsNow();
    } finally {
      index.lock.unlock();
    }
  }

  /** Returns runs of about one size, as many as are merged, or fewer. */
  private List<DelayRun> alike() {
    List<DelayRun> alike = List.of();
    int above = 0;
    for (int most = limits.tail();
        most <= limits.mostMerged() && alike.size() < limits.fanIn();
        most *= limits.fanIn()) {
      int least = above;
      int limit = most;
      alike =
          index.runs.stream()
              .filter(run -> run.size() > least && run.size() <= limit)
              .limit(limits.fanIn())
              .toList();
      above = most;
    }
    return alike;
  }

  private boolean isPassed(DelayRun run) {
    DelayPlace passed = passed();
    int last = run.size() - 1;
    return !DelayEntries.isBehind(run.due(last), run.offset(last), passed.due(), passed.offset());
  }

  /**
   * Puts one run, or none, in the place of others: without what all groups have passed, and what
   * was cancelled. The new one is forced before it counts, the bits of what is in no run any more
   * are cleared and forced before the old ones are deleted.
   *
   * @return false where a group came or went back meanwhile: nothing was changed
   */
  private boolean replace(List<DelayRun> old) {
    DelayPlace passed = passed();
    int kept = 0;
    for (DelayMerge merge = new DelayMerge(old); merge.next(); ) {
      kept += isKept(merge, passed) ? 1 : 0;
    }
    DelayRun run = kept == 0 ? null : merge(old, passed, kept);
    Set<Long> touched = new TreeSet<>();
    index.lock.lock();
    try {
      if (index.cursorChanges() != passed.cursorChanges()) {
        if (run != null) {
          run.close();
          files.delete(run.file().getFileName().toString());
        }
        return false;
      }
      index.runs.removeAll(old);
      if (run != null) {
        index.runs.add(run);
      }
      index.changed();
      for (DelayMerge merge = new DelayMerge(old); merge.next(); ) {
        if (!isKept(merge, passed)) {
          index.delayed.clear(merge.offset());
          touched.add(DelayBitsLayout.chunk(merge.offset()));
        }
      }
    } finally {
      index.lock.unlock();
    }
    touched.forEach(this::forceOrDelete);
    for (DelayRun one : old) {
      one.close();
      files.delete(one.file().getFileName().toString());
    }
    return true;
  }

  private boolean isKept(DelayMerge merge, DelayPlace passed) {
    return DelayEntries.isBehind(merge.due(), merge.offset(), passed.due(), passed.offset())
        && !index.cancelled.isSet(merge.offset()); // the agent alone sets it
  }

  private DelayRun merge(List<DelayRun> old, DelayPlace passed, int kept) {
    long number = nextRun;
    MappedRegion region = files.makeRun(number, kept);
    DelayRunWriter writer = new DelayRunWriter(region);
    for (DelayMerge merge = new DelayMerge(old); merge.next(); ) {
      if (isKept(merge, passed)) {
        writer.add(merge.due(), merge.offset());
      }
    }
    writer.end();
    DelayRun run = new DelayRun(number, files.run(number), files.name(region, files.run(number)));
    nextRun++;
    return run;
  }

  private void forceOrDelete(long number) {
    if (!index.delayed.hasChunk(number)) {
      return;
    }
    MappedRegion empty = null;
    index.lock.lock();
    try {
      if (index.delayed.isClear(number)) {
        empty = index.delayed.remove(number);
      }
    } finally {
      index.lock.unlock();
    }
    if (empty == null) {
      files.force(() -> index.delayed.force(number));
    } else {
      empty.close();
      files.delete(DelayBitsLayout.fileName(number, DelayBitsLayout.DELAYED));
    }
  }

  /** Deletes chunks of messages that the topic has no more. */
  private void dropChunks() {
    long first = DelayBitsLayout.chunk(log.firstOffset());
    drop(index.delayed, DelayBitsLayout.DELAYED, first);
    drop(index.cancelled, DelayBitsLayout.CANCELLED, first);
  }

  private void drop(DelayBits bits, String suffix, long first) {
    for (long number = bits.firstChunk(); number < first; number = bits.firstChunk()) {
      MappedRegion chunk;
      index.lock.lock();
      try {
        chunk = bits.remove(number);
      } finally {
        index.lock.unlock();
      }
      chunk.close();
      files.delete(DelayBitsLayout.fileName(number, suffix));
    }
  }

  /** Returns what all groups have passed: the place of the last cursor; nothing without groups. */
  private DelayPlace passed() {
    index.lock.lock();
    try {
      DelayCursor last = index.last();
      return last == null
          ? new DelayPlace(Long.MIN_VALUE, -1, index.cursorChanges())
          : new DelayPlace(last.due, last.offset, index.cursorChanges());
    } finally {
      index.lock.unlock();
    }
  }

  void close() {
    try {
      if (hasNothingToWrite()) {
        return;
      }
      store.onAgent(
          () -> {
            boolean isWorthIt;
            index.lock.lock();
            try {
              isWorthIt = index.tailSize() >= limits.leastRun() && index.freeze();
            } finally {
              index.lock.unlock();
            }
            if (isWorthIt || !index.frozen.isEmpty()) {
              keep();
            }
            return null;
          });
    } catch (StorePoisonedException e) {
      throw e; // whoever closes is told
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, "what is not written is read again", e);
    } finally {
      closed = true;
      unmap();
    }
  }

  private boolean hasNothingToWrite() {
    index.lock.lock();
    try {
      return index.tailSize() < limits.leastRun() && index.frozen.isEmpty();
    } finally {
      index.lock.unlock();
    }
  }

  /** Behind all that the agent was given before, also in a poisoned store. */
  void unmap() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    store.executeOnAgent(
        () -> {
          index.lock.lock(); // the timer may be looking at a run
          try {
            index.runs.forEach(DelayRun::close);
            index.runs.clear();
            index.frozen.clear();
            index.changed();
            index.delayed.close();
            index.cancelled.close();
          } finally {
            index.lock.unlock();
          }
          done.complete(null);
        });
    done.join();
  }

  /** A place in the order of times, and how often cursors had changed when it was looked for. */
  private record DelayPlace(long due, long offset, long cursorChanges) {}
}
