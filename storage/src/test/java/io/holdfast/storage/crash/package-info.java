/**
 * A file system in memory that knows what the device has and what only the page cache does: the
 * whole storage layer runs on it, and every state that a crash may leave can be made and opened.
 */
package io.holdfast.storage.crash;
