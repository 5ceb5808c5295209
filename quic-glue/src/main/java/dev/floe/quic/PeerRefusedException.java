package dev.floe.quic;

/** The other side has closed the QUIC connection before it stood. */
public final class PeerRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isCertificateRefused;

    PeerRefusedException(boolean isCertificateRefused) {
        super(
                isCertificateRefused
                        ? "the other side has refused this side's certificate"
                        : "the other side has closed the connection during the handshake");
        this.isCertificateRefused = isCertificateRefused;
    }

    /** Whether it was because of this side's certificate. */
    public boolean isCertificateRefused() {
        return isCertificateRefused;
    }
}
