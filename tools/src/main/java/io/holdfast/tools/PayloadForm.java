package io.holdfast.tools;

/** How a payload is shown. */
enum PayloadForm {
  /** Not at all. */
  NONE,
  /** As UTF-8, on one line. */
  TEXT,
  /** In hexadecimal. */
  HEX,
  /** As JSON, set out on several lines. */
  JSON
}
