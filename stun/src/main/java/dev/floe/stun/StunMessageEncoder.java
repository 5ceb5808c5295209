package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;
import java.util.List;

/** Lays out a message, then signs it. */
final class StunMessageEncoder {
    /** A body of more bytes is not kept for the next message. */
    private static final int KEPT = 1_024;

    private static final FastThreadLocal<ByteBuf> BODIES = new FastThreadLocal<>() {
        @Override
        protected ByteBuf initialValue() {
            return Unpooled.buffer(KEPT);
        }
    };

    private StunMessageEncoder() {}

    /** A key that is null signs nothing. */
    static StunMessage encode(
            int type,
            TransactionId id,
            List<StunAttribute> attributes,
            StunKey sha1Key,
            StunKey sha256Key,
            boolean fingerprint) {
        ByteBuf body = BODIES.get().clear();
        body.writeShort(type).writeShort(0).writeInt(StunMessage.COOKIE);
        id.write(body);
        for (StunAttribute attribute : attributes) {
            AttributeFormat.write(attribute, body);
        }
        int integrityAt = body.readableBytes();
        int integritySha256At = integrityAt + size(Integrity.SHA1, sha1Key);
        int fingerprintAt = integritySha256At + size(Integrity.SHA256, sha256Key);
        int end = fingerprintAt + (fingerprint ? 8 : 0);
        if (end > StunMessage.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the message has " + end + " bytes, at most " + StunMessage.MAX_LENGTH + " are possible");
        }
        byte[] bytes = Arrays.copyOf(body.array(), end);
        if (body.capacity() > KEPT) {
            BODIES.remove();
        }
        Octets.putU16(bytes, 2, end - StunMessage.HEADER);
        sign(bytes, integrityAt, Integrity.SHA1, sha1Key);
        sign(bytes, integritySha256At, Integrity.SHA256, sha256Key);
        if (fingerprint) {
            putHeader(bytes, fingerprintAt, StunAttributeType.FINGERPRINT.code(), 4);
            Octets.putI32(bytes, fingerprintAt + 4, StunMessage.fingerprint(bytes, fingerprintAt));
        }
        return new StunMessage(
                bytes,
                sha1Key == null ? end : integrityAt,
                sha256Key == null ? end : integritySha256At,
                fingerprint ? fingerprintAt : end);
    }

    private static int size(Integrity integrity, StunKey key) {
        return key == null ? 0 : 4 + integrity.length;
    }

    private static void sign(byte[] bytes, int at, Integrity integrity, StunKey key) {
        if (key != null) {
            putHeader(bytes, at, integrity.type, integrity.length);
            byte[] hmac = key.hmac(integrity, bytes, at);
            System.arraycopy(hmac, 0, bytes, at + 4, hmac.length);
        }
    }

    private static void putHeader(byte[] bytes, int at, int type, int length) {
        Octets.putU16(bytes, at, type);
        Octets.putU16(bytes, at + 2, length);
    }
}
