package dev.floe.stun;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * What a STUN message carries, one record for each known attribute and {@link Opaque} for all others (RFC 8489, section
 * 14; RFC 8445, section 16.1; RFC 8656, section 18; RFC 5780, section 7). Each constructor throws {@link IllegalArgumentException} for what the wire cannot
 * hold.
 */
public sealed interface StunAttribute {
    /** {@return the type that says on the wire which attribute it is} */
    StunAttributeType type();

    /**
     * Who signed the message with which key (RFC 8489, section 14.3).
     *
     * @param value at most 508 bytes of UTF-8
     */
    record Username(String value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value at most 508 bytes of UTF-8
         */
        public Username {
            requireLength("USERNAME", value, 508);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.USERNAME;
        }
    }

    /**
     * Stands for USERNAME without showing it (RFC 8489, section 14.4).
     *
     * @param value the 32 bytes of SHA-256 over user name and realm
     */
    record UserHash(OctetString value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value the 32 bytes of SHA-256 over user name and realm
         */
        public UserHash {
            requireBytes("USERHASH", value, 32);
        }

        /**
         * {@return the hash that stands for {@code username} in {@code realm}}
         *
         * @param username of long-term credentials
         * @param realm where they are valid
         */
        public static UserHash of(String username, String realm) {
            return new UserHash(OctetString.of(StunKey.userHash(username, realm)));
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.USERHASH;
        }
    }

    /**
     * Where a long-term password is valid (RFC 8489, section 14.9).
     *
     * @param value at most 763 bytes of UTF-8
     */
    record Realm(String value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value at most 763 bytes of UTF-8
         */
        public Realm {
            requireLength("REALM", value, 763);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.REALM;
        }
    }

    /**
     * The server's proof of freshness in long-term credentials (RFC 8489, section 14.10).
     *
     * @param value at most 763 bytes of UTF-8
     */
    record Nonce(String value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value at most 763 bytes of UTF-8
         */
        public Nonce {
            requireLength("NONCE", value, 763);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.NONCE;
        }
    }

    /**
     * What the sender runs, for people (RFC 8489, section 14.14).
     *
     * @param value at most 763 bytes of UTF-8
     */
    record Software(String value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value at most 763 bytes of UTF-8
         */
        public Software {
            requireLength("SOFTWARE", value, 763);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.SOFTWARE;
        }
    }

    /**
     * Where the request came from, as older servers say it (RFC 8489, section 14.1).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record MappedAddress(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public MappedAddress {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.MAPPED_ADDRESS;
        }
    }

    /**
     * Where the request came from (RFC 8489, section 14.2). An IPv4-mapped address is read as the IPv4 address it maps.
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record XorMappedAddress(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public XorMappedAddress {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.XOR_MAPPED_ADDRESS;
        }
    }

    /**
     * Why a request was not granted (RFC 8489, section 14.8).
     *
     * @param code 300 to 699
     * @param reason for people, at most 763 bytes of UTF-8
     */
    record ErrorCode(int code, String reason) implements StunAttribute {
        /**
         * Checks both.
         *
         * @param code 300 to 699
         * @param reason for people, at most 763 bytes of UTF-8
         */
        public ErrorCode {
            requireError("ERROR-CODE", code, reason);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.ERROR_CODE;
        }
    }

    /** What the server would have had to understand (RFC 8489, section 14.13). */
    record UnknownAttributes(List<StunAttributeType> types) implements StunAttribute {
        /**
         * Copies the list.
         *
         * @param types in the order in which the request had them
         */
        public UnknownAttributes {
            types = List.copyOf(types);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.UNKNOWN_ATTRIBUTES;
        }
    }

    /**
     * How a long-term password becomes a key (RFC 8489, section 14.12 and 18.5).
     *
     * @param algorithm 16 bits
     * @param parameters what the algorithm needs; both known ones need nothing
     */
    record PasswordAlgorithm(int algorithm, OctetString parameters) implements StunAttribute {
        /** MD5 over name, realm and password: what servers that name no algorithm mean. */
        public static final PasswordAlgorithm MD5 = new PasswordAlgorithm(1, OctetString.of());
        /** SHA-256 over name, realm and password. */
        public static final PasswordAlgorithm SHA256 = new PasswordAlgorithm(2, OctetString.of());

        /**
         * Checks the number.
         *
         * @param algorithm 16 bits
         * @param parameters what the algorithm needs; both known ones need nothing
         */
        public PasswordAlgorithm {
            requireU16("PASSWORD-ALGORITHM", algorithm);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.PASSWORD_ALGORITHM;
        }
    }

    /** What a server can make keys with, the best first (RFC 8489, section 14.11). */
    record PasswordAlgorithms(List<PasswordAlgorithm> algorithms) implements StunAttribute {
        /**
         * Copies the list.
         *
         * @param algorithms the best first
         */
        public PasswordAlgorithms {
            algorithms = List.copyOf(algorithms);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.PASSWORD_ALGORITHMS;
        }
    }

    /**
     * The priority of the candidate that the check may turn out to have (RFC 8445, section 7.1.1).
     *
     * @param value unsigned, 32 bits
     */
    record Priority(long value) implements StunAttribute {
        /**
         * Checks the range.
         *
         * @param value unsigned, 32 bits
         */
        public Priority {
            requireU32("PRIORITY", value);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.PRIORITY;
        }
    }

    /** Nominates the pair (RFC 8445, section 7.1.2). */
    record UseCandidate() implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.USE_CANDIDATE;
        }
    }

    /**
     * The sender believes itself controlled (RFC 8445, section 7.1.3).
     *
     * @param tieBreaker unsigned, all 64 bits
     */
    record IceControlled(long tieBreaker) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.ICE_CONTROLLED;
        }
    }

    /**
     * The sender believes itself controlling (RFC 8445, section 7.1.3).
     *
     * @param tieBreaker unsigned, all 64 bits
     */
    record IceControlling(long tieBreaker) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.ICE_CONTROLLING;
        }
    }

    /**
     * Nominates the pair once more; the greatest value counts (draft-thatcher-ice-renomination).
     *
     * @param value unsigned, 32 bits
     */
    record Nomination(long value) implements StunAttribute {
        /**
         * Checks the range.
         *
         * @param value unsigned, 32 bits
         */
        public Nomination {
            requireU32("NOMINATION", value);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.NOMINATION;
        }
    }

    /**
     * The channel that a ChannelBind request asks for (RFC 8656, section 18.1).
     *
     * @param number 16 bits; only 0x4000 to 0x4FFF can be bound
     */
    record ChannelNumber(int number) implements StunAttribute {
        /**
         * Checks the range.
         *
         * @param number 16 bits; only 0x4000 to 0x4FFF can be bound
         */
        public ChannelNumber {
            requireU16("CHANNEL-NUMBER", number);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.CHANNEL_NUMBER;
        }
    }

    /**
     * How long an allocation lasts without a refresh (RFC 8656, section 18.2).
     *
     * @param seconds unsigned, 32 bits
     */
    record Lifetime(long seconds) implements StunAttribute {
        /**
         * Checks the range.
         *
         * @param seconds unsigned, 32 bits
         */
        public Lifetime {
            requireU32("LIFETIME", seconds);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.LIFETIME;
        }
    }

    /**
     * The address of a peer as the TURN server sees it (RFC 8656, section 18.3).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record XorPeerAddress(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public XorPeerAddress {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.XOR_PEER_ADDRESS;
        }
    }

    /**
     * What a Send or Data indication carries (RFC 8656, section 18.4).
     */
    record Data(OctetString value) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.DATA;
        }
    }

    /**
     * An address that the TURN server has allocated (RFC 8656, section 18.5).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record XorRelayedAddress(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public XorRelayedAddress {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.XOR_RELAYED_ADDRESS;
        }
    }

    /**
     * The one family that a relayed address is wanted of (RFC 8656, section 18.6).
     *
     * @param family 8 bits
     */
    record RequestedAddressFamily(int family) implements StunAttribute {
        /** An IPv4 address. */
        public static final RequestedAddressFamily IPV4 = new RequestedAddressFamily(1);
        /** An IPv6 address. */
        public static final RequestedAddressFamily IPV6 = new RequestedAddressFamily(2);

        /**
         * Checks the range.
         *
         * @param family 8 bits
         */
        public RequestedAddressFamily {
            requireU8("REQUESTED-ADDRESS-FAMILY", family);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.REQUESTED_ADDRESS_FAMILY;
        }
    }

    /**
     * How the TURN server is to speak to peers (RFC 8656, section 18.8).
     *
     * @param protocol an IP protocol number
     */
    record RequestedTransport(int protocol) implements StunAttribute {
        /** UDP, which is all that RFC 8656 knows. */
        public static final RequestedTransport UDP = new RequestedTransport(17);

        /**
         * Checks the range.
         *
         * @param protocol an IP protocol number
         */
        public RequestedTransport {
            requireU8("REQUESTED-TRANSPORT", protocol);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.REQUESTED_TRANSPORT;
        }
    }

    /**
     * Asks for a relayed IPv6 address besides the IPv4 one (RFC 8656, section 18.11).
     *
     * @param family 8 bits; a server takes IPv6 alone
     */
    record AdditionalAddressFamily(int family) implements StunAttribute {
        /** The only family that may be asked for so. */
        public static final AdditionalAddressFamily IPV6 = new AdditionalAddressFamily(2);

        /**
         * Checks the range.
         *
         * @param family 8 bits; a server takes IPv6 alone
         */
        public AdditionalAddressFamily {
            requireU8("ADDITIONAL-ADDRESS-FAMILY", family);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.ADDITIONAL_ADDRESS_FAMILY;
        }
    }

    /**
     * Why there is no relayed address of one of the two families asked for (RFC 8656, section 18.12).
     *
     * @param family 8 bits
     * @param code 300 to 699
     * @param reason for people, at most 763 bytes of UTF-8
     */
    record AddressErrorCode(int family, int code, String reason) implements StunAttribute {
        /**
         * Checks all three.
         *
         * @param family 8 bits
         * @param code 300 to 699
         * @param reason for people, at most 763 bytes of UTF-8
         */
        public AddressErrorCode {
            requireU8("family of ADDRESS-ERROR-CODE", family);
            requireError("ADDRESS-ERROR-CODE", code, reason);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.ADDRESS_ERROR_CODE;
        }
    }

    /**
     * What moves an allocation to another address of the client; empty to ask for one (RFC 8016, section 3).
     */
    record MobilityTicket(OctetString value) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.MOBILITY_TICKET;
        }
    }

    /**
     * Asks for the response to come from another address or port of the server (RFC 5780, section 7.2).
     *
     * @param changeIp whether from the other IP address
     * @param changePort whether from the other port
     */
    record ChangeRequest(boolean changeIp, boolean changePort) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.CHANGE_REQUEST;
        }
    }

    /**
     * Where the response was sent from (RFC 5780, section 7.3).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record ResponseOrigin(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public ResponseOrigin {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.RESPONSE_ORIGIN;
        }
    }

    /**
     * Where the response would have come from with both flags of CHANGE-REQUEST (RFC 5780, section 7.4).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record OtherAddress(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public OtherAddress {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.OTHER_ADDRESS;
        }
    }

    /**
     * Who is to be asked instead (RFC 8489, section 14.15).
     *
     * @param address resolved; its IPv6 scope is dropped
     */
    record AlternateServer(InetSocketAddress address) implements StunAttribute {
        /**
         * Drops the scope.
         *
         * @param address resolved; its IPv6 scope is dropped
         */
        public AlternateServer {
            address = withoutScope(address);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.ALTERNATE_SERVER;
        }
    }

    /**
     * The name that the certificate of the alternate server must have (RFC 8489, section 14.16).
     *
     * @param value at most 255 bytes of UTF-8
     */
    record AlternateDomain(String value) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param value at most 255 bytes of UTF-8
         */
        public AlternateDomain {
            requireLength("ALTERNATE-DOMAIN", value, 255);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.ALTERNATE_DOMAIN;
        }
    }

    /**
     * An HMAC-SHA1 (RFC 8489, section 14.5): {@link StunMessage.Builder#sign} makes it, {@link StunMessage#isSignedBy}
     * checks it.
     *
     * @param hmac 20 bytes
     */
    record MessageIntegrity(OctetString hmac) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param hmac 20 bytes
         */
        public MessageIntegrity {
            requireBytes("MESSAGE-INTEGRITY", hmac, 20);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.MESSAGE_INTEGRITY;
        }
    }

    /**
     * An HMAC-SHA256 (RFC 8489, section 14.6): {@link StunMessage.Builder#signSha256} makes it,
     * {@link StunMessage#isSignedBy} checks it.
     *
     * @param hmac 32 bytes: ICE and TURN allow no shorter one
     */
    record MessageIntegritySha256(OctetString hmac) implements StunAttribute {
        /**
         * Checks the length.
         *
         * @param hmac 32 bytes: ICE and TURN allow no shorter one
         */
        public MessageIntegritySha256 {
            requireBytes("MESSAGE-INTEGRITY-SHA256", hmac, 32);
        }

        @Override
        public StunAttributeType type() {
            return StunAttributeType.MESSAGE_INTEGRITY_SHA256;
        }
    }

    /**
     * A CRC-32 (RFC 8489, section 14.7): {@link StunMessage.Builder#fingerprint} makes it,
     * {@link StunMessage#hasValidFingerprint} checks it.
     *
     * @param value as it stands on the wire, XORed with 0x5354554E
     */
    record Fingerprint(int value) implements StunAttribute {
        @Override
        public StunAttributeType type() {
            return StunAttributeType.FINGERPRINT;
        }
    }

    /** Any attribute without a record of its own, or one that is optional and whose value makes no sense. */
    record Opaque(StunAttributeType type, OctetString value) implements StunAttribute {
        /**
         * An attribute with this value.
         *
         * @param type also one that has a record of its own
         * @param value copied
         */
        public Opaque(StunAttributeType type, byte[] value) {
            this(type, OctetString.of(value));
        }
    }

    private static void requireLength(String what, String text, int limit) {
        int length = text.getBytes(UTF_8).length;
        if (length > limit) {
            throw new IllegalArgumentException(what + " has " + length + " bytes, at most " + limit + " are allowed");
        }
    }

    private static void requireBytes(String what, OctetString bytes, int length) {
        if (bytes.length() != length) {
            throw new IllegalArgumentException(what + " has " + bytes.length() + " bytes instead of " + length);
        }
    }

    private static void requireError(String what, int code, String reason) {
        if (code < 300 || code > 699) {
            throw new IllegalArgumentException(what + " " + code + " is not in 300..699");
        }
        requireLength("reason of " + what, reason, 763);
    }

    private static void requireU8(String what, int value) {
        if (value < 0 || value > 0xFF) {
            throw new IllegalArgumentException(what + " " + value + " is not in 0..255");
        }
    }

    private static void requireU16(String what, int value) {
        if (value < 0 || value > 0xFFFF) {
            throw new IllegalArgumentException(what + " " + value + " is not in 0..65535");
        }
    }

    private static void requireU32(String what, long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException(what + " " + value + " is not in 0..4294967295");
        }
    }

    private static InetSocketAddress withoutScope(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(address + " is not resolved");
        }
        if (!(address.getAddress() instanceof Inet6Address scoped) || scoped.getScopeId() == 0) {
            return address;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(scoped.getAddress()), address.getPort());
        } catch (UnknownHostException e) {
            throw new AssertionError("an Inet6Address has 16 bytes", e);
        }
    }
}
