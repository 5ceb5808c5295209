package dev.floe.stun;

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
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * How one kind of attribute stands in a message. Its three parts see the whole message, header first, since XORed
 * addresses need it.
 */
record AttributeFormat<A extends StunAttribute>(
        StunAttributeType type, Class<A> kind, Check check, Reader<A> reader, Writer<A> writer) {

    /** Whether a value is well formed, so that reading it cannot fail. */
    interface Check {
        boolean accepts(byte[] message, int at, int length);
    }

    /** Reads a value that the check has accepted. */
    interface Reader<A> {
        A read(byte[] message, int at, int length);
    }

    /** Appends a value, without its padding. */
    interface Writer<A> {
        void write(A attribute, ByteBuf message);
    }

    private static final Check ANY_SIZE = (m, at, n) -> true;

    private static final IntObjectMap<AttributeFormat<?>> BY_CODE = new IntObjectHashMap<>();
    private static final Map<Class<?>, AttributeFormat<?>> BY_KIND = new HashMap<>();

    static {
        text(StunAttributeType.USERNAME, Username.class, 508, Username::new, Username::value);
        text(StunAttributeType.REALM, Realm.class, 763, Realm::new, Realm::value);
        text(StunAttributeType.NONCE, Nonce.class, 763, Nonce::new, Nonce::value);
        text(StunAttributeType.SOFTWARE, Software.class, 763, Software::new, Software::value);
        text(
                StunAttributeType.ALTERNATE_DOMAIN,
                AlternateDomain.class,
                255,
                AlternateDomain::new,
                AlternateDomain::value);

        bytes(StunAttributeType.USERHASH, UserHash.class, 32, UserHash::new, UserHash::value);
        bytes(
                StunAttributeType.MESSAGE_INTEGRITY,
                MessageIntegrity.class,
                20,
                MessageIntegrity::new,
                MessageIntegrity::hmac);
        bytes(
                StunAttributeType.MESSAGE_INTEGRITY_SHA256,
                MessageIntegritySha256.class,
                32,
                MessageIntegritySha256::new,
                MessageIntegritySha256::hmac);

        u32(StunAttributeType.PRIORITY, Priority.class, Priority::new, Priority::value);
        u32(StunAttributeType.NOMINATION, Nomination.class, Nomination::new, Nomination::value);
        i64(StunAttributeType.ICE_CONTROLLED, IceControlled.class, IceControlled::new, IceControlled::tieBreaker);
        i64(StunAttributeType.ICE_CONTROLLING, IceControlling.class, IceControlling::new, IceControlling::tieBreaker);

        add(
                StunAttributeType.USE_CANDIDATE,
                UseCandidate.class,
                size(0),
                (m, at, n) -> new UseCandidate(),
                (a, out) -> {});
        add(
                StunAttributeType.FINGERPRINT,
                Fingerprint.class,
                size(4),
                (m, at, n) -> new Fingerprint(Octets.i32(m, at)),
                (a, out) -> out.writeInt(a.value()));

        add(
                StunAttributeType.CHANGE_REQUEST,
                ChangeRequest.class,
                size(4),
                (m, at, n) -> AttributeValues.changeRequest(m, at),
                AttributeValues::writeChangeRequest);

        address(StunAttributeType.MAPPED_ADDRESS, MappedAddress.class, MappedAddress::new, MappedAddress::address);
        address(StunAttributeType.RESPONSE_ORIGIN, ResponseOrigin.class, ResponseOrigin::new, ResponseOrigin::address);
        address(StunAttributeType.OTHER_ADDRESS, OtherAddress.class, OtherAddress::new, OtherAddress::address);
        address(
                StunAttributeType.ALTERNATE_SERVER,
                AlternateServer.class,
                AlternateServer::new,
                AlternateServer::address);
        xorAddress(
                StunAttributeType.XOR_MAPPED_ADDRESS,
                XorMappedAddress.class,
                XorMappedAddress::new,
                XorMappedAddress::address);

        add(
                StunAttributeType.ERROR_CODE,
                ErrorCode.class,
                AttributeValues::isErrorCode,
                AttributeValues::errorCode,
                AttributeValues::writeErrorCode);
        add(
                StunAttributeType.UNKNOWN_ATTRIBUTES,
                UnknownAttributes.class,
                (m, at, n) -> n % 2 == 0,
                AttributeValues::unknownAttributes,
                AttributeValues::writeUnknownAttributes);
        add(
                StunAttributeType.PASSWORD_ALGORITHM,
                PasswordAlgorithm.class,
                AttributeValues::isPasswordAlgorithm,
                (m, at, n) -> AttributeValues.passwordAlgorithm(m, at),
                AttributeValues::writePasswordAlgorithm);
        add(
                StunAttributeType.PASSWORD_ALGORITHMS,
                PasswordAlgorithms.class,
                AttributeValues::arePasswordAlgorithms,
                AttributeValues::passwordAlgorithms,
                AttributeValues::writePasswordAlgorithms);
        turn();
    }

    /** RFC 8656, section 18, and RFC 8016, section 3. */
    private static void turn() {
        u32(StunAttributeType.LIFETIME, Lifetime.class, Lifetime::new, Lifetime::seconds);
        add(
                StunAttributeType.CHANNEL_NUMBER,
                ChannelNumber.class,
                size(4),
                (m, at, n) -> new ChannelNumber(Octets.u16(m, at)),
                (a, out) -> out.writeShort(a.number()).writeShort(0));
        u8(
                StunAttributeType.REQUESTED_TRANSPORT,
                RequestedTransport.class,
                RequestedTransport::new,
                RequestedTransport::protocol);
        u8(
                StunAttributeType.REQUESTED_ADDRESS_FAMILY,
                RequestedAddressFamily.class,
                RequestedAddressFamily::new,
                RequestedAddressFamily::family);
        u8(
                StunAttributeType.ADDITIONAL_ADDRESS_FAMILY,
                AdditionalAddressFamily.class,
                AdditionalAddressFamily::new,
                AdditionalAddressFamily::family);
        add(
                StunAttributeType.ADDRESS_ERROR_CODE,
                AddressErrorCode.class,
                AttributeValues::isErrorCode,
                AttributeValues::addressErrorCode,
                AttributeValues::writeAddressErrorCode);
        xorAddress(
                StunAttributeType.XOR_PEER_ADDRESS, XorPeerAddress.class, XorPeerAddress::new, XorPeerAddress::address);
        xorAddress(
                StunAttributeType.XOR_RELAYED_ADDRESS,
                XorRelayedAddress.class,
                XorRelayedAddress::new,
                XorRelayedAddress::address);
        octets(StunAttributeType.DATA, Data.class, ANY_SIZE, Data::new, Data::value);
        octets(
                StunAttributeType.MOBILITY_TICKET,
                MobilityTicket.class,
                ANY_SIZE,
                MobilityTicket::new,
                MobilityTicket::value);
    }

    /** Null where the type is not known. */
    static AttributeFormat<?> of(int code) {
        return BY_CODE.get(code);
    }

    /** Null where several types may be of the kind, as with {@link Opaque}. */
    @SuppressWarnings("unchecked")
    static <A extends StunAttribute> AttributeFormat<A> of(Class<A> kind) {
        return (AttributeFormat<A>) BY_KIND.get(kind);
    }

    /** Appends header, value and padding. */
    @SuppressWarnings("unchecked")
    static void write(StunAttribute attribute, ByteBuf message) {
        message.writeShort(attribute.type().code());
        int start = message.writeShort(0).writerIndex();
        if (attribute instanceof Opaque opaque) {
            message.writeBytes(opaque.value().toByteArray());
        } else {
            ((AttributeFormat<StunAttribute>) of(attribute.getClass())).writer.write(attribute, message);
        }
        int length = message.writerIndex() - start;
        message.setShort(start - 2, length).writeZero(-length & 3);
    }

    private static <A extends StunAttribute> void text(
            StunAttributeType type, Class<A> kind, int limit, Function<String, A> make, Function<A, String> value) {
        add(
                type,
                kind,
                (m, at, n) -> n <= limit && Octets.isUtf8(m, at, n),
                (m, at, n) -> make.apply(Octets.text(m, at, n)),
                (a, out) -> out.writeBytes(value.apply(a).getBytes(StandardCharsets.UTF_8)));
    }

    private static <A extends StunAttribute> void bytes(
            StunAttributeType type,
            Class<A> kind,
            int size,
            Function<OctetString, A> make,
            Function<A, OctetString> value) {
        octets(type, kind, size(size), make, value);
    }

    private static <A extends StunAttribute> void octets(
            StunAttributeType type,
            Class<A> kind,
            Check check,
            Function<OctetString, A> make,
            Function<A, OctetString> value) {
        add(
                type,
                kind,
                check,
                (m, at, n) -> make.apply(OctetString.read(m, at, n)),
                (a, out) -> out.writeBytes(value.apply(a).toByteArray()));
    }

    private static <A extends StunAttribute> void xorAddress(
            StunAttributeType type,
            Class<A> kind,
            Function<InetSocketAddress, A> make,
            Function<A, InetSocketAddress> value) {
        add(
                type,
                kind,
                AttributeValues::isAddress,
                (m, at, n) -> make.apply(AttributeValues.xorAddress(m, at)),
                (a, out) -> AttributeValues.writeXorAddress(value.apply(a), out));
    }

    /** Eight bits, and 24 that are reserved. */
    private static <A extends StunAttribute> void u8(
            StunAttributeType type, Class<A> kind, IntFunction<A> make, ToIntFunction<A> value) {
        add(
                type,
                kind,
                size(4),
                (m, at, n) -> make.apply(m[at] & 0xFF),
                (a, out) -> out.writeInt(value.applyAsInt(a) << 24));
    }

    private static <A extends StunAttribute> void u32(
            StunAttributeType type, Class<A> kind, LongFunction<A> make, ToLongFunction<A> value) {
        add(
                type,
                kind,
                size(4),
                (m, at, n) -> make.apply(Octets.u32(m, at)),
                (a, out) -> out.writeInt((int) value.applyAsLong(a)));
    }

    private static <A extends StunAttribute> void i64(
            StunAttributeType type, Class<A> kind, LongFunction<A> make, ToLongFunction<A> value) {
        add(
                type,
                kind,
                size(8),
                (m, at, n) -> make.apply(Octets.i64(m, at)),
                (a, out) -> out.writeLong(value.applyAsLong(a)));
    }

    private static <A extends StunAttribute> void address(
            StunAttributeType type,
            Class<A> kind,
            Function<InetSocketAddress, A> make,
            Function<A, InetSocketAddress> value) {
        add(
                type,
                kind,
                AttributeValues::isAddress,
                (m, at, n) -> make.apply(AttributeValues.address(m, at)),
                (a, out) -> AttributeValues.writeAddress(value.apply(a), out));
    }

    private static Check size(int size) {
        return (m, at, n) -> n == size;
    }

    private static <A extends StunAttribute> void add(
            StunAttributeType type, Class<A> kind, Check check, Reader<A> reader, Writer<A> writer) {
        AttributeFormat<A> format = new AttributeFormat<>(type, kind, check, reader, writer);
        BY_CODE.put(type.code(), format);
        BY_KIND.put(kind, format);
    }
}
