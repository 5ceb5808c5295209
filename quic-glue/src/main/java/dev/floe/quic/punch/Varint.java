package dev.floe.quic.punch;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Numbers of seven bits a byte, the lowest first, as protobuf and the multiformats have them. */
final class Varint {

    private static final int MAX_BYTES = 10;

    private Varint() {}

    /**
     * Takes one off the front.
     *
     * @throws IllegalArgumentException if it is longer than 64 bits are
     * @throws BufferUnderflowException if it is cut off
     */
    static long read(ByteBuffer bytes) {
        long value = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a varint of more than " + MAX_BYTES + " bytes");
    }

    /** @param value not negative */
    static void write(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest > 0x7f) {
            out.write(((int) rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
