package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute.Fingerprint;
import dev.floe.stun.StunAttribute.IceControlled;
import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.Priority;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.UserHash;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 5769, and RFC 8489, appendix B.1. */
class StunVectorTest {
    private static final String NONCE = "f//499k954d6OL34oL9FSTvy64sA";

    @ParameterizedTest
    @EnumSource
    void integrityIsRightForItsKeyAlone(Vectors vector) {
        assertThat(vector.decode().isSignedBy(vector.key())).isTrue();
        assertThat(vector.decode().isSignedBy(StunKey.shortTerm("another"))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUEST", "IPV4_RESPONSE", "IPV6_RESPONSE"})
    void fingerprintIsRight(Vectors vector) {
        assertThat(vector.decode().hasValidFingerprint()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void decodedMessageKeepsItsBytes(Vectors vector) {
        assertThat(vector.decode().toByteArray()).isEqualTo(vector.bytes());
        assertThat(vector.decode().length()).isEqualTo(vector.bytes().length);
    }

    @Test
    void requestHasWhatTheRfcSays() {
        StunMessage request = Vectors.REQUEST.decode();

        assertThat(request.is(StunClass.REQUEST, StunMethod.BINDING)).isTrue();
        assertThat(request.transactionId()).hasToString("b7e7a701bc34d686fa87dfae");
        assertThat(request.attributes())
                .containsExactly(
                        new Software("STUN test client"),
                        new Priority(0x6e0001ffL),
                        new IceControlled(0x932ff9b151263b36L),
                        new Username("evtj:h6vY"),
                        new MessageIntegrity(octets("9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2")),
                        new Fingerprint(0xe57a3bcf));
        assertThat(request.unknownComprehensionRequired()).isEmpty();
    }

    @Test
    void responsesHaveTheMappedAddressesOfTheRfc() {
        StunMessage ipv4 = Vectors.IPV4_RESPONSE.decode();
        StunMessage ipv6 = Vectors.IPV6_RESPONSE.decode();

        assertThat(ipv4.is(StunClass.SUCCESS, StunMethod.BINDING)).isTrue();
        assertThat(ipv4.find(Software.class)).contains(new Software("test vector"));
        assertThat(ipv4.find(XorMappedAddress.class))
                .contains(new XorMappedAddress(new InetSocketAddress("192.0.2.1", 32853)));
        assertThat(ipv6.find(XorMappedAddress.class))
                .contains(new XorMappedAddress(new InetSocketAddress("2001:db8:1234:5678:11:2233:4455:6677", 32853)));
    }

    @Test
    void longTermRequestIsEncodedAsPublished() {
        StunMessage request = request()
                .add(new Username("マトリックス"))
                .add(new Nonce(NONCE))
                .add(new Realm("example.org"))
                .sign(Vectors.LONG_TERM_REQUEST.key())
                .build();

        assertThat(request).isEqualTo(Vectors.LONG_TERM_REQUEST.decode());
    }

    @Test
    void sha256RequestIsEncodedAsPublished() {
        StunMessage request = request()
                .add(UserHash.of("マトリックス", "example.org"))
                .add(new Nonce("obMatJos2AAAC" + NONCE))
                .add(new Realm("example.org"))
                .add(PasswordAlgorithm.SHA256)
                .signSha256(Vectors.SHA256_REQUEST.key())
                .build();

        assertThat(request.find(UserHash.class).orElseThrow().value())
                .hasToString("4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704");
        assertThat(request.find(MessageIntegritySha256.class).orElseThrow().hmac())
                .hasToString("b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");
        assertThat(request).isEqualTo(Vectors.SHA256_REQUEST.decode());
    }

    /** The RFC pads with spaces, Floe with zeros, so that only what comes before integrity can be compared. */
    @ParameterizedTest
    @EnumSource(names = {"REQUEST", "IPV4_RESPONSE", "IPV6_RESPONSE"})
    void attributesAreEncodedAsPublishedButForThePadding(Vectors vector) {
        StunMessage published = vector.decode();
        StunMessage.Builder builder =
                StunMessage.builder(published.messageClass(), published.method(), published.transactionId());
        published.attributes().stream()
                .filter(a -> !(a instanceof MessageIntegrity || a instanceof Fingerprint))
                .forEach(builder::add);
        StunMessage encoded = builder.sign(vector.key()).fingerprint().build();

        assertThat(withSpacesAsPadding(encoded)).startsWith(signedPart(vector));
        assertThat(encoded.isSignedBy(vector.key())).isTrue();
        assertThat(encoded.hasValidFingerprint()).isTrue();
    }

    private static byte[] signedPart(Vectors vector) {
        byte[] all = vector.bytes();
        return Octets.copy(all, 0, all.length - 32);
    }

    private static byte[] withSpacesAsPadding(StunMessage message) {
        byte[] bytes = message.toByteArray();
        for (int at = StunMessage.HEADER; at < bytes.length; at = StunMessageDecoder.end(bytes, at)) {
            for (int i = at + 4 + Octets.u16(bytes, at + 2); i < StunMessageDecoder.end(bytes, at); i++) {
                bytes[i] = ' ';
            }
        }
        return bytes;
    }

    private static StunMessage.Builder request() {
        byte[] id = HexFormat.of().parseHex("78ad3433c6ad72c029da412e");
        return StunMessage.request(StunMethod.BINDING, TransactionId.of(id));
    }

    private static OctetString octets(String hex) {
        return OctetString.of(HexFormat.of().parseHex(hex));
    }
}
