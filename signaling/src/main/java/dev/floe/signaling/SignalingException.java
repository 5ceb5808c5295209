package dev.floe.signaling;

import java.io.IOException;
import java.io.Serial;
import java.util.Objects;

/** Why signaling failed: a code for programs and one line for people. */
public final class SignalingException extends IOException {

    /** Two peers are in the room already. */
    public static final String ROOM_FULL = "room-full";

    /** The signaling server cannot be reached, refuses the connection, or has gone. */
    public static final String SIGNALING_LOST = "signaling-lost";

    /** Somebody said what makes no sense here. */
    public static final String BAD_MESSAGE = "bad-message";

    /** The room asks for another secret. */
    public static final String WRONG_SECRET = "wrong-secret";

    /** What was to be resumed is no more: a place in a room is kept for a bounded time. */
    public static final String SESSION_LOST = "session-lost";

    /** No rooms can be served now; later they can. */
    public static final String UNAVAILABLE = "unavailable";

    /** A message that is of no type that is known here. */
    public static final String UNKNOWN_TYPE = "unknown-type";

    /** No more rooms fit on the server, or may come from one address. */
    public static final String TOO_MANY_ROOMS = "too-many-rooms";

    /** More messages than one address may send. */
    public static final String TOO_MUCH_SAID = "too-much-said";

    /** The peer waited too long alone, or let too much pile up unread. */
    public static final String EVICTED = "evicted";

    /** The other side has another password: it, or somebody in between, has guessed. */
    public static final String WRONG_CODE = "wrong-code";

    /** The other side has the password, and somebody in between has changed its description. */
    public static final String FINGERPRINT_MISMATCH = "fingerprint-mismatch";

    /** The server cannot listen where it was told to, or has no Redis where it was told to. */
    public static final String IO = "io";

    @Serial
    private static final long serialVersionUID = 1;

    /** As of {@link #code()}. */
    private final String code;

    /**
     * Says what has gone wrong.
     *
     * @param code for programs
     * @param message one line for people
     */
    public SignalingException(String code, String message) {
        this(code, message, null);
    }

    /**
     * Says what has gone wrong, and because of what.
     *
     * @param code for programs
     * @param message one line for people
     * @param cause may be null
     */
    public SignalingException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** {@return one of this class's constants, or any other word that a server's {@code error} message has for it} */
    public String code() {
        return code;
    }
}
