/**
 * Looking at segments through channels: the scanner that recovery, verify and dump share. It takes
 * no lock, maps nothing, and reports every fault with its position.
 */
package io.holdfast.storage.check;
