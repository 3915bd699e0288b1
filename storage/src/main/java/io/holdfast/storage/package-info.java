/** Topics as memory-mapped segment files with offset indexes; knows no groups. */
package io.holdfast.storage;
