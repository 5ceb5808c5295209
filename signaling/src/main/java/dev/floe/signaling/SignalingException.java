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

    /** The server cannot listen where it was told to. */
    public static final String IO = "io";

    static final String UNKNOWN_TYPE = "unknown-type";
    static final String TOO_MANY_ROOMS = "too-many-rooms";
    static final String TOO_MUCH_SAID = "too-much-said";

    @Serial
    private static final long serialVersionUID = 1;

    private final String code;

    SignalingException(String code, String message) {
        this(code, message, null);
    }

    SignalingException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** One of this class's constants, or any other word that a server's {@code error} message has for it. */
    public String code() {
        return code;
    }
}
