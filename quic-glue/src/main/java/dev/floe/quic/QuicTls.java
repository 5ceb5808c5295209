package dev.floe.quic;

import io.netty.handler.codec.quic.BoringSSLKeylog;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS for one connection to one peer: the context for the QUIC codec, and why the peer's certificate was refused if it
 * was. Each peer needs its own: on a resumed session no certificate is judged again, and a context that lives no longer
 * than its connection has nothing to resume. Early data (0-RTT) is off.
 */
final class QuicTls {

    /**
     * What each QUIC codec needs as its {@code sslTaskExecutor}. Netty looks whether the handshake is complete before it
     * has let TLS go on with a certificate just judged, and looks again only when the next datagram comes: a round trip
     * later, on either side. A task that has run does nothing when run again, except that Netty looks again.
     */
    static final Executor TASKS = task -> {
        task.run();
        task.run();
    };

    /** The alerts of RFC 8446 §6.2 that speak of the receiver's certificate, and access_denied. */
    private static final Set<Integer> CERTIFICATE_ALERTS = Set.of(42, 43, 44, 45, 46, 48, 49, 116);

    /** The alert no_application_protocol (RFC 7301 §3.2). */
    private static final int UNKNOWN_ALPN = 120;

    private final QuicSslContext context;
    private final Judge judge;

    private QuicTls(QuicSslContext context, Judge judge) {
        this.context = context;
        this.judge = judge;
    }

    /** For the answerer: judges the server's certificate, and presents the identity if it is asked for. */
    static QuicTls forClient(PeerIdentity identity, PeerTrust trust, String alpn, List<Consumer<String>> keyLogs) {
        Judge judge = new Judge(trust);
        QuicSslContext context = QuicSslContextBuilder.forClient()
                .keyManager(new PeerKeyManager(identity), null)
                .trustManager(judge)
                .applicationProtocols(alpn)
                .earlyData(false)
                .keylog(keyLog(keyLogs))
                .build();
        return new QuicTls(context, judge);
    }

    /** For the offerer: presents the identity, and asks for the client's certificate if the trust judges clients. */
    static QuicTls forServer(PeerIdentity identity, PeerTrust trust, String alpn, List<Consumer<String>> keyLogs) {
        Judge judge = new Judge(trust);
        QuicSslContext context = QuicSslContextBuilder.forServer(new PeerKeyManager(identity), null)
                .trustManager(judge)
                .clientAuth(trust.judgesClients() ? ClientAuth.REQUIRE : ClientAuth.NONE)
                .applicationProtocols(alpn)
                .earlyData(false)
                .keylog(keyLog(keyLogs))
                .build();
        return new QuicTls(context, judge);
    }

    QuicSslContext context() {
        return context;
    }

    /**
     * The other side's description has come; to be called before the handshake.
     *
     * @throws CertificateException as {@link PeerTrust#given}
     */
    void described(Optional<String> fingerprint) throws CertificateException {
        judge.trust = judge.trust.given(fingerprint);
    }

    /** Why this side refused the peer's certificate; empty if it did not, or if none was presented. */
    Optional<CertificateException> refusal() {
        return Optional.ofNullable(judge.refusal);
    }

    /** Whether the peer has closed the connection because of this side's certificate, or for want of one. */
    static boolean isRefusalByPeer(QuicConnectionCloseEvent close) {
        return close.isTlsError()
                && CERTIFICATE_ALERTS.contains(QuicConnectionCloseEvent.extractTlsError(close.error()));
    }

    /** Whether the peer has closed the connection because it does not speak this side's application protocol. */
    static boolean isUnknownAlpn(QuicConnectionCloseEvent close) {
        return close.isTlsError() && QuicConnectionCloseEvent.extractTlsError(close.error()) == UNKNOWN_ALPN;
    }

    /** None if nobody wants to hear: a secret that was never a string cannot leak as one. */
    private static BoringSSLKeylog keyLog(List<Consumer<String>> listeners) {
        return listeners.isEmpty() ? null : (engine, line) -> listeners.forEach(listener -> listener.accept(line));
    }

    /**
     * Remembers the refusal, since all that comes through QUIC's native code is a TLS alert. Extended, so that nobody
     * looks for a host's name in the certificate of a peer.
     */
    private static final class Judge extends X509ExtendedTrustManager {
        /** What BoringSSL says as bad_certificate; from any other exception it makes internal_error. */
        private static final int X509_V_ERR_CERT_REJECTED = 28;

        private volatile PeerTrust trust;
        private volatile CertificateException refusal;

        Judge(PeerTrust trust) {
            this.trust = trust;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            judge(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            judge(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            judge(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            judge(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            judge(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            judge(chain, authType);
        }

        /** Names no issuer, so that a peer asked for its certificate sends whichever it has. */
        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }

        private void judge(X509Certificate[] chain, String authType) throws CertificateException {
            try {
                trust.judge(chain, authType);
            } catch (CertificateException e) {
                refusal = e;
                throw new OpenSslCertificateException(e, X509_V_ERR_CERT_REJECTED);
            }
        }
    }
}
