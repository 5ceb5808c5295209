package dev.floe.quic;

import io.netty.handler.codec.quic.QuicConnectionCloseEvent;

/** The other side has closed the QUIC connection before it stood. */
public final class PeerRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** As of {@link #isCertificateRefused()}. */
    private final boolean isCertificateRefused;

    private PeerRefusedException(String message, boolean isCertificateRefused) {
        super(message);
        this.isCertificateRefused = isCertificateRefused;
    }

    /** The other side has said why, or at least that. */
    static PeerRefusedException of(QuicConnectionCloseEvent close) {
        if (QuicTls.isRefusalByPeer(close)) {
            return new PeerRefusedException("the other side has refused this side's certificate", true);
        }
        if (QuicTls.isUnknownAlpn(close)) {
            return new PeerRefusedException("the other side does not speak this side's application protocol", false);
        }
        return silent();
    }

    /** The connection has ended without a word. */
    static PeerRefusedException silent() {
        return new PeerRefusedException("the other side has closed the connection during the handshake", false);
    }

    /**
     * {@return whether the other side closes a connection, which may already stand on this side, for this side's
     * certificate}
     *
     * @param close as Netty's QUIC channel fires it
     */
    public static boolean isRefusal(QuicConnectionCloseEvent close) {
        return QuicTls.isRefusalByPeer(close);
    }

    /** {@return whether it was because of this side's certificate} */
    public boolean isCertificateRefused() {
        return isCertificateRefused;
    }
}
