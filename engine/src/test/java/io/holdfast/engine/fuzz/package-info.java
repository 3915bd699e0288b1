/** Fuzzing of what the engine reads: attributes of messages, names, the state of groups. */
package io.holdfast.engine.fuzz;
