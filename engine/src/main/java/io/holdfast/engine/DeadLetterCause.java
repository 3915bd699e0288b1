package io.holdfast.engine;

import java.time.Instant;
import java.util.SortedSet;

/**
 * Dead letters that died of the same.
 *
 * @param fingerprint what they have in common, 12 hexadecimal digits: the class of the error, its
 *     message without numbers and ids, and where it was thrown; the same in every process
 * @param errorClass class of the error
 * @param message message of the error of the first of them
 * @param reasons why they are dead, such as {@code attempts} or {@code rejected}
 * @param count how many there are
 * @param first when the earliest of them died
 * @param last when the latest of them died
 */
public record DeadLetterCause(
    String fingerprint,
    String errorClass,
    String message,
    SortedSet<String> reasons,
    long count,
    Instant first,
    Instant last) {}
