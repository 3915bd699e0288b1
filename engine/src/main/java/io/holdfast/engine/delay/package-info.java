/**
 * Delayed messages: which messages of a topic are not due yet, on disk and in order, so that a
 * group comes back to each in time and an opening reads none of them.
 */
package io.holdfast.engine.delay;
