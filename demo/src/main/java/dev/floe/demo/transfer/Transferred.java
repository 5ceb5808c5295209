package dev.floe.demo.transfer;

/**
 * What has gone over.
 *
 * @param bytes of all files together
 * @param sha256 of the whole, in hexadecimal: a file's own; of a folder, that of the lines that {@code sha256sum} prints for
 *     its files
 * @param where it is now; empty at the sender
 */
public record Transferred(String name, long bytes, String sha256, String where) {}
