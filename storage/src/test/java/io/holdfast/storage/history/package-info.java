/**
 * The history checker: what writers, readers and groups were told, and what of it a store does not
 * hold to. Judges histories alone, so that it is tested without a store.
 */
package io.holdfast.storage.history;
