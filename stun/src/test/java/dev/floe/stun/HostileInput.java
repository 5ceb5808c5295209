package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
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
            assertThat(message.has(attribute.getClass())).isTrue();
            assertThat(attribute.type()).isNotNull();
        }
        assertThat(message.toString()).isNotEmpty();
        assertThat(message.unknownComprehensionRequired()).allMatch(StunAttributeType::isComprehensionRequired);
        assertThat(message.isSignedBy(KEY)).isFalse();
        assertThat(message.hasFingerprint()).isEqualTo(message.has(StunAttribute.Fingerprint.class));
        return Optional.of(message);
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
