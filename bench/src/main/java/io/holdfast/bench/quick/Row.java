package io.holdfast.bench.quick;

/**
 * What one row of the table is about. Immutable.
 *
 * @param target P1 to P12
 * @param what workload and size
 * @param contender who was measured
 * @param unit of the figures
 */
record Row(String target, String what, String contender, Unit unit) {}
