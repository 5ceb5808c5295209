package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Checks that bytes are a message: its header, that each attribute lies inside it, and the values that a receiver must
 * understand. Allocates one copy of the bytes there are, whatever they claim.
 */
final class StunMessageDecoder {
    private final byte[] bytes;
    private int integrityAt;
    private int integritySha256At;
    private int fingerprintAt;

    private StunMessageDecoder(byte[] bytes) {
        this.bytes = bytes;
        this.integrityAt = bytes.length;
        this.integritySha256At = bytes.length;
        this.fingerprintAt = bytes.length;
    }

    static StunMessage decode(ByteBuf in) throws StunDecodeException {
        int length = in.readableBytes();
        if (!hasHeader(in)) {
            throw new StunDecodeException("no STUN header in " + length + " bytes");
        }
        int claimed = StunMessage.HEADER + in.getUnsignedShort(in.readerIndex() + 2);
        if (claimed != length || (length & 3) != 0) {
            throw new StunDecodeException("the header says " + claimed + " bytes, there are " + length);
        }
        return new StunMessageDecoder(ByteBufUtil.getBytes(in)).decode();
    }

    private static boolean hasHeader(ByteBuf in) {
        int start = in.readerIndex();
        return in.readableBytes() >= StunMessage.HEADER
                && (in.getByte(start) & 0xC0) == 0
                && in.getInt(start + 4) == StunMessage.COOKIE;
    }

    /** Where the attribute at {@code at} ends, with its padding. */
    static int end(byte[] bytes, int at) {
        return at + 4 + ((Octets.u16(bytes, at + 2) + 3) & ~3);
    }

    private StunMessage decode() throws StunDecodeException {
        for (int at = StunMessage.HEADER; at < bytes.length; at = end(bytes, at)) {
            if (end(bytes, at) > bytes.length) {
                throw new StunDecodeException("the attribute at " + at + " is longer than the message");
            }
            if (fingerprintAt < at) {
                throw new StunDecodeException("an attribute follows FINGERPRINT");
            }
            visit(at);
        }
        return new StunMessage(bytes, integrityAt, integritySha256At, fingerprintAt);
    }

    private void visit(int at) throws StunDecodeException {
        int code = Octets.u16(bytes, at);
        AttributeFormat<?> format = AttributeFormat.of(code);
        if (format == null || isHidden(at, format.type())) {
            return;
        }
        if (!format.check().accepts(bytes, at + 4, Octets.u16(bytes, at + 2))) {
            if (format.type().isComprehensionRequired()) {
                throw new StunDecodeException(format.type() + " is malformed");
            }
        } else if (code == StunAttributeType.MESSAGE_INTEGRITY.code()) {
            integrityAt = at;
        } else if (code == StunAttributeType.MESSAGE_INTEGRITY_SHA256.code()) {
            integritySha256At = at;
        } else if (code == StunAttributeType.FINGERPRINT.code()) {
            fingerprintAt = at;
        }
    }

    /** RFC 8489, sections 14.5 and 14.6: what integrity does not cover is ignored. */
    private boolean isHidden(int at, StunAttributeType type) {
        return !type.equals(StunAttributeType.FINGERPRINT)
                && (integritySha256At < at
                        || (integrityAt < at && !type.equals(StunAttributeType.MESSAGE_INTEGRITY_SHA256)));
    }
}
