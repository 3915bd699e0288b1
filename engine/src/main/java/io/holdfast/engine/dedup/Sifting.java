package io.holdfast.engine.dedup;

import io.holdfast.engine.error.SequenceTooOldException;
import io.holdfast.engine.error.TooManyProducersException;
import io.holdfast.storage.RecordBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The way of some messages of one producer into a topic that may have them: tells which ones are
 * new, and remembers these when they are appended. It holds the lock of the topic's duplicates, so
 * that nobody appends the same in between; so it must not wait for room. For one thread.
 */
public final class Sifting implements AutoCloseable {
  private final TopicDedup dedup;
  private final String producer;
  private final boolean ascending;
  private final long now;
  private long[] sequences = new long[16]; // of the messages in the batch
  private IdHash[] hashes; // the same; made with the first id
  private Map<IdHash, Integer> byHash; // index in the batch
  private int size; // of the batch
  private long highest = -1; // sequence in the batch
  private IdHash hash; // of the id that was looked at last

  Sifting(TopicDedup dedup, String producer, boolean ascending) {
    this.dedup = dedup;
    this.producer = producer;
    this.ascending = ascending;
    dedup.lock.lock();
    this.now = dedup.now();
  }

  /**
   * Begins a batch, or the next one.
   *
   * @param batch gets nothing but what is {@linkplain #take taken} from now on
   */
  public void begin(RecordBatch batch) {
    size = 0;
    highest = -1;
    if (byHash != null) {
      byHash.clear();
    }
    batch.whenAppended(() -> appended(batch));
  }

  /**
   * Looks for a message.
   *
   * @param sequence of its producer, or -1
   * @param id of the message, or null
   * @return whether the topic has it
   * @throws SequenceTooOldException when that is not known
   * @throws TooManyProducersException when the topic remembers no further producer
   */
  public Verdict look(long sequence, String id) {
    Verdict found = sequence < 0 ? Verdict.NEW : look(sequence);
    return found.kind() != Verdict.Kind.NEW || id == null ? found : look(id);
  }

  private Verdict look(long sequence) {
    if (sequence <= highest) {
      for (int i = 0; i < size; i++) {
        if (sequences[i] == sequence) {
          return new Verdict(Verdict.Kind.IN_BATCH, i, 0);
        }
      }
    }
    SequenceWindow window = dedup.sequences().of(producer);
    if (window == null) {
      dedup.checkRoom(producer);
      return Verdict.NEW;
    }
    long found = window.find(sequence);
    if (found >= 0) {
      return new Verdict(Verdict.Kind.AT_OFFSET, found, 0);
    }
    if (found == SequenceWindow.ABSENT) {
      return Verdict.NEW;
    }
    if (ascending) {
      return Verdict.SOMEWHERE;
    }
    throw new SequenceTooOldException(
        "topic " + dedup.topic() + ": producer " + producer + " has come to sequence "
            + window.last() + ", and whether " + sequence + " was taken is not known any more: the"
            + " last " + SequenceWindow.SIZE + " that were taken are; nothing was sent. Send it"
            + " with a sequence above, or declare the producer ascending if it never sends a lower"
            + " sequence after a higher one");
  }

  private Verdict look(String id) {
    hash = dedup.hash(id);
    Integer index = byHash == null ? null : byHash.get(hash);
    if (index != null) {
      return new Verdict(Verdict.Kind.IN_BATCH, index, 0);
    }
    IdWindow.Place place = dedup.ids().find(hash, now);
    return place == null
        ? Verdict.NEW
        : new Verdict(Verdict.Kind.AT_OFFSET, place.offset(), place.time());
  }

  /**
   * The message that was looked at last is the next one in the batch.
   *
   * @param sequence as given there
   * @param id as given there
   */
  public void take(long sequence, String id) {
    if (size == sequences.length) {
      sequences = Arrays.copyOf(sequences, 2 * size);
      hashes = hashes == null ? null : Arrays.copyOf(hashes, 2 * size);
    }
    sequences[size] = sequence;
    highest = Math.max(highest, sequence);
    if (id != null && hashes == null) {
      hashes = new IdHash[sequences.length];
      byHash = new HashMap<>();
    }
    if (hashes != null) {
      hashes[size] = id == null ? null : hash;
      if (id != null) {
        byHash.put(hash, size);
      }
    }
    size++;
  }

  /** Under the append lock: a roll that comes next carries what the batch had. */
  private void appended(RecordBatch batch) {
    if (highest >= 0) {
      dedup.remember(producer, sequences, size, batch.firstOffset());
    }
    if (hashes != null) {
      dedup.remember(hashes, size, batch.firstOffset(), batch.timestamp());
    }
  }

  @Override
  public void close() {
    dedup.lock.unlock();
  }
}
