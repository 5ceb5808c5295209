package dev.floe.quic.draft;

import io.netty.handler.codec.CorruptedFrameException;

/** The other side has said what the draft forbids. Carries the error code of RFC 9000 §20.1 that fits. */
public final class TraversalException extends CorruptedFrameException {

    /** FRAME_ENCODING_ERROR. */
    public static final int FRAME_ENCODING = 0x07;

    /** TRANSPORT_PARAMETER_ERROR. */
    public static final int TRANSPORT_PARAMETER = 0x08;

    /** PROTOCOL_VIOLATION. */
    public static final int PROTOCOL_VIOLATION = 0x0a;

    private static final long serialVersionUID = 1;

    private final int code;

    /**
     * One that says what was wrong.
     *
     * @param code one of the three
     * @param message what was found
     */
    public TraversalException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** {@return the error code} */
    public int code() {
        return code;
    }
}
