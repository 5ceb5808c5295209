package dev.floe.ice;

/** The ICE session has ended without a pair, or before one was found. */
public final class IceException extends Exception {

    private static final long serialVersionUID = 1L;

    public IceException(String message) {
        super(message);
    }
}
