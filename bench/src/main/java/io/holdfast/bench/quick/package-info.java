/**
 * The quick comparison: Holdfast, its peers and the floor, interleaved in one run, with a verdict
 * for each target.
 *
 * <pre>
 *   QuickRun ---- Section (one target each) ---- Session ---- Fork ==== a JVM: QuickFork
 *      |                                            |                        |
 *   QuickReport: Table, Verdict                  Samples                 Workload on a Contender
 * </pre>
 */
package io.holdfast.bench.quick;
