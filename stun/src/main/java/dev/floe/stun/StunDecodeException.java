package dev.floe.stun;

/** Bytes that are no well-formed STUN message. It says why; it has no stack trace, since hostile input is common. */
public final class StunDecodeException extends Exception {
    private static final long serialVersionUID = 1L;

    StunDecodeException(String message) {
        super(message, null, false, false);
    }
}
