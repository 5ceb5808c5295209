package dev.floe.quic;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Who this peer is: a self-signed ECDSA P-256 certificate and its private key. The other side knows it by the
 * certificate's SHA-256 {@link #fingerprint()}, which travels in the description or is pinned out of band; the
 * certificate's subject and validity mean nothing to Floe.
 *
 * <p>Immutable, for any thread.
 */
public final class PeerIdentity {

    private final X509Certificate certificate;
    private final PrivateKey privateKey;
    private final String fingerprint;

    PeerIdentity(X509Certificate certificate, PrivateKey privateKey) {
        this.certificate = certificate;
        this.privateKey = privateKey;
        this.fingerprint = fingerprint(certificate);
    }

    /**
     * Makes a new identity, held in memory only: subject and issuer {@code CN=floe}, a random serial number, valid from
     * a day ago (clocks differ) for twenty years.
     *
     * @return the new identity
     */
    public static PeerIdentity generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            return new PeerIdentity(IdentityFile.certificate(SelfSignedCertificate.encoded(keys)), keys.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make an ECDSA P-256 certificate", e);
        }
    }

    /**
     * Reads an identity that {@link #loadOrCreate} has written, or any PEM file with one PKCS#8 EC private key and its
     * certificate.
     *
     * @param file in PEM
     * @return the identity in it
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read or holds something else; the message names the file
     */
    public static PeerIdentity load(Path file) throws IOException {
        return IdentityFile.read(file);
    }

    /**
     * Reads the identity in the file, or makes one and writes it there, readable by its owner only. Processes that do
     * so at the same time all end with the same identity.
     *
     * @param file in PEM, which need not be there
     * @return the identity in it
     * @throws IOException as {@link #load}, or if the file cannot be written; a file that is there is never replaced
     */
    public static PeerIdentity loadOrCreate(Path file) throws IOException {
        try {
            return IdentityFile.read(file);
        } catch (NoSuchFileException e) {
            IdentityFile.create(file, generate());
            return IdentityFile.read(file);
        }
    }

    /**
     * {@return where a user's identity is kept: {@code floe/identity.pem} in the platform's folder for configuration}
     */
    public static Path defaultPath() {
        return IdentityFile.defaultPath(
                System.getProperty("os.name"), System.getenv(), System.getProperty("user.home"));
    }

    /** {@return the self-signed certificate that this peer presents} */
    public X509Certificate certificate() {
        return certificate;
    }

    /** {@return the certificate's private key} */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** {@return the SHA-256 of this peer's certificate: 64 lower-case hexadecimal digits} */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * {@return the SHA-256 of a certificate's DER encoding: 64 lower-case hexadecimal digits}
     *
     * @param certificate any
     */
    public static String fingerprint(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("certificate without a DER encoding", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The canonical form of a SHA-256 fingerprint as people paste it: upper or lower case, with or without a colon
     * between the bytes, blanks around it.
     *
     * @param text what somebody has pasted
     * @return 64 lower-case hexadecimal digits
     * @throws IllegalArgumentException if it is none
     */
    public static String parseFingerprint(String text) {
        String hex = text.strip().replace(":", "").toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "not a SHA-256 fingerprint: expected 64 hexadecimal digits, colons allowed, got "
                            + text.strip().length() + " characters");
        }
        return hex;
    }

    /** Holds only what is safe to print: the private key is not in it. */
    @Override
    public String toString() {
        return "PeerIdentity[" + fingerprint + "]";
    }
}
