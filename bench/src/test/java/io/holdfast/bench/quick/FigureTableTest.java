package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTableTest {
  @Test
  void rowsHaveUnitsAndTheCpuTimeWhereItIsKnown() {
    Samples samples = new Samples();
    Row stream = new Row("P1", "stream", "ours", Unit.RATE);
    samples.add(stream, 0, 2_500_000);
    samples.add(stream, 1, 12_000);
    samples.addCpu(stream, 0.25);
    samples.add(new Row("P3", "p50", "floor", Unit.MICROS), 0, 650);
    samples.add(new Row("P3", "late", "floor", Unit.SHARE), 0, 0.0125);
    List<String> cells =
        FigureTable.of(samples).lines().map(line -> line.strip().replaceAll("  +", "|")).toList();
    assertEquals("workload|contender|median|min|max|rounds|CPU s/M", cells.get(0));
    assertEquals("P1|stream|ours|1.26 M/s|12.0 k/s|2.50 M/s|2|0.250", cells.get(1));
    assertEquals("P3|p50|floor|0.65 us|0.65 us|0.65 us|1", cells.get(2));
    assertEquals("P3|late|floor|1.250 %|1.250 %|1.250 %|1", cells.get(3));
    assertEquals(4, cells.size());
  }
}
