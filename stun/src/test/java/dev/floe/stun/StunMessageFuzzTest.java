package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

class StunMessageFuzzTest {
    private static final StunKey KEY = StunKey.shortTerm("another secret");
    private static final Set<StunAttributeType> PROTECTION = Set.of(
            StunAttributeType.MESSAGE_INTEGRITY,
            StunAttributeType.MESSAGE_INTEGRITY_SHA256,
            StunAttributeType.FINGERPRINT);

    /** As they come, and under a header that tells their right length, which a mutation seldom does. */
    @FuzzTest
    void anyBytesAreRefusedOrReadAndWrittenAgain(byte[] bytes) {
        HostileInput.decodeAndUse(bytes).ifPresent(message -> verify(message, bytes));
        if (bytes.length >= StunMessage.HEADER) {
            byte[] whole = HostileInput.message(Arrays.copyOf(bytes, bytes.length & ~3), new byte[0]);
            Octets.putI32(whole, 4, StunMessage.COOKIE);
            HostileInput.decodeAndUse(whole).ifPresent(message -> verify(message, whole));
        }
    }

    private static void verify(StunMessage message, byte[] bytes) {
        assertThat(message.toByteArray()).isEqualTo(bytes);
        assertThat(message.attributes()).hasSizeLessThanOrEqualTo((bytes.length - StunMessage.HEADER) / 4);

        StunMessage copy = signedCopy(message);
        StunMessage read = HostileInput.decodeAndUse(copy.toByteArray()).orElseThrow();
        assertThat(read).isEqualTo(copy);
        assertThat(read.transactionId()).isEqualTo(message.transactionId());
        assertThat(read.is(message.messageClass(), message.method())).isTrue();
        assertThat(content(read)).isEqualTo(content(message));
        assertThat(read.unknownComprehensionRequired()).isEqualTo(message.unknownComprehensionRequired());
        assertThat(read.isSignedBy(KEY)).isTrue();
        assertThat(read.hasValidFingerprint()).isTrue();
    }

    private static StunMessage signedCopy(StunMessage message) {
        StunMessage.Builder builder =
                StunMessage.builder(message.messageClass(), message.method(), message.transactionId());
        content(message).forEach(builder::add);
        return builder.sign(KEY).signSha256(KEY).fingerprint().build();
    }

    private static List<StunAttribute> content(StunMessage message) {
        return message.attributes().stream()
                .filter(attribute -> !PROTECTION.contains(attribute.type()))
                .toList();
    }
}
