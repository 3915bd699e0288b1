/** Measurements: JMH benchmarks and a latency run on the user's own disk. */
package io.holdfast.bench;
