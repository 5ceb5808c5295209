package dev.floe.quic;

/** Which end of QUIC a peer is. It follows the offer and never changes, whatever ICE's roles do. */
public enum QuicRole {
    /** The offerer. */
    SERVER,
    /** The answerer. */
    CLIENT
}
