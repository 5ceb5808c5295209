package dev.floe.quic;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * BoringSSL's context, with the sessions that it can resume: those of a client with its server, or the key of a server's
 * tickets. It serves one connection at a time, whose {@link User} judges certificates and hears the key log.
 */
final class TlsContext {

    /** The connection that a context serves. */
    interface User {

        /** Judges a certificate that is presented. */
        void judge(X509Certificate[] chain, String authType) throws CertificateException;

        /** Hears a line of the key log. */
        void keyLog(String line);
    }

    // Netty finds a client's sessions by the name and the port of the engine. A context has but one peer.
    private static final String PEER = "peer";
    private static final int PEER_PORT = 1;

    private static final int TICKET_KEY_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final QuicSslContext context;
    private volatile User user;
    private SslSessionTicketKey ticketKey = newTicketKey();

    /**
     * @param clientAuth of a server
     * @param isLogged whether a user wants to hear the key log: a secret that was never a string cannot leak as one
     */
    private TlsContext(
            QuicRole role,
            PeerIdentity identity,
            Optional<ClientAuth> clientAuth,
            String alpn,
            boolean isEarlyData,
            boolean isLogged) {
        PeerKeyManager keys = new PeerKeyManager(identity);
        QuicSslContextBuilder builder = role == QuicRole.SERVER
                ? QuicSslContextBuilder.forServer(keys, null).clientAuth(clientAuth.orElseThrow())
                : QuicSslContextBuilder.forClient().keyManager(keys, null);
        BoringSSLKeylog keyLog = (engine, line) -> user.keyLog(line);
        context = builder.trustManager(new Judge())
                .applicationProtocols(alpn)
                .earlyData(isEarlyData)
                .keylog(isLogged ? keyLog : null)
                .build();
    }

    static TlsContext forClient(PeerIdentity identity, String alpn, boolean isEarlyData, boolean isLogged) {
        return new TlsContext(QuicRole.CLIENT, identity, Optional.empty(), alpn, isEarlyData, isLogged);
    }

    static TlsContext forServer(
            PeerIdentity identity, ClientAuth clientAuth, String alpn, boolean isEarlyData, boolean isLogged) {
        return new TlsContext(QuicRole.SERVER, identity, Optional.of(clientAuth), alpn, isEarlyData, isLogged);
    }

    QuicSslContext sslContext() {
        return context;
    }

    /** Begins to serve a connection. */
    void serve(User next) {
        user = next;
    }

    /** Of the tickets that are there the next handshake takes one; those that are issued from now on are others. */
    void renewTickets() {
        if (context.isServer()) {
            SslSessionTicketKey former = ticketKey;
            ticketKey = newTicketKey();
            context.sessionContext().setTicketKeys(ticketKey, former);
        }
    }

    /** That handshake is complete: what it began with is worth nothing any more (RFC 8446 §8.1). */
    void retireFormerTickets() {
        if (context.isServer()) {
            context.sessionContext().setTicketKeys(ticketKey);
        }
    }

    QuicSslEngine newEngine(ByteBufAllocator allocator) {
        return context.newEngine(allocator, PEER, PEER_PORT);
    }

    private static SslSessionTicketKey newTicketKey() {
        return new SslSessionTicketKey(random(), random(), random());
    }

    private static byte[] random() {
        byte[] bytes = new byte[TICKET_KEY_BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Extended, so that nobody looks for a host's name in the certificate of a peer. */
    private final class Judge extends X509ExtendedTrustManager {
        /** What BoringSSL says as bad_certificate; from any other exception it makes internal_error. */
        private static final int X509_V_ERR_CERT_REJECTED = 28;

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
                user.judge(chain, authType);
            } catch (CertificateException e) {
                throw new OpenSslCertificateException(e, X509_V_ERR_CERT_REJECTED);
            }
        }
    }
}
