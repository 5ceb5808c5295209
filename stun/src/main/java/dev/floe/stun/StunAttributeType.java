package dev.floe.stun;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;

/**
 * The type of a STUN attribute (RFC 8489, section 18.3). The registry is open: types that have no constant here are as
 * good as those that have.
 *
 * @param code 16 bits
 */
public record StunAttributeType(int code) {
    /** The first code that who does not know it may ignore. */
    static final int COMPREHENSION_OPTIONAL = 0x8000;

    private static final IntObjectMap<StunAttributeType> KNOWN = new IntObjectHashMap<>();
    private static final IntObjectMap<String> NAMES = new IntObjectHashMap<>();

    /** {@link StunAttribute.MappedAddress} */
    public static final StunAttributeType MAPPED_ADDRESS = known(0x0001, "MAPPED-ADDRESS");
    /** {@link StunAttribute.ChangeRequest} */
    public static final StunAttributeType CHANGE_REQUEST = known(0x0003, "CHANGE-REQUEST");
    /** {@link StunAttribute.Username} */
    public static final StunAttributeType USERNAME = known(0x0006, "USERNAME");
    /** {@link StunAttribute.MessageIntegrity} */
    public static final StunAttributeType MESSAGE_INTEGRITY = known(0x0008, "MESSAGE-INTEGRITY");
    /** {@link StunAttribute.ErrorCode} */
    public static final StunAttributeType ERROR_CODE = known(0x0009, "ERROR-CODE");
    /** {@link StunAttribute.UnknownAttributes} */
    public static final StunAttributeType UNKNOWN_ATTRIBUTES = known(0x000A, "UNKNOWN-ATTRIBUTES");
    /** {@link StunAttribute.ChannelNumber} */
    public static final StunAttributeType CHANNEL_NUMBER = known(0x000C, "CHANNEL-NUMBER");
    /** {@link StunAttribute.Lifetime} */
    public static final StunAttributeType LIFETIME = known(0x000D, "LIFETIME");
    /** {@link StunAttribute.XorPeerAddress} */
    public static final StunAttributeType XOR_PEER_ADDRESS = known(0x0012, "XOR-PEER-ADDRESS");
    /** {@link StunAttribute.Data} */
    public static final StunAttributeType DATA = known(0x0013, "DATA");
    /** {@link StunAttribute.Realm} */
    public static final StunAttributeType REALM = known(0x0014, "REALM");
    /** {@link StunAttribute.Nonce} */
    public static final StunAttributeType NONCE = known(0x0015, "NONCE");
    /** {@link StunAttribute.XorRelayedAddress} */
    public static final StunAttributeType XOR_RELAYED_ADDRESS = known(0x0016, "XOR-RELAYED-ADDRESS");
    /** {@link StunAttribute.RequestedAddressFamily} */
    public static final StunAttributeType REQUESTED_ADDRESS_FAMILY = known(0x0017, "REQUESTED-ADDRESS-FAMILY");
    /** {@link StunAttribute.RequestedTransport} */
    public static final StunAttributeType REQUESTED_TRANSPORT = known(0x0019, "REQUESTED-TRANSPORT");
    /** {@link StunAttribute.MessageIntegritySha256} */
    public static final StunAttributeType MESSAGE_INTEGRITY_SHA256 = known(0x001C, "MESSAGE-INTEGRITY-SHA256");
    /** {@link StunAttribute.PasswordAlgorithm} */
    public static final StunAttributeType PASSWORD_ALGORITHM = known(0x001D, "PASSWORD-ALGORITHM");
    /** {@link StunAttribute.UserHash} */
    public static final StunAttributeType USERHASH = known(0x001E, "USERHASH");
    /** {@link StunAttribute.XorMappedAddress} */
    public static final StunAttributeType XOR_MAPPED_ADDRESS = known(0x0020, "XOR-MAPPED-ADDRESS");
    /** {@link StunAttribute.Priority} */
    public static final StunAttributeType PRIORITY = known(0x0024, "PRIORITY");
    /** {@link StunAttribute.UseCandidate} */
    public static final StunAttributeType USE_CANDIDATE = known(0x0025, "USE-CANDIDATE");
    /** {@link StunAttribute.AdditionalAddressFamily} */
    public static final StunAttributeType ADDITIONAL_ADDRESS_FAMILY = known(0x8000, "ADDITIONAL-ADDRESS-FAMILY");
    /** {@link StunAttribute.AddressErrorCode} */
    public static final StunAttributeType ADDRESS_ERROR_CODE = known(0x8001, "ADDRESS-ERROR-CODE");
    /** {@link StunAttribute.PasswordAlgorithms} */
    public static final StunAttributeType PASSWORD_ALGORITHMS = known(0x8002, "PASSWORD-ALGORITHMS");
    /** {@link StunAttribute.AlternateDomain} */
    public static final StunAttributeType ALTERNATE_DOMAIN = known(0x8003, "ALTERNATE-DOMAIN");
    /** {@link StunAttribute.Software} */
    public static final StunAttributeType SOFTWARE = known(0x8022, "SOFTWARE");
    /** {@link StunAttribute.AlternateServer} */
    public static final StunAttributeType ALTERNATE_SERVER = known(0x8023, "ALTERNATE-SERVER");
    /** {@link StunAttribute.Fingerprint} */
    public static final StunAttributeType FINGERPRINT = known(0x8028, "FINGERPRINT");
    /** {@link StunAttribute.IceControlled} */
    public static final StunAttributeType ICE_CONTROLLED = known(0x8029, "ICE-CONTROLLED");
    /** {@link StunAttribute.IceControlling} */
    public static final StunAttributeType ICE_CONTROLLING = known(0x802A, "ICE-CONTROLLING");
    /** {@link StunAttribute.ResponseOrigin} */
    public static final StunAttributeType RESPONSE_ORIGIN = known(0x802B, "RESPONSE-ORIGIN");
    /** {@link StunAttribute.OtherAddress} */
    public static final StunAttributeType OTHER_ADDRESS = known(0x802C, "OTHER-ADDRESS");
    /** {@link StunAttribute.MobilityTicket} */
    public static final StunAttributeType MOBILITY_TICKET = known(0x8030, "MOBILITY-TICKET");
    /** {@link StunAttribute.Nomination} */
    public static final StunAttributeType NOMINATION = known(0xC001, "NOMINATION");

    /**
     * A type of any code.
     *
     * @param code 16 bits
     * @throws IllegalArgumentException for a code that has more bits
     */
    public StunAttributeType {
        if (code < 0 || code > 0xFFFF) {
            throw new IllegalArgumentException("STUN attribute type " + code + " is not in 0..65535");
        }
    }

    /**
     * {@return the constant for {@code code}, or a new type where there is none}
     *
     * @param code 16 bits
     */
    public static StunAttributeType of(int code) {
        StunAttributeType known = KNOWN.get(code);
        return known != null ? known : new StunAttributeType(code);
    }

    /** {@return whether who does not know this type must refuse the message (RFC 8489, section 14)} */
    public boolean isComprehensionRequired() {
        return code < COMPREHENSION_OPTIONAL;
    }

    @Override
    public String toString() {
        String name = NAMES.get(code);
        return name != null ? name : String.format("ATTRIBUTE-0x%04X", code);
    }

    private static StunAttributeType known(int code, String name) {
        StunAttributeType type = new StunAttributeType(code);
        KNOWN.put(code, type);
        NAMES.put(code, name);
        return type;
    }
}
