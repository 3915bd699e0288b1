/**
 * Files and memory: the one type behind which memory is mapped, files that are replaced or
 * allocated durably, and the agent thread that does channel I/O so that no user thread's interrupt
 * can break it.
 */
package io.holdfast.storage.file;
