package dev.floe.demo.seed;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A private CA with RSA keys, as one would make it with openssl for a QUIC server that is not Floe. */
final class PrivateAuthority {
    private static final X500Name NAME = new X500Name("CN=private authority");
    private static final Duration VALIDITY = Duration.ofDays(1);

    private final KeyPair keys;
    private final X509Certificate certificate;

    /** What a server presents. */
    record Server(PrivateKey key, X509Certificate certificate) {}

    PrivateAuthority() throws Exception {
        keys = rsa();
        certificate = sign(BigInteger.ONE, NAME, keys, true);
    }

    Server newServer() throws Exception {
        KeyPair server = rsa();
        return new Server(server.getPrivate(), sign(BigInteger.TWO, new X500Name("CN=server"), server, false));
    }

    /** Writes the CA's certificate as PEM. */
    Path writeTo(Path file) throws Exception {
        return writePem(file, certificate.getEncoded());
    }

    private X509Certificate sign(BigInteger serial, X500Name subject, KeyPair subjectKeys, boolean isAuthority)
            throws Exception {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                NAME,
                serial,
                Date.from(now.minus(VALIDITY)),
                Date.from(now.plus(VALIDITY)),
                subject,
                subjectKeys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate())));
    }

    private static Path writePem(Path file, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }
}
