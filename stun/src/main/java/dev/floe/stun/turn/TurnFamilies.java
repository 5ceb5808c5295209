package dev.floe.stun.turn;

/** Of which address families relayed addresses are wanted (RFC 8656, section 7.1). */
public enum TurnFamilies {
    /** An IPv4 address alone. */
    IPV4,
    /** An IPv6 address alone. */
    IPV6,
    /** One of each. A server that has only one of them gives that one. */
    BOTH
}
