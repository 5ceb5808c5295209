package dev.floe.ice;

/**
 * Where an agent stands. It moves down this list, save that a restart begins anew (RFC 8445 §9), while the selected pair
 * goes on, and that FAILED and CLOSED end it from anywhere.
 */
public enum IceState {
    /** Nothing has been asked of it. */
    NEW,
    /** Local candidates are being gathered (RFC 8445 §5.1.1). */
    GATHERING,
    /** Local candidates are known, the remote description is not. */
    GATHERED,
    /** Connectivity checks run (RFC 8445 §7); between peers that trickle, gathering may still go on. */
    CHECKING,
    /** A pair is valid: it carries data both ways (RFC 8445 §7.2.5.3.2). */
    CONNECTED,
    /** A pair is nominated and in use (RFC 8445 §8.1.2); a better one may still replace it. */
    COMPLETED,
    /** No pair works, or consent to send has expired (RFC 7675 §5.1). */
    FAILED,
    /** The channel or the handler is gone. */
    CLOSED
}
