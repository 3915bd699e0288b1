package io.holdfast.engine.dedup;

import io.holdfast.storage.check.CarriedTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A producer as a table of sequences knows it, for tools.
 *
 * @param name of the producer
 * @param last the highest sequence that was taken
 * @param tooOld this sequence and all below are too old; -1 = none is
 * @param known how many sequences above that are known one by one
 */
public record KnownProducer(String name, long last, long tooOld, int known) {

  /**
   * Lists a table.
   *
   * @param table as it was carried
   * @param where it stands, for errors
   * @return by name
   * @throws io.holdfast.engine.error.DamagedDedupException when it is not well-formed
   */
  public static List<KnownProducer> of(CarriedTable table, Object where) {
    List<KnownProducer> all = new ArrayList<>();
    SequenceTableReader.read(table.bytes(), table.entries(), where)
        .forEach(
            (name, window) ->
                all.add(
                    new KnownProducer(name, window.last(), window.floor(), window.entries())));
    all.sort(Comparator.comparing(KnownProducer::name));
    return all;
  }
}
