/**
 * The bytes on disk: one {@code ...Layout} class for each kind of record or file, each with its
 * byte table, and the checksum over a record. Nothing here opens a file or holds state.
 */
package io.holdfast.storage.format;
