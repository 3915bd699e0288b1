package io.holdfast.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Says whether what a process holds is flat: compares the middle of a run, when everything has been
 * used once and the hot code is compiled, with its end. Medians, because a single sample may meet a
 * roll, a drop or a compiler at work.
 */
final class SoakSamples {
  private static final long MIB = 1 << 20;

  private final List<SoakSample> samples = new ArrayList<>();

  void add(SoakSample sample) {
    samples.add(sample);
  }

  /** What stands in the middle fifth, or in the last one. */
  private SoakSample median(int fromPercent, int toPercent) {
    int from = samples.size() * fromPercent / 100;
    int to = Math.max(from + 1, samples.size() * toPercent / 100);
    List<SoakSample> window = samples.subList(from, to);
    return new SoakSample(
        median(window, SoakSample::heap),
        median(window, SoakSample::resident),
        median(window, SoakSample::mappings),
        median(window, SoakSample::descriptors),
        median(window, SoakSample::threads),
        median(window, SoakSample::disk));
  }

  private static long median(List<SoakSample> window, ToLongFunction<SoakSample> figure) {
    long[] sorted = window.stream().mapToLong(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  SoakSample middle() {
    return median(40, 60);
  }

  SoakSample end() {
    return median(80, 100);
  }

  /** Each figure that grew by more than what a run without a leak may show. */
  List<String> growth() {
    SoakSample middle = middle();
    SoakSample end = end();
    List<String> grown = new ArrayList<>();
    // What the checker keeps of what is not dropped yet, and caches of the JDK.
    check(grown, "heap", middle.heap(), end.heap(), 4 * MIB);
    // Late compilations, the collector's own tables, and segments that are mapped and not yet used.
    check(grown, "resident size", middle.resident(), end.resident(), 40 * MIB);
    // A roll ahead, readers that stand in other segments, stacks and arenas of threads.
    check(grown, "mappings", middle.mappings(), end.mappings(), 24);
    // Files of the moment: a force, a directory, this sample itself.
    check(grown, "descriptors", middle.descriptors(), end.descriptors(), 6);
    // The compiler's threads come and go.
    check(grown, "threads", middle.threads(), end.threads(), 4);
    // Segments that wait to be dropped or used again: some more of one MiB each.
    check(grown, "disk", middle.disk(), end.disk(), 16 * MIB);
    return grown;
  }

  private static void check(List<String> grown, String what, long from, long to, long most) {
    if (to - from > most) {
      grown.add("%s grew from %,d to %,d, at most %,d more".formatted(what, from, to, most));
    }
  }

  /** A run of made-up samples. */
  static SoakSamples of(SoakSample... all) {
    SoakSamples samples = new SoakSamples();
    Arrays.asList(all).forEach(samples::add);
    return samples;
  }
}
