package dev.floe.ice;

import java.util.Optional;

/** How a candidate's address was learned (RFC 8445 §5.1.1, §7.3.1.3), with the preference that §5.1.2.2 recommends. */
public enum CandidateType {
    /** An address of one of this machine's interfaces. */
    HOST("host", 126),
    /** Where a check came from, or was seen from, that nobody had told of. */
    PEER_REFLEXIVE("prflx", 110),
    /** Where a STUN server sees this machine. */
    SERVER_REFLEXIVE("srflx", 100),
    /** An address that a TURN server lends. */
    RELAYED("relay", 0);

    private final String token;
    private final int preference;

    CandidateType(String token, int preference) {
        this.token = token;
        this.preference = preference;
    }

    /** {@return the type's word in SDP (RFC 8839 §5.1)} */
    public String token() {
        return token;
    }

    /** {@return the type preference, 0 to 126, for the priority formula} */
    public int preference() {
        return preference;
    }

    /**
     * {@return the type that an SDP word names, or empty for one that is not known here}
     *
     * @param token lower-case
     */
    public static Optional<CandidateType> ofToken(String token) {
        for (CandidateType type : values()) {
            if (type.token.equals(token)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
