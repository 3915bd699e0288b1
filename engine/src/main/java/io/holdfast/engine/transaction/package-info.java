/**
 * The log of transactions: what a record of it holds, and which of them are applied and durable.
 */
package io.holdfast.engine.transaction;
