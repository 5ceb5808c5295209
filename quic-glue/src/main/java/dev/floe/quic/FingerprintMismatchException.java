package dev.floe.quic;

import java.security.cert.CertificateException;

/** The other side has presented another certificate than the one it was expected to be known by. */
public final class FingerprintMismatchException extends CertificateException {

    private static final long serialVersionUID = 1L;

    /** As of {@link #expected()}. */
    private final String expected;

    /** As of {@link #actual()}. */
    private final String actual;

    FingerprintMismatchException(String expected, String actual) {
        super("the peer's certificate has the fingerprint " + actual + ", expected " + expected);
        this.expected = expected;
        this.actual = actual;
    }

    /** {@return the SHA-256 that was pinned: 64 lower-case hexadecimal digits} */
    public String expected() {
        return expected;
    }

    /** {@return the SHA-256 of the certificate that came: 64 lower-case hexadecimal digits} */
    public String actual() {
        return actual;
    }
}
