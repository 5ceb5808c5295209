package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Checks that bytes are a message: its header, that each attribute lies inside it, and the values that a receiver must
 * understand. Allocates one copy of the bytes there are, whatever they claim, and the message.
 */
final class StunMessageDecoder {
    private static final int MESSAGE_INTEGRITY = StunAttributeType.MESSAGE_INTEGRITY.code();
    private static final int MESSAGE_INTEGRITY_SHA256 = StunAttributeType.MESSAGE_INTEGRITY_SHA256.code();
    private static final int FINGERPRINT = StunAttributeType.FINGERPRINT.code();

    private StunMessageDecoder() {}

    static StunMessage decode(ByteBuf in) throws StunDecodeException {
        if (in.readableBytes() < StunMessage.HEADER) {
            throw new StunDecodeException("no STUN header in " + in.readableBytes() + " bytes");
        }
        byte[] bytes = ByteBufUtil.getBytes(in);
        checkHeader(bytes);
        int integrityAt = bytes.length;
        int integritySha256At = bytes.length;
        int fingerprintAt = bytes.length;
        for (int at = StunMessage.HEADER; at < bytes.length; at = end(bytes, at)) {
            checkPlace(bytes, at, fingerprintAt);
            int code = Octets.u16(bytes, at);
            // RFC 8489, sections 14.5 and 14.6: what integrity does not cover is ignored.
            boolean ignored = integritySha256At < at || (integrityAt < at && code != MESSAGE_INTEGRITY_SHA256);
            if (code == FINGERPRINT) {
                fingerprintAt = Octets.u16(bytes, at + 2) == 4 ? at : fingerprintAt;
            } else if (!ignored && code < StunAttributeType.COMPREHENSION_OPTIONAL) {
                checkValue(bytes, at, code);
                integrityAt = code == MESSAGE_INTEGRITY ? at : integrityAt;
                integritySha256At = code == MESSAGE_INTEGRITY_SHA256 ? at : integritySha256At;
            }
        }
        return new StunMessage(bytes, integrityAt, integritySha256At, fingerprintAt);
    }

    /** Where the attribute at {@code at} ends, with its padding. */
    static int end(byte[] bytes, int at) {
        return at + 4 + ((Octets.u16(bytes, at + 2) + 3) & ~3);
    }

    private static void checkHeader(byte[] bytes) throws StunDecodeException {
        if ((bytes[0] & 0xC0) != 0 || Octets.i32(bytes, 4) != StunMessage.COOKIE) {
            throw new StunDecodeException("no STUN header in " + bytes.length + " bytes");
        }
        int claimed = StunMessage.HEADER + Octets.u16(bytes, 2);
        if (claimed != bytes.length || (bytes.length & 3) != 0) {
            throw new StunDecodeException("the header says " + claimed + " bytes, there are " + bytes.length);
        }
    }

    private static void checkPlace(byte[] bytes, int at, int fingerprintAt) throws StunDecodeException {
        if (end(bytes, at) > bytes.length) {
            throw new StunDecodeException("the attribute at " + at + " is longer than the message");
        }
        if (fingerprintAt < at) {
            throw new StunDecodeException("an attribute follows FINGERPRINT");
        }
    }

    private static void checkValue(byte[] bytes, int at, int code) throws StunDecodeException {
        AttributeFormat<?> format = AttributeFormat.of(code);
        if (format != null && !format.check().accepts(bytes, at + 4, Octets.u16(bytes, at + 2))) {
            throw new StunDecodeException(format.type() + " is malformed");
        }
    }
}
