package dev.floe.quic;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A private CA, as somebody would make one with openssl for a QUIC server that is not Floe. */
final class TestAuthority {

    /** A server's private key and the certificate that the CA has signed. */
    record Server(PrivateKey key, X509Certificate certificate) {}

    private static final Duration DAY = Duration.ofDays(1);

    private final KeyPair keys = rsa();
    private final X500Name name;
    private final X509Certificate certificate;

    TestAuthority(String name) throws Exception {
        this.name = new X500Name("CN=" + name);
        this.certificate = sign(this.name, keys, true, Instant.now().plus(DAY));
    }

    X509Certificate certificate() {
        return certificate;
    }

    Server rsaServer() throws Exception {
        return server(Instant.now().plus(DAY));
    }

    Server expiredServer() throws Exception {
        return server(Instant.now().minusSeconds(60));
    }

    private Server server(Instant until) throws Exception {
        KeyPair serverKeys = rsa();
        return new Server(serverKeys.getPrivate(), sign(new X500Name("CN=server"), serverKeys, false, until));
    }

    private X509Certificate sign(X500Name subject, KeyPair subjectKeys, boolean ca, Instant until) throws Exception {
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(System.identityHashCode(subjectKeys)),
                        Date.from(Instant.now().minus(DAY)),
                        Date.from(until),
                        subject,
                        subjectKeys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(ca))
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))
                .getEncoded();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
