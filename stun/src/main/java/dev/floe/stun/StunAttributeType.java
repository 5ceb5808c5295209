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

    public static final StunAttributeType MAPPED_ADDRESS = known(0x0001, "MAPPED-ADDRESS");
    public static final StunAttributeType CHANGE_REQUEST = known(0x0003, "CHANGE-REQUEST");
    public static final StunAttributeType USERNAME = known(0x0006, "USERNAME");
    public static final StunAttributeType MESSAGE_INTEGRITY = known(0x0008, "MESSAGE-INTEGRITY");
    public static final StunAttributeType ERROR_CODE = known(0x0009, "ERROR-CODE");
    public static final StunAttributeType UNKNOWN_ATTRIBUTES = known(0x000A, "UNKNOWN-ATTRIBUTES");
    public static final StunAttributeType CHANNEL_NUMBER = known(0x000C, "CHANNEL-NUMBER");
    public static final StunAttributeType LIFETIME = known(0x000D, "LIFETIME");
    public static final StunAttributeType XOR_PEER_ADDRESS = known(0x0012, "XOR-PEER-ADDRESS");
    public static final StunAttributeType DATA = known(0x0013, "DATA");
    public static final StunAttributeType REALM = known(0x0014, "REALM");
    public static final StunAttributeType NONCE = known(0x0015, "NONCE");
    public static final StunAttributeType XOR_RELAYED_ADDRESS = known(0x0016, "XOR-RELAYED-ADDRESS");
    public static final StunAttributeType REQUESTED_ADDRESS_FAMILY = known(0x0017, "REQUESTED-ADDRESS-FAMILY");
    public static final StunAttributeType REQUESTED_TRANSPORT = known(0x0019, "REQUESTED-TRANSPORT");
    public static final StunAttributeType MESSAGE_INTEGRITY_SHA256 = known(0x001C, "MESSAGE-INTEGRITY-SHA256");
    public static final StunAttributeType PASSWORD_ALGORITHM = known(0x001D, "PASSWORD-ALGORITHM");
    public static final StunAttributeType USERHASH = known(0x001E, "USERHASH");
    public static final StunAttributeType XOR_MAPPED_ADDRESS = known(0x0020, "XOR-MAPPED-ADDRESS");
    public static final StunAttributeType PRIORITY = known(0x0024, "PRIORITY");
    public static final StunAttributeType USE_CANDIDATE = known(0x0025, "USE-CANDIDATE");
    public static final StunAttributeType ADDITIONAL_ADDRESS_FAMILY = known(0x8000, "ADDITIONAL-ADDRESS-FAMILY");
    public static final StunAttributeType ADDRESS_ERROR_CODE = known(0x8001, "ADDRESS-ERROR-CODE");
    public static final StunAttributeType PASSWORD_ALGORITHMS = known(0x8002, "PASSWORD-ALGORITHMS");
    public static final StunAttributeType ALTERNATE_DOMAIN = known(0x8003, "ALTERNATE-DOMAIN");
    public static final StunAttributeType SOFTWARE = known(0x8022, "SOFTWARE");
    public static final StunAttributeType ALTERNATE_SERVER = known(0x8023, "ALTERNATE-SERVER");
    public static final StunAttributeType FINGERPRINT = known(0x8028, "FINGERPRINT");
    public static final StunAttributeType ICE_CONTROLLED = known(0x8029, "ICE-CONTROLLED");
    public static final StunAttributeType ICE_CONTROLLING = known(0x802A, "ICE-CONTROLLING");
    public static final StunAttributeType RESPONSE_ORIGIN = known(0x802B, "RESPONSE-ORIGIN");
    public static final StunAttributeType OTHER_ADDRESS = known(0x802C, "OTHER-ADDRESS");
    public static final StunAttributeType MOBILITY_TICKET = known(0x8030, "MOBILITY-TICKET");
    public static final StunAttributeType NOMINATION = known(0xC001, "NOMINATION");

    public StunAttributeType {
        if (code < 0 || code > 0xFFFF) {
            throw new IllegalArgumentException("STUN attribute type " + code + " is not in 0..65535");
        }
    }

    /** The constant for {@code code}, or a new type where there is none. */
    public static StunAttributeType of(int code) {
        StunAttributeType known = KNOWN.get(code);
        return known != null ? known : new StunAttributeType(code);
    }

    /** Whether who does not know this type must refuse the message (RFC 8489, section 14). */
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
