package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Kind;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * What is sent, before its bytes.
 *
 * @param name the file's or folder's own; as the sender has it, so not to be used as a path
 * @param entries the one file, or all that is in the folder, in the order of their paths' UTF-8
 */
record Manifest(Kind kind, String name, List<Entry> entries) {

    /** The most files and folders in a folder. */
    static final int MAX_ENTRIES = 200_000;

    /** The most characters in all their paths. */
    static final int MAX_CHARACTERS = 16 << 20;

    private static final int ID_DIGITS = 12;

    /** @throws TransferException if it is too large, or no sender of ours would say so */
    static Manifest of(Kind kind, String name, List<Entry> entries) throws TransferException {
        if (kind != Kind.FOLDER
                && (entries.size() != 1
                        || entries.get(0).isFolder()
                        || entries.get(0).size() < 0 != (kind == Kind.STREAM))) {
            throw TransferException.nonsense("an offer of a file that is none", null);
        }
        String last = null;
        for (Entry entry : entries) {
            if (kind == Kind.FOLDER && entry.size() < 0) {
                throw TransferException.nonsense("a file of unknown length in a folder", null);
            }
            if (last != null && compare(last, entry.path()) >= 0) {
                throw TransferException.nonsense("paths out of order", null);
            }
            last = entry.path();
        }
        return new Manifest(kind, name, List.copyOf(entries));
    }

    /** As UTF-8 is ordered. */
    static int compare(String path, String other) {
        return Arrays.compareUnsigned(path.getBytes(UTF_8), other.getBytes(UTF_8));
    }

    /** All bytes together, or -1 if nobody knows. */
    long total() {
        return kind == Kind.STREAM
                ? -1
                : entries.stream().mapToLong(Entry::size).sum();
    }

    /** How many files there are. */
    int files() {
        return (int) entries.stream().filter(entry -> !entry.isFolder()).count();
    }

    /** The same for the same names and sizes, so that a transfer can be told from another one. */
    String id() {
        MessageDigest digest = Sha256.newDigest();
        digest.update((kind + "\n" + name).getBytes(UTF_8));
        for (Entry entry : entries) {
            digest.update(
                    ("\0" + entry.size() + entry.isFolder() + entry.isExecutable() + entry.path()).getBytes(UTF_8));
        }
        return Sha256.of(digest).toString().substring(0, ID_DIGITS);
    }

    /**
     * The SHA-256 of the whole: a file's own. Of a folder, that of the lines which {@code sha256sum} prints for its files,
     * each named from {@code ./}, in the order of their names.
     *
     * @param files that of each file, in their order
     */
    Sha256 whole(List<Sha256> files) {
        if (kind != Kind.FOLDER) {
            return files.get(0);
        }
        MessageDigest digest = Sha256.newDigest();
        Iterator<Sha256> next = files.iterator();
        for (Entry entry : entries) {
            if (!entry.isFolder()) {
                digest.update((next.next() + "  ./" + entry.path() + "\n").getBytes(UTF_8));
            }
        }
        return Sha256.of(digest);
    }
}
