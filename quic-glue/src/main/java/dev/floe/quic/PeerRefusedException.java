package dev.floe.quic;

import io.netty.handler.codec.quic.QuicConnectionCloseEvent;

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

    /** Whether the other side closes a connection, which may already stand on this side, for this side's certificate. */
    public static boolean isRefusal(QuicConnectionCloseEvent close) {
        return QuicTls.isRefusalByPeer(close);
    }

    /** Whether it was because of this side's certificate. */
    public boolean isCertificateRefused() {
        return isCertificateRefused;
    }
}
