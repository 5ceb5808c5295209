package dev.floe.quic.draft;

import io.netty.buffer.ByteBuf;

/** QUIC's variable-length integers: the two first bits say how many bytes there are (RFC 9000 §16). */
final class Varint {

    static final long MAX = (1L << 62) - 1;

    /** What {@link #read} gives when the number's last byte has not come yet. */
    static final long INCOMPLETE = -1;

    private Varint() {}

    /** Reads a number, or nothing if it is not all there. */
    static long read(ByteBuf in) {
        if (!in.isReadable()) {
            return INCOMPLETE;
        }
        int length = 1 << (in.getUnsignedByte(in.readerIndex()) >> 6);
        if (in.readableBytes() < length) {
            return INCOMPLETE;
        }
        return switch (length) {
            case 1 -> in.readByte() & 0x3fL;
            case 2 -> in.readShort() & 0x3fffL;
            case 4 -> in.readInt() & 0x3fff_ffffL;
            default -> in.readLong() & MAX;
        };
    }

    /** Writes a number in as few bytes as will do. */
    static void write(ByteBuf out, long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("number " + value + ", expected 0 to 2^62-1");
        }
        switch (length(value)) {
            case 1 -> out.writeByte((int) value);
            case 2 -> out.writeShort((int) value | 0x4000);
            case 4 -> out.writeInt((int) value | 0x8000_0000);
            default -> out.writeLong(value | 0xc000_0000_0000_0000L);
        }
    }

    static int length(long value) {
        if (value < 1 << 6) {
            return 1;
        } else if (value < 1 << 14) {
            return 2;
        }
        return value < 1 << 30 ? 4 : 8;
    }
}
