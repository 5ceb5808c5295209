package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.stun.StunAttribute.AdditionalAddressFamily;
import dev.floe.stun.StunAttribute.AddressErrorCode;
import dev.floe.stun.StunAttribute.AlternateDomain;
import dev.floe.stun.StunAttribute.AlternateServer;
import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.ChannelNumber;
import dev.floe.stun.StunAttribute.Data;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.Fingerprint;
import dev.floe.stun.StunAttribute.IceControlled;
import dev.floe.stun.StunAttribute.IceControlling;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MappedAddress;
import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.Nomination;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.PasswordAlgorithms;
import dev.floe.stun.StunAttribute.Priority;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.RequestedAddressFamily;
import dev.floe.stun.StunAttribute.RequestedTransport;
import dev.floe.stun.StunAttribute.ResponseOrigin;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import dev.floe.stun.StunAttribute.UseCandidate;
import dev.floe.stun.StunAttribute.UserHash;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import io.netty.buffer.Unpooled;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StunMessageTest {
    private static final StunKey KEY = StunKey.shortTerm("secret");
    private static final StunKey OTHER_KEY = StunKey.shortTerm("guess");

    @ParameterizedTest
    @MethodSource("everyAttribute")
    void attributeSurvivesTheWire(StunAttribute attribute) throws Exception {
        StunMessage message = decode(request().add(attribute).build().toByteArray());

        assertThat(message.find(attribute.getClass()))
                .hasValueSatisfying(
                        found -> assertThat(found).isEqualTo(attribute).hasSameHashCodeAs(attribute));
        assertThat(message.attributes()).containsExactly(attribute);
        assertThat(message.length() % 4).isZero();
    }

    static List<StunAttribute> everyAttribute() throws Exception {
        return List.of(
                new Username("añb:cd"),
                UserHash.of("user", "realm"),
                new Realm("example.org"),
                new Nonce("n"),
                new Software(""),
                new MappedAddress(new InetSocketAddress("192.0.2.1", 65535)),
                new MappedAddress(new InetSocketAddress("2001:db8::1", 0)),
                new XorMappedAddress(new InetSocketAddress("192.0.2.1", 1)),
                new XorMappedAddress(new InetSocketAddress("2001:db8::1", 65535)),
                new ErrorCode(300, ""),
                new ErrorCode(487, "Role Conflict"),
                new ErrorCode(699, "é"),
                new UnknownAttributes(List.of(StunAttributeType.of(0x7FFF), StunAttributeType.NONCE)),
                PasswordAlgorithm.MD5,
                new PasswordAlgorithm(9, OctetString.of((byte) 1)),
                new PasswordAlgorithms(List.of(
                        PasswordAlgorithm.SHA256,
                        new PasswordAlgorithm(9, OctetString.of((byte) 1)),
                        PasswordAlgorithm.MD5)),
                new ChannelNumber(0xFFFF),
                new Lifetime(0xFFFF_FFFFL),
                new XorPeerAddress(new InetSocketAddress("192.0.2.1", 1)),
                new XorPeerAddress(new InetSocketAddress("2001:db8::1", 65535)),
                new XorRelayedAddress(new InetSocketAddress("192.0.2.1", 1)),
                new XorRelayedAddress(new InetSocketAddress("2001:db8::1", 65535)),
                new Data(OctetString.of((byte) 1, (byte) 2, (byte) 3)),
                new Data(OctetString.of()),
                RequestedTransport.UDP,
                RequestedAddressFamily.IPV6,
                AdditionalAddressFamily.IPV6,
                new AddressErrorCode(2, 440, "no IPv6"),
                new MobilityTicket(OctetString.of((byte) 1)),
                new Priority(0xFFFF_FFFFL),
                new UseCandidate(),
                new IceControlled(-1),
                new IceControlling(1),
                new Nomination(0xFFFF_FFFFL),
                new ChangeRequest(false, false),
                new ChangeRequest(true, false),
                new ChangeRequest(false, true),
                new ChangeRequest(true, true),
                new ResponseOrigin(new InetSocketAddress("192.0.2.1", 3478)),
                new OtherAddress(new InetSocketAddress("2001:db8::1", 3479)),
                new AlternateServer(new InetSocketAddress("192.0.2.1", 3478)),
                new AlternateDomain("turn.example.org"),
                new Opaque(StunAttributeType.of(0xFFFF), new byte[] {1, 2, 3}));
    }

    @ParameterizedTest
    @EnumSource
    void typeOfMessageSurvivesTheWire(StunClass messageClass) throws Exception {
        for (int method = 0; method <= 0xFFF; method++) {
            StunMessage message = decode(StunMessage.builder(messageClass, StunMethod.of(method), id())
                    .build()
                    .toByteArray());

            assertThat(message.messageClass()).isEqualTo(messageClass);
            assertThat(message.method()).isEqualTo(new StunMethod(method));
        }
    }

    @Test
    void responseHasMethodAndIdOfItsRequest() {
        StunMessage request = request().build();

        StunMessage success = StunMessage.success(request).build();
        StunMessage error = StunMessage.error(request, 400, "Bad Request").build();

        assertThat(success.is(StunClass.SUCCESS, StunMethod.BINDING)).isTrue();
        assertThat(error.is(StunClass.ERROR, StunMethod.BINDING)).isTrue();
        assertThat(success.transactionId()).isEqualTo(request.transactionId());
        assertThat(error.transactionId()).isEqualTo(request.transactionId());
        assertThat(error.find(ErrorCode.class)).contains(new ErrorCode(400, "Bad Request"));
    }

    @Test
    void firstOfSeveralIsFound() {
        StunMessage message =
                request().add(new Priority(1)).add(new Priority(2)).build();

        assertThat(message.find(Priority.class)).contains(new Priority(1));
        assertThat(message.attributes()).hasSize(2);
    }

    @Test
    void absentAttributeIsNotFound() {
        assertThat(request().build().find(Priority.class)).isEmpty();
        assertThat(request().build().has(Fingerprint.class)).isFalse();
        assertThat(request().build().find(Opaque.class)).isEmpty();
        assertThat(request().build().attributes()).isEmpty();
    }

    @Test
    void bothIntegritiesMustBeRight() {
        StunMessage both = request().sign(KEY).signSha256(KEY).build();

        assertThat(both.attributes()).hasExactlyElementsOfTypes(MessageIntegrity.class, MessageIntegritySha256.class);
        assertThat(both.isSignedBy(KEY)).isTrue();
        assertThat(request().sign(OTHER_KEY).signSha256(KEY).build().isSignedBy(KEY))
                .isFalse();
        assertThat(request().sign(KEY).signSha256(OTHER_KEY).build().isSignedBy(KEY))
                .isFalse();
        assertThat(request().build().isSignedBy(KEY)).isFalse();
    }

    @Test
    void unsignedTailOfAMessageIsIgnored() throws Exception {
        for (StunMessage signed : List.of(
                request().add(new Priority(1)).sign(KEY).build(),
                request().add(new Priority(1)).signSha256(KEY).build())) {
            StunMessage forged = decode(append(
                    signed.toByteArray(),
                    request()
                            .add(new UseCandidate())
                            .add(new Opaque(StunAttributeType.of(7), new byte[0]))
                            .fingerprint()
                            .build()));

            assertThat(forged.isSignedBy(KEY)).isTrue();
            assertThat(forged.has(Priority.class)).isTrue();
            assertThat(forged.has(UseCandidate.class)).isFalse();
            assertThat(forged.unknownComprehensionRequired()).isEmpty();
            assertThat(forged.attributes()).hasSize(3);
            assertThat(forged.hasFingerprint()).isTrue();
        }
    }

    @Test
    void secondIntegrityOfTheSameKindIsIgnored() throws Exception {
        StunMessage signed = request().sign(OTHER_KEY).build();
        StunMessage forged =
                decode(append(signed.toByteArray(), request().sign(KEY).build()));

        assertThat(forged.isSignedBy(OTHER_KEY)).isTrue();
        assertThat(forged.isSignedBy(KEY)).isFalse();
        assertThat(forged.attributes()).hasSize(1);
    }

    @Test
    void sha1AfterSha256IsIgnoredAndSha256AfterSha1IsNot() throws Exception {
        StunMessage sha256First = decode(append(
                request().signSha256(KEY).build().toByteArray(),
                request().sign(OTHER_KEY).build()));
        StunMessage sha1First = decode(append(
                request().sign(KEY).build().toByteArray(),
                request().signSha256(OTHER_KEY).build()));

        assertThat(sha256First.isSignedBy(KEY)).isTrue();
        assertThat(sha256First.has(MessageIntegrity.class)).isFalse();
        assertThat(sha1First.isSignedBy(KEY)).isFalse();
        assertThat(sha1First.has(MessageIntegritySha256.class)).isTrue();
    }

    @Test
    void attributeBetweenTheIntegritiesIsIgnored() throws Exception {
        byte[] sha1 = request().sign(KEY).build().toByteArray();
        StunMessage forged = decode(
                append(sha1, request().add(new UseCandidate()).signSha256(KEY).build()));

        assertThat(forged.attributes()).hasExactlyElementsOfTypes(MessageIntegrity.class, MessageIntegritySha256.class);
        assertThat(forged.has(UseCandidate.class)).isFalse();
    }

    @Test
    void integrityHoldsBeforeAndAfterTheFingerprintIsAppended() {
        StunMessage message =
                request().add(new Username("u")).sign(KEY).fingerprint().build();

        assertThat(message.isSignedBy(KEY)).isTrue();
        assertThat(message.hasValidFingerprint()).isTrue();
        assertThat(message.attributes())
                .hasExactlyElementsOfTypes(Username.class, MessageIntegrity.class, Fingerprint.class);
    }

    @Test
    void unknownRequiredTypesAreListedAndOptionalOnesAreNot() {
        StunMessage message = request()
                .add(new Opaque(StunAttributeType.of(0x0004), new byte[4]))
                .add(new Opaque(StunAttributeType.of(0x8004), new byte[4]))
                .add(new Opaque(StunAttributeType.of(0x7FFF), new byte[1]))
                .build();

        assertThat(message.unknownComprehensionRequired())
                .containsExactly(StunAttributeType.of(0x0004), StunAttributeType.of(0x7FFF));
    }

    @Test
    void optionalAttributeThatMakesNoSenseIsOpaque() throws Exception {
        Opaque nonsense = new Opaque(StunAttributeType.SOFTWARE, new byte[] {(byte) 0xFF});
        StunMessage message = decode(request().add(nonsense).build().toByteArray());

        assertThat(message.find(Software.class)).isEmpty();
        assertThat(message.attributes()).containsExactly(nonsense);
    }

    @Test
    void requiredAttributeThatMakesNoSenseIsRefused() {
        byte[] message = request()
                .add(new Opaque(StunAttributeType.PRIORITY, new byte[3]))
                .build()
                .toByteArray();

        assertThat(HostileInput.refusal(message)).isEqualTo("PRIORITY is malformed");
    }

    @Test
    void attributeAfterFingerprintIsRefused() {
        byte[] message = append(
                request().fingerprint().build().toByteArray(),
                request().add(new Software("x")).build());

        assertThat(HostileInput.refusal(message)).isEqualTo("an attribute follows FINGERPRINT");
    }

    @Test
    void scopeOfAnIpv6AddressStaysAtHome() throws Exception {
        byte[] ip = InetAddress.getByName("fe80::1").getAddress();
        InetSocketAddress scoped = new InetSocketAddress(Inet6Address.getByAddress(null, ip, 3), 1);

        assertThat(new XorMappedAddress(scoped).address().getAddress().getHostAddress())
                .isEqualTo("fe80:0:0:0:0:0:0:1");
    }

    @Test
    void valuesThatTheWireCannotHoldAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Username("é".repeat(255)))
                .withMessage("USERNAME has 510 bytes, at most 508 are allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Priority(1L << 32))
                .withMessage("PRIORITY 4294967296 is not in 0..4294967295");
        assertThatIllegalArgumentException().isThrownBy(() -> new Nomination(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorCode(299, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorCode(700, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorCode(400, "x".repeat(764)));
        assertThatIllegalArgumentException().isThrownBy(() -> new UserHash(OctetString.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageIntegrity(OctetString.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new StunMethod(0x1000));
        assertThatIllegalArgumentException().isThrownBy(() -> new StunAttributeType(0x10000));
        assertThatIllegalArgumentException().isThrownBy(() -> TransactionId.of(new byte[11]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new XorMappedAddress(InetSocketAddress.createUnresolved("localhost", 1)));
    }

    @Test
    void protectionCannotBeAdded() {
        assertThatIllegalArgumentException().isThrownBy(() -> request().add(new Fingerprint(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request().add(new Opaque(StunAttributeType.MESSAGE_INTEGRITY, new byte[20])));
    }

    @ParameterizedTest
    @ValueSource(ints = {65_528, 65_529, 65_535, 65_536})
    void messageLongerThanItCanSayIsRefused(int length) {
        StunMessage.Builder builder = request().add(new Opaque(StunAttributeType.of(0x8000), new byte[length]));

        if (length == 65_528) {
            assertThat(builder.build().length()).isEqualTo(StunMessage.MAX_LENGTH);
        } else {
            assertThatIllegalArgumentException().isThrownBy(builder::build);
        }
    }

    @Test
    void writtenMessageEqualsItsBytes() {
        StunMessage message = request().add(new Software("x")).build();
        var out = Unpooled.buffer();
        message.writeTo(out);

        assertThat(out).isEqualTo(Unpooled.wrappedBuffer(message.toByteArray()));
        assertThat(message.transactionId().toByteArray()).isEqualTo(Octets.copy(message.toByteArray(), 8, 12));
    }

    private static StunMessage.Builder request() {
        return StunMessage.request(StunMethod.BINDING, id());
    }

    private static TransactionId id() {
        return TransactionId.random(new Random(1));
    }

    private static StunMessage decode(byte[] bytes) throws StunDecodeException {
        return StunMessage.decode(Unpooled.wrappedBuffer(bytes));
    }

    /** {@code message} with the attributes of another one after its own. */
    private static byte[] append(byte[] message, StunMessage other) {
        return HostileInput.message(message, Octets.copy(other.toByteArray(), 20, other.length() - 20));
    }
}
