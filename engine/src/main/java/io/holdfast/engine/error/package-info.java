/** What the engine throws, all below {@link io.holdfast.storage.error.HoldfastException}. */
package io.holdfast.engine.error;
