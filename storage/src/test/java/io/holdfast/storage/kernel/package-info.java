/**
 * Power cuts on a real kernel: a file system on a loop device whose shutdown leaves on the device
 * what was written there, and nothing else.
 */
package io.holdfast.storage.kernel;
