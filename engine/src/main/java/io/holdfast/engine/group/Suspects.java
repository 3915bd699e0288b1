package io.holdfast.engine.group;

import io.holdfast.storage.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds the message that kills its process, among those that were out when one died. At open, all
 * that were Running are suspects, unless it is known which one it was: the only one in the store,
 * or the only suspect. That one counts a failure with the reason {@code crash}; nobody else is
 * blamed. From then on one suspect at a time is out in the whole store, until each has been
 * settled; so a second death names the one.
 *
 * <p>Thread-safe. It is called under the locks of groups, and takes none.
 */
public final class Suspects {
  private final List<FoundRunning> opened = new ArrayList<>(); // by whoever opens the engine
  private final AtomicReference<GroupTopic> out = new AtomicReference<>(); // whose suspect is out
  private final Set<Signal> waiting = ConcurrentHashMap.newKeySet();
  private boolean incomplete; // written by the thread that opens the engine
  private volatile boolean judged; // set once, when all groups are open

  /** Makes it for an engine that is about to open its groups. */
  public Suspects() {
    // The fields are set where they are declared.
  }

  /** Takes a state that was opened. One that comes after the judgement is judged by itself. */
  void opened(FoundRunning found) {
    if (judged) {
      found.suspect(false);
      found.suspect(true);
    } else {
      opened.add(found);
    }
  }

  /** Says that there is state which cannot be read: who was Running there is not known. */
  public void incomplete() {
    incomplete = true;
  }

  /**
   * Decides about all that were Running when the last process ended; all groups are open, and
   * nothing is handed out yet.
   *
   * <p>A crash in between must not make a single one of several. Those that were no suspects become
   * suspects first, and a waiting suspect keeps the next opening from taking the last one that is
   * left for the only one; the one that is known to have done it comes last.
   */
  public void judge() {
    int running = 0;
    int suspectsOut = 0;
    boolean areWaiting = false;
    for (FoundRunning found : opened) {
      running += found.size();
      suspectsOut += found.suspects();
      areWaiting |= found.hasSuspectsWaiting();
    }
    boolean isOnly = running == 1 && suspectsOut == 0 && !areWaiting;
    boolean isKnown = !incomplete && (isOnly || suspectsOut == 1);
    if (!isKnown || !isOnly) {
      opened.forEach(found -> found.suspect(false));
    }
    opened.forEach(isKnown ? FoundRunning::blame : found -> found.suspect(true));
    opened.clear();
    judged = true;
  }

  /**
   * Asks to hand out a suspect.
   *
   * @param asking raised when it is worth to ask again, where the answer is no
   */
  boolean tryTake(GroupTopic groupTopic, Signal asking) {
    if (out.compareAndSet(null, groupTopic)) {
      return true;
    }
    waiting.add(asking); // before the second look: whoever gives back looks for it afterwards
    return out.compareAndSet(null, groupTopic);
  }

  /** The suspect of this group and topic that was out is so no more. */
  void giveBack() {
    out.set(null);
    for (Signal signal : waiting) {
      waiting.remove(signal);
      signal.raise();
    }
  }
}
