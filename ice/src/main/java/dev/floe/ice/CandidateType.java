package dev.floe.ice;

import java.util.Optional;

/** How a candidate's address was learned (RFC 8445 §5.1.1, §7.3.1.3), with the preference that §5.1.2.2 recommends. */
public enum CandidateType {
    HOST("host", 126),
    PEER_REFLEXIVE("prflx", 110),
    SERVER_REFLEXIVE("srflx", 100),
    RELAYED("relay", 0);

    private final String token;
    private final int preference;

    CandidateType(String token, int preference) {
        this.token = token;
        this.preference = preference;
    }

    /** The type's word in SDP (RFC 8839 §5.1). */
    public String token() {
        return token;
    }

    /** The type preference, 0 to 126, for the priority formula. */
    public int preference() {
        return preference;
    }

    /** The type that an SDP word names, or empty for one that is not known here. */
    public static Optional<CandidateType> ofToken(String token) {
        for (CandidateType type : values()) {
            if (type.token.equals(token)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
