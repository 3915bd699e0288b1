/**
 * Kills engines and cuts their power in process, at any call to their files and between stores to
 * the memory of their groups, and judges what each crash leaves by what the engine had promised.
 */
package io.holdfast.engine.crash;
