package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
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

    private static final IntObjectMap<AttributeFormat<?>> BY_CODE = new IntObjectHashMap<>();
    private static final Map<Class<?>, AttributeFormat<?>> BY_KIND = new HashMap<>();

    static {
        text(
                StunAttributeType.USERNAME,
                StunAttribute.Username.class,
                508,
                StunAttribute.Username::new,
                a -> a.value());
        text(StunAttributeType.REALM, StunAttribute.Realm.class, 763, StunAttribute.Realm::new, a -> a.value());
        text(StunAttributeType.NONCE, StunAttribute.Nonce.class, 763, StunAttribute.Nonce::new, a -> a.value());
        text(
                StunAttributeType.SOFTWARE,
                StunAttribute.Software.class,
                763,
                StunAttribute.Software::new,
                a -> a.value());

        bytes(
                StunAttributeType.USERHASH,
                StunAttribute.UserHash.class,
                32,
                StunAttribute.UserHash::new,
                a -> a.value());
        bytes(
                StunAttributeType.MESSAGE_INTEGRITY,
                StunAttribute.MessageIntegrity.class,
                20,
                StunAttribute.MessageIntegrity::new,
                a -> a.hmac());
        bytes(
                StunAttributeType.MESSAGE_INTEGRITY_SHA256,
                StunAttribute.MessageIntegritySha256.class,
                32,
                StunAttribute.MessageIntegritySha256::new,
                a -> a.hmac());

        u32(StunAttributeType.PRIORITY, StunAttribute.Priority.class, StunAttribute.Priority::new, a -> a.value());
        u32(
                StunAttributeType.NOMINATION,
                StunAttribute.Nomination.class,
                StunAttribute.Nomination::new,
                a -> a.value());
        i64(
                StunAttributeType.ICE_CONTROLLED,
                StunAttribute.IceControlled.class,
                StunAttribute.IceControlled::new,
                a -> a.tieBreaker());
        i64(
                StunAttributeType.ICE_CONTROLLING,
                StunAttribute.IceControlling.class,
                StunAttribute.IceControlling::new,
                a -> a.tieBreaker());

        add(
                StunAttributeType.USE_CANDIDATE,
                StunAttribute.UseCandidate.class,
                size(0),
                (m, at, n) -> new StunAttribute.UseCandidate(),
                (a, out) -> {});
        add(
                StunAttributeType.FINGERPRINT,
                StunAttribute.Fingerprint.class,
                size(4),
                (m, at, n) -> new StunAttribute.Fingerprint(Octets.i32(m, at)),
                (a, out) -> out.writeInt(a.value()));

        add(
                StunAttributeType.MAPPED_ADDRESS,
                StunAttribute.MappedAddress.class,
                AttributeValues::isAddress,
                (m, at, n) -> new StunAttribute.MappedAddress(AttributeValues.address(m, at)),
                (a, out) -> AttributeValues.writeAddress(a.address(), out));
        add(
                StunAttributeType.XOR_MAPPED_ADDRESS,
                StunAttribute.XorMappedAddress.class,
                AttributeValues::isAddress,
                (m, at, n) -> new StunAttribute.XorMappedAddress(AttributeValues.xorAddress(m, at)),
                (a, out) -> AttributeValues.writeXorAddress(a.address(), out));

        add(
                StunAttributeType.ERROR_CODE,
                StunAttribute.ErrorCode.class,
                AttributeValues::isErrorCode,
                AttributeValues::errorCode,
                AttributeValues::writeErrorCode);
        add(
                StunAttributeType.UNKNOWN_ATTRIBUTES,
                StunAttribute.UnknownAttributes.class,
                (m, at, n) -> n % 2 == 0,
                AttributeValues::unknownAttributes,
                AttributeValues::writeUnknownAttributes);
        add(
                StunAttributeType.PASSWORD_ALGORITHM,
                StunAttribute.PasswordAlgorithm.class,
                AttributeValues::isPasswordAlgorithm,
                (m, at, n) -> AttributeValues.passwordAlgorithm(m, at),
                AttributeValues::writePasswordAlgorithm);
        add(
                StunAttributeType.PASSWORD_ALGORITHMS,
                StunAttribute.PasswordAlgorithms.class,
                AttributeValues::arePasswordAlgorithms,
                AttributeValues::passwordAlgorithms,
                AttributeValues::writePasswordAlgorithms);
    }

    /** Null where the type is not known. */
    static AttributeFormat<?> of(int code) {
        return BY_CODE.get(code);
    }

    /** Null where several types may be of the kind, as with {@link StunAttribute.Opaque}. */
    @SuppressWarnings("unchecked")
    static <A extends StunAttribute> AttributeFormat<A> of(Class<A> kind) {
        return (AttributeFormat<A>) BY_KIND.get(kind);
    }

    /** Appends header, value and padding. */
    @SuppressWarnings("unchecked")
    static void write(StunAttribute attribute, ByteBuf message) {
        message.writeShort(attribute.type().code());
        int start = message.writeShort(0).writerIndex();
        if (attribute instanceof StunAttribute.Opaque opaque) {
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
                (a, out) -> ByteBufUtil.writeUtf8(out, value.apply(a)));
    }

    private static <A extends StunAttribute> void bytes(
            StunAttributeType type,
            Class<A> kind,
            int size,
            Function<OctetString, A> make,
            Function<A, OctetString> value) {
        add(
                type,
                kind,
                size(size),
                (m, at, n) -> make.apply(OctetString.read(m, at, n)),
                (a, out) -> out.writeBytes(value.apply(a).toByteArray()));
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
