/**
 * The state of consumer groups: its files, and the steps that lead a message from Available to
 * Done.
 *
 * <p>The table of states and events, with what a crash at each step means, stands in
 * docs/architecture.md under "Group state"; the classes here follow it. Files: {@link
 * io.holdfast.engine.group.HeadFile}, {@link io.holdfast.engine.group.DoneBitmap}, {@link
 * io.holdfast.engine.group.SlotFile}. Steps: {@code Dispatch}, {@code Settlement}, {@code
 * DeadLetters}, {@code StateRecovery}, under the lock of {@link
 * io.holdfast.engine.group.GroupTopic}.
 */
package io.holdfast.engine.group;
