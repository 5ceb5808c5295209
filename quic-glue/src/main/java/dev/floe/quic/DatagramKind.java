package dev.floe.quic;

import io.netty.buffer.ByteBuf;

/** What a datagram on the shared port is, by its first byte (RFC 9443 §3, RFC 7983 §7). */
enum DatagramKind {
    /** 0 to 3; the STUN decoder takes those that also carry the magic cookie, so what is left is none. */
    STUN,
    /** 64 to 127: a QUIC short header; from a TURN server 64 to 79 would be ChannelData, which never comes this far. */
    QUIC_SHORT_HEADER,
    /** 192 to 255. */
    QUIC_LONG_HEADER,
    /** Nothing that this port speaks: DTLS, RTP, ZRTP, noise, or no byte at all. */
    OTHER;

    /** Reads nothing from {@code content} and does not release it. */
    static DatagramKind of(ByteBuf content) {
        if (!content.isReadable()) {
            return OTHER;
        }
        int first = content.getUnsignedByte(content.readerIndex());
        if (first <= 3) {
            return STUN;
        } else if (first >= 192) {
            return QUIC_LONG_HEADER;
        } else if (first >= 64 && first <= 127) {
            return QUIC_SHORT_HEADER;
        }
        return OTHER;
    }

    boolean isQuic() {
        return this == QUIC_SHORT_HEADER || this == QUIC_LONG_HEADER;
    }
}
