/** Producers, consumer groups, retry and dead letters over the topics of one store. */
package io.holdfast.engine;
