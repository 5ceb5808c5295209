package dev.floe.signaling;

/** Which part a peer has in a password-authenticated key exchange; one of the two has each. */
public enum PakeRole {

    /** The one who made up the password: it begins, and judges the other side's password before it shows its own. */
    INITIATOR,

    /** The one who was told the password. */
    RESPONDER
}
