package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;

/** Lays out a message, then signs it. */
final class StunMessageEncoder {
    private StunMessageEncoder() {}

    static StunMessage encode(
            int type,
            TransactionId id,
            List<StunAttribute> attributes,
            Map<Integrity, StunKey> keys,
            boolean fingerprint) {
        ByteBuf body = Unpooled.buffer(128);
        body.writeShort(type).writeShort(0).writeInt(StunMessage.COOKIE).writeBytes(id.toByteArray());
        for (StunAttribute attribute : attributes) {
            AttributeFormat.write(attribute, body);
        }
        int integrityAt = body.readableBytes();
        int integritySha256At = integrityAt + size(Integrity.SHA1, keys);
        int fingerprintAt = integritySha256At + size(Integrity.SHA256, keys);
        int end = fingerprintAt + (fingerprint ? 8 : 0);
        if (end > StunMessage.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the message has " + end + " bytes, at most " + StunMessage.MAX_LENGTH + " are possible");
        }
        byte[] bytes = new byte[end];
        body.readBytes(bytes, 0, integrityAt);
        Octets.putU16(bytes, 2, end - StunMessage.HEADER);
        sign(bytes, integrityAt, Integrity.SHA1, keys);
        sign(bytes, integritySha256At, Integrity.SHA256, keys);
        if (fingerprint) {
            putHeader(bytes, fingerprintAt, StunAttributeType.FINGERPRINT.code(), 4);
            Octets.putI32(bytes, fingerprintAt + 4, StunMessage.fingerprint(bytes, fingerprintAt));
        }
        return new StunMessage(
                bytes,
                keys.containsKey(Integrity.SHA1) ? integrityAt : end,
                keys.containsKey(Integrity.SHA256) ? integritySha256At : end,
                fingerprint ? fingerprintAt : end);
    }

    private static int size(Integrity integrity, Map<Integrity, StunKey> keys) {
        return keys.containsKey(integrity) ? 4 + integrity.length : 0;
    }

    private static void sign(byte[] bytes, int at, Integrity integrity, Map<Integrity, StunKey> keys) {
        StunKey key = keys.get(integrity);
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
