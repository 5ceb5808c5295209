package dev.floe.quic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The only class that needs Bouncy Castle, and is loaded only where an identity is made; the JDK makes the signature. */
final class SelfSignedCertificate {

    private static final X500Name NAME = new X500Name("CN=floe");
    private static final int SERIAL_BITS = 127;
    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final Duration VALIDITY = Duration.ofDays(20 * 365);

    private SelfSignedCertificate() {}

    /** The DER encoding of a new certificate for an EC key. */
    static byte[] encoded(KeyPair keys) {
        BigInteger serial = new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE);
        Instant from = Instant.now().minus(BACKDATED);
        Instant until = from.plus(VALIDITY);
        try {
            return new JcaX509v3CertificateBuilder(
                            NAME, serial, Date.from(from), Date.from(until), NAME, keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalArgumentException("not a key for ECDSA", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
