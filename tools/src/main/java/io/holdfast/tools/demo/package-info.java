/**
 * The demo: real messages through two groups, a process that is killed with SIGKILL in the middle,
 * and a summary that checks itself against what was recorded outside the store.
 */
package io.holdfast.tools.demo;
