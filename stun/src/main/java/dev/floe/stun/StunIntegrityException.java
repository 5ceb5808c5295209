package dev.floe.stun;

/** What answered a signed request was not signed as it must be, so somebody may have tampered with it (RFC 8489, section 9). */
public final class StunIntegrityException extends Exception {
    private static final long serialVersionUID = 1L;

    StunIntegrityException(String message) {
        super(message);
    }
}
