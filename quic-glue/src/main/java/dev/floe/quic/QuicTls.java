package dev.floe.quic;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS for one connection to one peer: the engine for the QUIC codec, and why the peer's certificate was refused if it
 * was. Each connection needs its own: a context that lives no longer has nothing to resume. With {@link PeerSessions} it
 * takes the context that the connection before with the same peer has left, if there is one, and leaves it to the next.
 */
final class QuicTls implements TlsContext.User {

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

    private final QuicRole role;
    private final PeerIdentity identity;
    private final String alpn;
    private final List<Consumer<String>> keyLogs;
    private final Optional<PeerSessions> sessions;
    private final boolean isEarlyData;
    private final TlsContext fresh;

    private volatile PeerTrust trust;
    private volatile CertificateException refusal;
    private volatile boolean isJudged;
    private QuicSslEngine engine;
    private TlsContext used;

    private QuicTls(
            QuicRole role,
            PeerIdentity identity,
            PeerTrust trust,
            String alpn,
            List<Consumer<String>> keyLogs,
            Optional<PeerSessions> sessions,
            boolean isEarlyData) {
        this.role = role;
        this.identity = identity;
        this.trust = trust;
        this.alpn = alpn;
        this.keyLogs = keyLogs;
        // Who is not asked for a certificate is not known by its fingerprint, whatever was described.
        this.sessions = sessions.filter(any -> role == QuicRole.CLIENT || trust.judgesClients());
        this.isEarlyData = isEarlyData && this.sessions.isPresent();
        fresh = role == QuicRole.SERVER
                ? TlsContext.forServer(
                        identity,
                        trust.judgesClients() ? ClientAuth.REQUIRE : ClientAuth.NONE,
                        alpn,
                        this.isEarlyData,
                        !keyLogs.isEmpty())
                : TlsContext.forClient(identity, alpn, this.isEarlyData, !keyLogs.isEmpty());
        fresh.serve(this);
    }

    /** For the answerer: judges the server's certificate, and presents the identity if it is asked for. */
    static QuicTls forClient(PeerIdentity identity, PeerTrust trust, String alpn, List<Consumer<String>> keyLogs) {
        return new QuicTls(QuicRole.CLIENT, identity, trust, alpn, keyLogs, Optional.empty(), false);
    }

    /** For the offerer: presents the identity, and asks for the client's certificate if the trust judges clients. */
    static QuicTls forServer(PeerIdentity identity, PeerTrust trust, String alpn, List<Consumer<String>> keyLogs) {
        return new QuicTls(QuicRole.SERVER, identity, trust, alpn, keyLogs, Optional.empty(), false);
    }

    /** As a configuration has it, which may name sessions to resume. */
    static QuicTls of(QuicRole role, PeerConfig config, List<Consumer<String>> keyLogs) {
        boolean isEarlyData =
                role == QuicRole.CLIENT ? config.earlyData.isPresent() : config.earlyStreamHandler.isPresent();
        return new QuicTls(role, config.identity, config.trust, config.alpn, keyLogs, config.sessions, isEarlyData);
    }

    /** A context that has nothing to resume. */
    QuicSslContext context() {
        return fresh.sslContext();
    }

    /** The engine for the one connection, which resumes a session if there is one; for any further, one that does not. */
    QuicSslEngine newEngine(ByteBufAllocator allocator) {
        if (engine != null) {
            return fresh.newEngine(allocator);
        }
        used = sessions.flatMap(known -> peer().flatMap(known::take)).orElse(fresh);
        if (sessions.isPresent()) {
            used.serve(this);
            used.renewTickets();
        }
        engine = used.newEngine(allocator);
        return engine;
    }

    /**
     * The other side's description has come; to be called before the handshake.
     *
     * @throws CertificateException as {@link PeerTrust#given}
     */
    void described(Optional<String> fingerprint) throws CertificateException {
        trust = trust.given(fingerprint);
    }

    /**
     * The handshake is complete; to be called before anybody hears of the connection. On a resumed session nobody has been
     * asked about the certificate yet.
     *
     * @throws CertificateException if it is not the one that is expected
     */
    void completed() throws CertificateException {
        Optional<PeerSessions.Peer> peer = peer();
        if (sessions.isPresent() && peer.isPresent()) {
            boolean isResumed = !isJudged;
            judge(certificates(), "UNKNOWN");
            used.retireFormerTickets();
            sessions.get().put(peer.get(), used, isResumed);
        }
    }

    /** Why this side refused the peer's certificate; empty if it did not, or if none was presented. */
    Optional<CertificateException> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Remembers the refusal, since all that comes through QUIC's native code is a TLS alert. */
    @Override
    public void judge(X509Certificate[] chain, String authType) throws CertificateException {
        isJudged = true;
        try {
            trust.judge(chain, authType);
        } catch (CertificateException e) {
            refusal = e;
            throw e;
        }
    }

    @Override
    public void keyLog(String line) {
        keyLogs.forEach(listener -> listener.accept(line));
    }

    private Optional<PeerSessions.Peer> peer() {
        return trust.expected()
                .map(fingerprint -> new PeerSessions.Peer(
                        role, identity.fingerprint(), fingerprint, alpn, isEarlyData, !keyLogs.isEmpty()));
    }

    private X509Certificate[] certificates() throws CertificateException {
        try {
            return Stream.of(engine.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
        } catch (SSLPeerUnverifiedException e) {
            throw new CertificateException("the session is with nobody", e);
        }
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
}
