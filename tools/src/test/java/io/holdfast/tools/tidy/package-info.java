/**
 * Style as tests: each rule reads the whole repository and names every place that breaks it.
 *
 * <p>{@link io.holdfast.tools.tidy.TidyTest} is the list of the rules, and holds them against the
 * project; {@code RulesTest} shows each one failing on a bad snippet. A limit here is lowered when
 * the code has got better, and never raised to let something pass.
 */
package io.holdfast.tools.tidy;
