package dev.floe.stun;

import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.Opaque;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A STUN message (RFC 8489, section 5). Immutable; a view of its own encoded bytes, from which attributes are read on
 * demand, so that what has been received is checked and sent on as it was, padding included.
 *
 * <p>What follows MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 is not there for any method of this class, but for
 * FINGERPRINT, and for a MESSAGE-INTEGRITY-SHA256 after MESSAGE-INTEGRITY (RFC 8489, sections 14.5 and 14.6).
 *
 * <p>A value that makes no sense for its type has made {@link #decode} refuse the message if the type is
 * comprehension-required; if it is optional, the attribute is an {@link Opaque} one.
 */
public final class StunMessage {
    static final int HEADER = 20;
    static final int COOKIE = 0x2112A442;
    static final int MAX_LENGTH = 0xFFFC + HEADER;

    private static final int FINGERPRINT_MASK = 0x5354554E;

    private final byte[] bytes;
    // Where the attributes that protect the message stand; the message's length where there is none.
    private final int integrityAt;
    private final int integritySha256At;
    private final int fingerprintAt;

    /** Takes over a checked array. */
    StunMessage(byte[] bytes, int integrityAt, int integritySha256At, int fingerprintAt) {
        this.bytes = bytes;
        this.integrityAt = integrityAt;
        this.integritySha256At = integritySha256At;
        this.fingerprintAt = fingerprintAt;
    }

    /**
     * Whether {@code in} starts as a STUN message does on a port that it shares with other protocols (RFC 7983): with a
     * byte from 0 to 3, which leaves the methods below 256, and the magic cookie. Leaves the buffer as it is.
     *
     * @param in looked at from its reader index on; not released
     * @return whether it is to be decoded as STUN; that may still fail
     */
    public static boolean looksLikeStun(ByteBuf in) {
        int start = in.readerIndex();
        return in.readableBytes() >= HEADER && (in.getByte(start) & 0xFC) == 0 && in.getInt(start + 4) == COOKIE;
    }

    /**
     * Reads all of {@code in} as one message. Copies it, leaves the buffer as it is, and does not release it.
     *
     * @param in from its reader index to its end
     * @return the message, which holds no buffer
     * @throws StunDecodeException if it is not exactly one well-formed message
     */
    public static StunMessage decode(ByteBuf in) throws StunDecodeException {
        return StunMessageDecoder.decode(in);
    }

    /**
     * {@return a new message of any class}
     *
     * @param c the class
     * @param m the method
     * @param id the transaction that it belongs to
     */
    public static Builder builder(StunClass c, StunMethod m, TransactionId id) {
        return new Builder(c, m, id);
    }

    /**
     * {@return a new request, which is to be answered}
     *
     * @param m the method
     * @param id of a new transaction
     */
    public static Builder request(StunMethod m, TransactionId id) {
        return builder(StunClass.REQUEST, m, id);
    }

    /**
     * {@return a new indication, which is not answered}
     *
     * @param m the method
     * @param id of its own
     */
    public static Builder indication(StunMethod m, TransactionId id) {
        return builder(StunClass.INDICATION, m, id);
    }

    /**
     * {@return a success response with the method and the id of {@code request}}
     *
     * @param request that is answered
     */
    public static Builder success(StunMessage request) {
        return builder(StunClass.SUCCESS, request.method(), request.transactionId());
    }

    /**
     * {@return an error response with the method and the id of {@code request}, and an ERROR-CODE}
     *
     * @param request that is answered
     * @param code 300 to 699
     * @param reason for people, at most 763 bytes of UTF-8
     */
    public static Builder error(StunMessage request, int code, String reason) {
        return builder(StunClass.ERROR, request.method(), request.transactionId())
                .add(new ErrorCode(code, reason));
    }

    /** {@return what kind of message it is (RFC 8489, section 5)} */
    public StunClass messageClass() {
        return StunClass.ofMessageType(Octets.u16(bytes, 0));
    }

    /** {@return what it is about} */
    public StunMethod method() {
        return StunMethod.ofMessageType(Octets.u16(bytes, 0));
    }

    /** {@return which request and response belong together} */
    public TransactionId transactionId() {
        return TransactionId.read(bytes, 8);
    }

    /**
     * {@return whether it is of this class and this method}
     *
     * @param c the class
     * @param m the method
     */
    public boolean is(StunClass c, StunMethod m) {
        return messageClass() == c && method().equals(m);
    }

    /**
     * The first attribute of its kind whose value makes sense.
     *
     * @param <A> the record that stands for it
     * @param kind the class of that record
     * @return empty if there is none
     */
    public <A extends StunAttribute> Optional<A> find(Class<A> kind) {
        AttributeFormat<A> format = AttributeFormat.of(kind);
        if (format == null) {
            return attributes().stream()
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .findFirst();
        }
        for (int at = firstVisible(HEADER); at < bytes.length; at = next(at)) {
            if (typeAt(at) == format.type().code() && accepts(format, at)) {
                return Optional.of(read(format, at));
            }
        }
        return Optional.empty();
    }

    /**
     * {@return whether there is an attribute of this kind, be its value sensible or not}
     *
     * @param kind the record that stands for it
     */
    public boolean has(Class<? extends StunAttribute> kind) {
        return find(kind).isPresent();
    }

    /** {@return all attributes, in their order} */
    public List<StunAttribute> attributes() {
        List<StunAttribute> attributes = new ArrayList<>();
        for (int at = firstVisible(HEADER); at < bytes.length; at = next(at)) {
            AttributeFormat<?> format = AttributeFormat.of(typeAt(at));
            attributes.add(format != null && accepts(format, at) ? read(format, at) : opaque(at));
        }
        return List.copyOf(attributes);
    }

    /**
     * {@return the types for which a request is answered with 420 and a response is dropped (RFC 8489, section 6.3)}
     */
    public List<StunAttributeType> unknownComprehensionRequired() {
        List<StunAttributeType> unknown = List.of();
        for (int at = firstVisible(HEADER); at < bytes.length; at = next(at)) {
            StunAttributeType type = StunAttributeType.of(typeAt(at));
            if (type.isComprehensionRequired() && AttributeFormat.of(type.code()) == null) {
                unknown = unknown.isEmpty() ? new ArrayList<>() : unknown;
                unknown.add(type);
            }
        }
        return List.copyOf(unknown);
    }

    /**
     * Whether the message has MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 and it is right for {@code key}; if it has
     * both, both must be. Compares in constant time.
     *
     * @param key that the message should be signed with
     * @return false also if it is not signed at all
     */
    public boolean isSignedBy(StunKey key) {
        boolean sha1 = integrityAt < bytes.length;
        boolean sha256 = integritySha256At < bytes.length;
        return (sha1 || sha256)
                && (!sha1 || matches(key, Integrity.SHA1, integrityAt))
                && (!sha256 || matches(key, Integrity.SHA256, integritySha256At));
    }

    /** {@return whether there is a FINGERPRINT, be it right or not} */
    public boolean hasFingerprint() {
        return fingerprintAt < bytes.length;
    }

    /** {@return whether FINGERPRINT is there and right (RFC 8489, section 14.7)} */
    public boolean hasValidFingerprint() {
        return hasFingerprint() && Octets.i32(bytes, fingerprintAt + 4) == fingerprint(bytes, fingerprintAt);
    }

    /** {@return a copy of the encoded message} */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** {@return the length of the encoded message in bytes, with the header} */
    public int length() {
        return bytes.length;
    }

    /**
     * Appends the encoded message; the caller keeps {@code out}.
     *
     * @param out is appended to
     */
    public void writeTo(ByteBuf out) {
        out.writeBytes(bytes);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof StunMessage other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return method() + " " + messageClass() + " " + transactionId() + " " + attributes();
    }

    static int fingerprint(byte[] bytes, int at) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, at);
        return (int) crc.getValue() ^ FINGERPRINT_MASK;
    }

    private boolean matches(StunKey key, Integrity integrity, int at) {
        byte[] expected = key.hmac(integrity, bytes, at);
        int difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference |= expected[i] ^ bytes[at + 4 + i];
        }
        return difference == 0;
    }

    private int next(int at) {
        return firstVisible(StunMessageDecoder.end(bytes, at));
    }

    /** {@code at} itself, or the first attribute after it that integrity does not hide. */
    private int firstVisible(int at) {
        int signedUntil = Math.min(integrityAt, integritySha256At);
        int visible = at;
        while (visible < bytes.length
                && visible > signedUntil
                && visible != integritySha256At
                && visible != fingerprintAt) {
            visible = StunMessageDecoder.end(bytes, visible);
        }
        return visible;
    }

    private int typeAt(int at) {
        return Octets.u16(bytes, at);
    }

    private boolean accepts(AttributeFormat<?> format, int at) {
        return format.check().accepts(bytes, at + 4, Octets.u16(bytes, at + 2));
    }

    private <A extends StunAttribute> A read(AttributeFormat<A> format, int at) {
        return format.reader().read(bytes, at + 4, Octets.u16(bytes, at + 2));
    }

    private Opaque opaque(int at) {
        return new Opaque(StunAttributeType.of(typeAt(at)), OctetString.read(bytes, at + 4, Octets.u16(bytes, at + 2)));
    }

    /** What a message is to be. Its attributes keep their order; integrity and fingerprint come last. */
    public static final class Builder {
        private final StunClass messageClass;
        private final StunMethod method;
        private final TransactionId transactionId;
        private final List<StunAttribute> attributes = new ArrayList<>();
        private StunKey sha1Key;
        private StunKey sha256Key;
        private boolean fingerprint;

        private Builder(StunClass messageClass, StunMethod method, TransactionId transactionId) {
            this.messageClass = messageClass;
            this.method = method;
            this.transactionId = transactionId;
        }

        /**
         * Appends an attribute.
         *
         * @param attribute to come after those of before
         * @return this builder
         * @throws IllegalArgumentException for integrity and fingerprint, which have methods of their own
         */
        public Builder add(StunAttribute attribute) {
            if (protects(attribute.type())) {
                throw new IllegalArgumentException(attribute.type() + " is made by sign() or fingerprint(), not added");
            }
            attributes.add(attribute);
            return this;
        }

        /**
         * Ends the message with MESSAGE-INTEGRITY.
         *
         * @param key to sign with
         * @return this builder
         */
        public Builder sign(StunKey key) {
            sha1Key = key;
            return this;
        }

        /**
         * Ends the message with MESSAGE-INTEGRITY-SHA256, after MESSAGE-INTEGRITY if that is wanted too.
         *
         * @param key to sign with
         * @return this builder
         */
        public Builder signSha256(StunKey key) {
            sha256Key = key;
            return this;
        }

        /**
         * Ends the message with FINGERPRINT.
         *
         * @return this builder
         */
        public Builder fingerprint() {
            fingerprint = true;
            return this;
        }

        /**
         * Encodes and signs.
         *
         * @return the message, which can be sent as often as one likes
         * @throws IllegalArgumentException if the message is longer than it can say
         */
        public StunMessage build() {
            return StunMessageEncoder.encode(
                    messageClass.bits | method.bits(), transactionId, attributes, sha1Key, sha256Key, fingerprint);
        }

        private static boolean protects(StunAttributeType type) {
            return type.equals(StunAttributeType.MESSAGE_INTEGRITY)
                    || type.equals(StunAttributeType.MESSAGE_INTEGRITY_SHA256)
                    || type.equals(StunAttributeType.FINGERPRINT);
        }
    }
}
