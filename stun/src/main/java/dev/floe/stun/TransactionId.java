package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** The 96 bits that tie a response to its request (RFC 8489, section 5). */
public final class TransactionId {
    static final int LENGTH = 12;

    private final int high;
    private final long low;

    private TransactionId(int high, long low) {
        this.high = high;
        this.low = low;
    }

    /**
     * A new id. Whoever guesses it can forge the answer, so outside of tests {@code random} is a
     * {@link java.security.SecureRandom}.
     *
     * @param random where its bits come from
     * @return 96 random bits
     */
    public static TransactionId random(RandomGenerator random) {
        return new TransactionId(random.nextInt(), random.nextLong());
    }

    /**
     * {@return the id that these bytes are}
     *
     * @param twelveBytes copied
     * @throws IllegalArgumentException if there are not twelve
     */
    public static TransactionId of(byte[] twelveBytes) {
        if (twelveBytes.length != LENGTH) {
            throw new IllegalArgumentException("a transaction id has 12 bytes, not " + twelveBytes.length);
        }
        return read(twelveBytes, 0);
    }

    static TransactionId read(byte[] bytes, int at) {
        return new TransactionId(Octets.i32(bytes, at), Octets.i64(bytes, at + 4));
    }

    void write(byte[] bytes, int at) {
        Octets.putI32(bytes, at, high);
        Octets.putI64(bytes, at + 4, low);
    }

    void write(ByteBuf out) {
        out.writeInt(high).writeLong(low);
    }

    /** {@return the id, in a new array of twelve bytes} */
    public byte[] toByteArray() {
        byte[] bytes = new byte[LENGTH];
        write(bytes, 0);
        return bytes;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TransactionId other && high == other.high && low == other.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(low) ^ high;
    }

    /** Twenty-four hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(toByteArray());
    }
}
