/**
 * The one small tree of unchecked exceptions: every message gives what was expected, what was
 * found, where, and what to do.
 */
package io.holdfast.storage.error;
