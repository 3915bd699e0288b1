/**
 * Looking at the state of groups through channels, on a live store of another process as on a
 * damaged one: what info, verify and the demo's checks print.
 */
package io.holdfast.engine.check;
