/**
 * What a topic remembers of the messages that it took, so that one that is sent again is not taken
 * again: sequences of producers, and ids of messages. The order of the steps is in
 * docs/architecture.md, "Duplicates".
 */
package io.holdfast.engine.dedup;
