package dev.floe.ice;

/** Which of this side's addresses the other side, and whoever carries the signaling, may learn (RFC 8828 §5.2). */
public enum AddressPolicy {
    /** Those of every interface from which a datagram may leave (Mode 1); a machine's other networks become known. */
    ALL,
    /** Those from which datagrams leave to the default route and to the servers (Mode 2). */
    DEFAULT_ROUTE,
    /** Only what a server outside sees, and relays: no host candidate is told of (Mode 3). */
    REFLEXIVE_ONLY,
    /** Only relays: nothing is sent to the other side, nor answered, but through them. */
    RELAY_ONLY
}
