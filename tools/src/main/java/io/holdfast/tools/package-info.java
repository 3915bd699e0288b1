/** The command line: every command prints what a public library method returns. */
package io.holdfast.tools;
