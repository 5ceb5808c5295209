package dev.floe.demo.transfer;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the two sides of a transfer say to each other, in this order: the sender offers and lists what it has, the receiver
 * says what of it is there already, the sender sends the rest file by file, and the receiver confirms.
 */
sealed interface Frame {

    /** What is sent. */
    enum Kind {
        FILE('f'),
        FOLDER('d'),
        /** One file whose length nobody knows before its end. */
        STREAM('s');

        private final byte code;

        Kind(char code) {
            this.code = (byte) code;
        }

        byte code() {
            return code;
        }

        static Optional<Kind> of(byte code) {
            return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
        }
    }

    /**
     * The sender's first word.
     *
     * @param name the file's or folder's own, without a path
     * @param entries how many {@link Entry} frames follow
     */
    record Offer(Kind kind, String name, int entries) implements Frame {}

    /**
     * One file or folder of what is offered; a folder comes before what it contains.
     *
     * @param path relative to the folder that is sent, its parts parted by {@code /}; of a single file, its name
     * @param size in bytes, 0 of a folder, -1 where nobody knows it yet
     */
    record Entry(String path, boolean isFolder, boolean isExecutable, long size) implements Frame {}

    /**
     * The receiver has the beginning of a file, or all of it.
     *
     * @param index of the entry, from 0
     * @param size so many bytes
     * @param sha256 of these bytes
     */
    record Have(int index, long size, Sha256 sha256) implements Frame {}

    /** The receiver has said all that it has. */
    record Ready() implements Frame {}

    /**
     * Bytes of a file follow, in {@link Data} frames and up to its {@link End}.
     *
     * @param index of the entry, from 0
     * @param from 0, or as many bytes as the receiver has said that it has
     */
    record Start(int index, long from) implements Frame {}

    /**
     * The next bytes.
     *
     * @param content belongs to who holds the frame
     */
    record Data(ByteBuf content) implements Frame {}

    /** All bytes of a file have been sent. */
    record End(Sha256 sha256) implements Frame {}

    /** So many bytes of all files together the receiver has by now. */
    record Received(long bytes) implements Frame {}

    /** The receiver has everything, under its final name; {@code sha256} is that of the whole. */
    record Done(Sha256 sha256) implements Frame {}

    /**
     * Who says this gives up.
     *
     * @param error {@code io} or another word of the command's contract
     * @param message one line for people
     */
    record Failed(String error, String message) implements Frame {}
}
