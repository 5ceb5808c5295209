package dev.floe.stun;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;

/** What tests do with bytes that may be anything. */
final class HostileInput {
    private static final StunKey KEY = StunKey.shortTerm("secret");

    private HostileInput() {}

    /** {@code start}, then {@code rest}, under a header with the right length. */
    static byte[] message(byte[] start, byte[] rest) {
        byte[] bytes = new byte[start.length + rest.length];
        System.arraycopy(start, 0, bytes, 0, start.length);
        System.arraycopy(rest, 0, bytes, start.length, rest.length);
        Octets.putU16(bytes, 2, bytes.length - StunMessage.HEADER);
        return bytes;
    }

    /** Decodes and calls all there is to call: none of it may throw. */
    static Optional<StunMessage> decodeAndUse(byte[] bytes) {
        StunMessage message;
        try {
            message = StunMessage.decode(Unpooled.wrappedBuffer(bytes));
        } catch (StunDecodeException e) {
            return Optional.empty();
        }
        for (StunAttribute attribute : message.attributes()) {
            check(message.has(attribute.getClass()), message);
        }
        List<StunAttributeType> unknown = message.unknownComprehensionRequired();
        check(unknown.stream().allMatch(StunAttributeType::isComprehensionRequired), message);
        check(message.hasFingerprint() == message.has(StunAttribute.Fingerprint.class), message);
        check(message.hasFingerprint() || !message.hasValidFingerprint(), message);
        check(!message.isSignedBy(KEY), message);
        check(!message.toString().isEmpty(), message);
        return Optional.of(message);
    }

    /** For millions of messages; an assertion library would take most of the time. */
    private static void check(boolean expected, StunMessage message) {
        if (!expected) {
            throw new AssertionError(message);
        }
    }

    /** Why these bytes are no message. */
    static String refusal(byte[] bytes) {
        try {
            return StunMessage.decode(Unpooled.wrappedBuffer(bytes)).toString();
        } catch (StunDecodeException e) {
            return e.getMessage();
        }
    }
}
