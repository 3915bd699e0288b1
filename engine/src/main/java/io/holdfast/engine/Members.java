package io.holdfast.engine;

import io.holdfast.engine.group.KeyOrder;
import io.holdfast.engine.group.LeaseHolder;
import io.holdfast.storage.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;

/**
 * The consumers of a group that ask for messages, and which of them gets the next one. Thread-safe.
 *
 * <p>By key, the keys are put into buckets, and each bucket belongs to the member with the highest
 * score for it (rendezvous hashing, Thaler and Ravishankar 1996): when a member comes or goes, only
 * its own buckets change hands. A member is there while a receive of it waits, and for ackTimeout
 * after the last one.
 */
final class Members {
  private volatile LoadSharing sharing; // never changed from or to BY_KEY
  private volatile long patience; // milliseconds
  private final EpochClock clock;
  private final Signal signal;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Member> present = new ArrayList<>(); // guarded by lock
  private volatile Member[] owners = new Member[KeyOrder.BUCKETS]; // never changed once here
  private long turns; // guarded by lock
  private long made; // guarded by lock

  Members(GroupConfig config, EpochClock clock, Signal signal) {
    configure(config);
    this.clock = clock;
    this.signal = signal;
  }

  /** One consumer of the group. */
  final class Member implements LeaseHolder {
    private final String name;
    private final long number;
    private volatile boolean closed; // written under lock
    private int waiting; // receives of it that are under way; guarded by lock
    private long served; // the turn at which it got its last message; guarded by lock
    private long asked; // epoch milliseconds; guarded by lock

    private Member(String name, long number) {
      this.name = name;
      this.number = number;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean takes(int bucket) {
      return sharing != LoadSharing.BY_KEY || owners[bucket] == this;
    }

    @Override
    public boolean isGone() {
      return closed;
    }

    private long score(int bucket) {
      long mixed = (number << Integer.SIZE ^ name.hashCode() ^ bucket) * 0x9e3779b97f4a7c15L;
      mixed = (mixed ^ mixed >>> 32) * 0xd6e8feb86659fd93L;
      return mixed ^ mixed >>> 32;
    }
  }

  /** Receives that begin from now on go by this one. */
  void configure(GroupConfig config) {
    sharing = config.loadSharing();
    patience = config.ackTimeout().toMillis();
  }

  /** Returns a new member, which is not there until it asks. */
  Member member(String name) {
    lock.lock();
    try {
      return new Member(name, made++);
    } finally {
      lock.unlock();
    }
  }

  /** A receive begins; returns whether it is counted, for {@link #leave}. */
  boolean enter(Member member) {
    if (sharing == LoadSharing.ANY_FREE) {
      return false;
    }
    lock.lock();
    try {
      member.waiting++;
      if (!member.closed && !present.contains(member)) {
        present.add(member);
        assign();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns how many messages a member may take now: in turn none while another one waits that has
   * waited longer for its last one, and one while others wait at all.
   */
  int share(Member member, int max) {
    if (sharing == LoadSharing.ANY_FREE) {
      return max;
    }
    lock.lock();
    try {
      if (sharing == LoadSharing.BY_KEY) {
        forgetAbsent();
        return max;
      }
      int share = max;
      for (Member other : present) {
        if (other != member && other.waiting > 0) {
          share = other.served < member.served ? 0 : Math.min(share, 1);
        }
        if (share == 0) {
          break;
        }
      }
      return share;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how long a receive may wait until it asks for its share again, nanoseconds. */
  long longestWait(long nanos) {
    return sharing == LoadSharing.BY_KEY ? Math.min(nanos, patience * 1_000_000) : nanos;
  }

  /** A receive ends that was counted; those that waited for this one look again. */
  void leave(Member member, boolean served) {
    lock.lock();
    try {
      member.waiting--;
      member.asked = clock.time();
      if (served) {
        member.served = ++turns;
      }
    } finally {
      lock.unlock();
    }
    if (sharing == LoadSharing.ROUND_ROBIN) {
      signal.raise();
    }
  }

  /** A consumer is closed. */
  void remove(Member member) {
    lock.lock();
    try {
      member.closed = true; // a receive may come in behind it
      if (present.remove(member)) {
        assign();
      }
    } finally {
      lock.unlock();
    }
  }

  private void forgetAbsent() {
    long now = clock.time();
    if (present.removeIf(other -> other.waiting == 0 && other.asked + patience <= now)) {
      assign();
    }
  }

  private void assign() {
    Member[] next = new Member[KeyOrder.BUCKETS];
    for (int bucket = 0; bucket < next.length; bucket++) {
      for (Member member : present) {
        if (next[bucket] == null || member.score(bucket) > next[bucket].score(bucket)) {
          next[bucket] = member;
        }
      }
    }
    owners = next;
    signal.raise();
  }
}
