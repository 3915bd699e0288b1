/** The attribute block of a record: how key, subject, headers and producer stand in it. */
package io.holdfast.engine.message;
