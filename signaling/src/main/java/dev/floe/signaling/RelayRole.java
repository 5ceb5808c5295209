package dev.floe.signaling;

/** Which of the two peers of the plain relay one is: it has no messages that would tell. */
public enum RelayRole {
    /** Speaks first, and again each second until it is answered. */
    OFFERER,

    /** Waits for an offer, then answers. */
    ANSWERER
}
