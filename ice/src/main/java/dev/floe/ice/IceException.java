package dev.floe.ice;

import dev.floe.ice.IceEvent.SessionFailed.Reason;
import java.util.Optional;

/** The ICE session has ended without a pair, or before one was found. */
public final class IceException extends Exception {

    private static final long serialVersionUID = 1L;

    /** As of {@link #reason()}, or null. */
    private final Reason reason;

    /**
     * Says that the session has failed.
     *
     * @param reason why
     */
    public IceException(Reason reason) {
        super(reason.text());
        this.reason = reason;
    }

    /** The session was ended before it could succeed or fail. */
    IceException(String message) {
        super(message);
        this.reason = null;
    }

    /** {@return why the session failed; empty if it was ended by this side} */
    public Optional<Reason> reason() {
        return Optional.ofNullable(reason);
    }
}
