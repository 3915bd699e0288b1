package io.holdfast.storage.crash;

/** What a name stands for: a file or a directory. The file itself has no name. */
abstract sealed class DiskNode permits DiskFile, DiskDirectory {}
