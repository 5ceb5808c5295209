package dev.floe.quic;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * How the other side's certificate is judged. Between Floe peers it is by fingerprint, and both sides prove who they
 * are. The other ways are for peers that are not Floe, which name no fingerprint and present no client certificate.
 *
 * <p>Immutable, for any thread.
 */
public abstract sealed class PeerTrust {

    private PeerTrust() {}

    /**
     * Exactly one certificate is accepted, whatever its subject, issuer or validity say.
     *
     * @param sha256 its fingerprint in any form that {@link PeerIdentity#parseFingerprint} takes
     * @return trust in the holder of that certificate's key
     * @throws IllegalArgumentException if it is none
     */
    public static PeerTrust fingerprint(String sha256) {
        return new Fingerprint(PeerIdentity.parseFingerprint(sha256));
    }

    /**
     * Exactly the certificate whose fingerprint the other side's description names; a description without one is
     * refused. Signaling must be trusted then: whoever can change descriptions there can be in the middle.
     *
     * @return trust in whoever is described
     */
    public static PeerTrust described() {
        return new Described();
    }

    /**
     * Server certificates that chain to a private CA are accepted, RSA or ECDSA, within their validity. Peers have no
     * names, so no host name is checked: <em>any</em> holder of a server certificate of this CA is accepted.
     *
     * <p>This judges servers only. In the QUIC server's role this side asks its client for no certificate, and so lets
     * in whoever ICE lets in, as with {@link #none()}: all then rests on who could read the descriptions in signaling.
     *
     * @param authorities one or more
     * @return trust in the servers that they vouch for
     * @throws IllegalArgumentException if the list is empty
     */
    public static PeerTrust ca(List<X509Certificate> authorities) {
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("no CA certificate, expected at least one");
        }
        return new Authorities(authorities);
    }

    /**
     * As {@link #ca(List)}, with the certificates of a PEM file.
     *
     * @param file PEM, with one or more certificates
     * @return trust in the servers that they vouch for
     * @throws IOException if it cannot be read or holds no certificates; the message names the file
     */
    public static PeerTrust ca(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return ca(CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList());
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IOException("CA file " + file + ", expected certificates in PEM: " + e.getMessage(), e);
        }
    }

    /**
     * Nobody is asked who they are. The connection is encrypted, but to whom is unknown: whoever can change the
     * descriptions in signaling can be in the middle.
     *
     * @return trust in anybody
     */
    public static PeerTrust none() {
        return new None();
    }

    /**
     * What holds once the other side's description is known. Signaling may make it stricter, never looser. A pin holds
     * whatever the description names: the handshake judges, and its alert tells the other side too.
     *
     * @param named the fingerprint in the description, if there is one
     * @throws CertificateException if nothing that the other side could present would be accepted
     */
    PeerTrust given(Optional<String> named) throws CertificateException {
        return this;
    }

    /** The fingerprint of the one certificate that is accepted, if there is but one. */
    Optional<String> expected() {
        return Optional.empty();
    }

    /** Whether a client is asked for a certificate, and refused without. */
    abstract boolean judgesClients();

    /**
     * @param chain what the peer presents, its own certificate first
     * @param authType as in {@link X509TrustManager}
     * @throws CertificateException if it is refused
     */
    abstract void judge(X509Certificate[] chain, String authType) throws CertificateException;

    private static final class Fingerprint extends PeerTrust {
        private final String sha256;

        Fingerprint(String sha256) {
            this.sha256 = sha256;
        }

        @Override
        Optional<String> expected() {
            return Optional.of(sha256);
        }

        @Override
        boolean judgesClients() {
            return true;
        }

        @Override
        void judge(X509Certificate[] chain, String authType) throws FingerprintMismatchException {
            String presented = PeerIdentity.fingerprint(chain[0]);
            if (!presented.equals(sha256)) {
                throw new FingerprintMismatchException(sha256, presented);
            }
        }

        @Override
        public String toString() {
            return "PeerTrust[fingerprint " + sha256 + "]";
        }
    }

    private static final class Described extends PeerTrust {
        @Override
        PeerTrust given(Optional<String> named) throws CertificateException {
            return fingerprint(named.orElseThrow(() -> new CertificateException(
                    "the other side names no certificate fingerprint, so it cannot be told from anybody else")));
        }

        @Override
        boolean judgesClients() {
            return true;
        }

        @Override
        void judge(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no description has come that names a fingerprint");
        }

        @Override
        public String toString() {
            return "PeerTrust[described]";
        }
    }

    private static final class Authorities extends PeerTrust {
        private final X509TrustManager manager;

        Authorities(List<X509Certificate> authorities) {
            this.manager = trustManager(authorities);
        }

        @Override
        boolean judgesClients() {
            return false;
        }

        @Override
        void judge(X509Certificate[] chain, String authType) throws CertificateException {
            manager.checkServerTrusted(chain, authType);
        }

        @Override
        public String toString() {
            return "PeerTrust[ca, " + manager.getAcceptedIssuers().length + " certificates]";
        }

        private static X509TrustManager trustManager(List<X509Certificate> authorities) {
            try {
                KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
                anchors.load(null, null);
                for (X509Certificate authority : authorities) {
                    anchors.setCertificateEntry(PeerIdentity.fingerprint(authority), authority);
                }
                TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
                factory.init(anchors);
                return (X509TrustManager) factory.getTrustManagers()[0];
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalArgumentException("CA certificates that PKIX cannot use: " + e.getMessage(), e);
            }
        }
    }

    private static final class None extends PeerTrust {
        @Override
        PeerTrust given(Optional<String> named) {
            return named.map(PeerTrust::fingerprint).orElse(this);
        }

        @Override
        boolean judgesClients() {
            return false;
        }

        @Override
        void judge(X509Certificate[] chain, String authType) {
            // Accepted, as asked for.
        }

        @Override
        public String toString() {
            return "PeerTrust[none]";
        }
    }
}
