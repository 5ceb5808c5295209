package dev.floe.stun.turn;

/** How a client speaks to its TURN server (RFC 8656, section 3.1). To its peers the server always speaks UDP. */
public enum TurnTransport {
    /** On the datagram channel itself. */
    UDP,
    /** On a connection of its own. */
    TCP,
    /** As TCP, encrypted, and the server authenticated by its certificate. */
    TLS
}
