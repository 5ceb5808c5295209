package dev.floe.stun.turn;

/** A TURN server that refused, or did not answer. The message says which one and why. */
public final class TurnException extends Exception {
    private static final long serialVersionUID = 1L;

    /** As of {@link #code()}. */
    private final int code;

    TurnException(String message) {
        this(0, message);
    }

    TurnException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** {@return the error code of the server (RFC 8656, section 19), 0 if it gave none} */
    public int code() {
        return code;
    }
}
