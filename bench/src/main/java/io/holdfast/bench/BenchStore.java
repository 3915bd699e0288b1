package io.holdfast.bench;

import io.holdfast.storage.Durability;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The store of one iteration: new at its start, removed at its end, so that what a benchmark
 * appends is bounded by the iteration's time. All threads of the benchmark share it.
 */
@State(Scope.Benchmark)
public class BenchStore {
  /**
   * The directory in which each iteration makes its own; what file system it is on is what is
   * measured. Relative to where JMH was started.
   */
  @Param(".")
  public String dir;

  private WorkDirectory directory;
  private Store store;
  private TopicLog processCrash;
  private TopicLog powerLoss;

  /** Makes a store that is not open yet. */
  public BenchStore() {
    // JMH sets the parameters, then calls open.
  }

  /** Opens a new store, with one empty topic for each durability. */
  @Setup(Level.Iteration)
  public void open() {
    directory = new WorkDirectory(Path.of(dir));
    store = Store.open(directory.path().resolve("store"));
    processCrash =
        store.createTopic("processCrash", TopicSettings.of(Durability.processCrash()));
    powerLoss = store.createTopic("powerLoss", TopicSettings.of(Durability.powerLoss()));
  }

  /** Closes the store and removes it. */
  @TearDown(Level.Iteration)
  public void close() {
    try {
      store.close();
    } finally {
      directory.close();
    }
  }

  TopicLog processCrash() {
    return processCrash;
  }

  TopicLog powerLoss() {
    return powerLoss;
  }

  Path path() {
    return directory.path();
  }
}
