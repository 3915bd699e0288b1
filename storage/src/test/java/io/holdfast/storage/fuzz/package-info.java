/**
 * Fuzzing of what parses bytes that others wrote: targets are plain methods that take bytes, fed
 * from a kept corpus in every build, and by Jazzer in a process of its own.
 */
package io.holdfast.storage.fuzz;
