package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class QuicTlsLoopbackTest {

    private static final String ALPN = "floe";
    private static final Duration SOON = Duration.ofSeconds(10);

    private static PeerIdentity alice;
    private static PeerIdentity bob;
    private static TestAuthority authority;
    private static TestAuthority.Server rsaServer;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeIdentities() throws Exception {
        alice = PeerIdentity.generate();
        bob = PeerIdentity.generate();
        authority = new TestAuthority("private CA");
        rsaServer = authority.rsaServer();
    }

    @Test
    void peersWithPinnedCertificatesAuthenticateEachOther() throws Exception {
        QuicTls client = QuicTls.forClient(alice, pin(bob), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, pin(alice), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            QuicChannel connected = quic.connect().sync().getNow();
            assertThat(quic.echo(connected, "Hello!")).isEqualTo("Hello!");
            assertThat(peerCertificate(connected)).isEqualTo(bob.certificate());
            assertThat(quic.server.active)
                    .succeedsWithin(SOON)
                    .satisfies(accepted -> assertThat(peerCertificate(accepted)).isEqualTo(alice.certificate()));
        }
        assertThat(client.refusal()).isEmpty();
        assertThat(server.refusal()).isEmpty();
    }

    @Test
    void clientRefusesAServerWithAnotherFingerprint() throws Exception {
        QuicTls client = QuicTls.forClient(alice, pin(alice), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, pin(alice), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            assertRefusedByClient(quic);
            assertThat(quic.server.active).isNotDone();
        }
        assertMismatch(client, alice, bob);
        assertThat(server.refusal()).isEmpty();
    }

    @Test
    void serverRefusesAClientWithAnotherFingerprint() throws Exception {
        QuicTls client = QuicTls.forClient(alice, pin(bob), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, pin(bob), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            assertRefusedByServer(quic);
        }
        assertMismatch(server, bob, alice);
        assertThat(client.refusal()).isEmpty();
    }

    @Test
    void serverThatExpectsAFingerprintRefusesAClientWithoutCertificate() throws Exception {
        QuicTls server = QuicTls.forServer(bob, pin(alice), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(anonymousClient(), server.context())) {
            assertRefusedByServer(quic);
        }
        assertThat(server.refusal()).isEmpty();
    }

    @Test
    void rsaServerOfThePrivateCaIsAccepted() throws Exception {
        QuicTls client = QuicTls.forClient(alice, PeerTrust.ca(List.of(authority.certificate())), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), foreignServer(rsaServer))) {
            QuicChannel connected = quic.connect().sync().getNow();
            assertThat(quic.echo(connected, "Hello!")).isEqualTo("Hello!");
            assertThat(peerCertificate(connected)).isEqualTo(rsaServer.certificate());
        }
    }

    @Test
    void rsaServerIsRefusedByAnotherCaOfTheSameName() throws Exception {
        TestAuthority namesake = new TestAuthority("private CA");
        QuicTls client = QuicTls.forClient(alice, PeerTrust.ca(List.of(namesake.certificate())), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), foreignServer(rsaServer))) {
            assertRefusedByClient(quic);
        }
        assertThat(client.refusal()).containsInstanceOf(CertificateException.class);
    }

    @Test
    void expiredServerOfThePrivateCaIsRefused() throws Exception {
        QuicTls client = QuicTls.forClient(alice, PeerTrust.ca(List.of(authority.certificate())), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), foreignServer(authority.expiredServer()))) {
            assertRefusedByClient(quic);
        }
        assertThat(client.refusal()).isPresent();
    }

    @Test
    void selfSignedServerIsRefusedByACa() throws Exception {
        QuicTls client = QuicTls.forClient(alice, PeerTrust.ca(List.of(authority.certificate())), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, PeerTrust.none(), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            assertRefusedByClient(quic);
        }
    }

    @Test
    void fingerprintIsThatOfTheServersOwnCertificateWhoeverSignedIt() throws Exception {
        QuicTls accepting = QuicTls.forClient(
                alice, PeerTrust.fingerprint(PeerIdentity.fingerprint(rsaServer.certificate())), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(accepting.context(), foreignServer(rsaServer))) {
            quic.connect().sync();
        }
        QuicTls refusing = QuicTls.forClient(
                alice, PeerTrust.fingerprint(PeerIdentity.fingerprint(authority.certificate())), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(refusing.context(), foreignServer(rsaServer))) {
            assertRefusedByClient(quic);
        }
        assertThat(refusing.refusal()).containsInstanceOf(FingerprintMismatchException.class);
    }

    @Test
    void serverThatTrustsACaLetsInAClientWithoutCertificate() throws Exception {
        PeerTrust ca = PeerTrust.ca(List.of(authority.certificate()));
        assertConnects(
                anonymousClient(), QuicTls.forServer(bob, ca, ALPN, List.of()).context());
    }

    @Test
    void peersThatAskForNoAuthenticationConnect() throws Exception {
        QuicTls client = QuicTls.forClient(alice, PeerTrust.none(), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, PeerTrust.none(), ALPN, List.of());
        assertConnects(client.context(), server.context());
        assertConnects(
                anonymousClient(),
                QuicTls.forServer(bob, PeerTrust.none(), ALPN, List.of()).context());
    }

    @Test
    void clientIsConnectedWithTheServersFirstFlight() throws Exception {
        QuicTls client = QuicTls.forClient(alice, pin(bob), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, pin(alice), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            AtomicBoolean first = new AtomicBoolean(true);
            quic.filterToClient(datagram -> first.getAndSet(false));
            assertThat(quic.connect()).succeedsWithin(SOON);
        }
    }

    @Test
    void serverIsConnectedWithTheClientsFinished() throws Exception {
        QuicTls client = QuicTls.forClient(alice, pin(bob), ALPN, List.of());
        QuicTls server = QuicTls.forServer(bob, pin(alice), ALPN, List.of());
        try (QuicLoopback quic = new QuicLoopback(client.context(), server.context())) {
            AtomicBoolean finished = new AtomicBoolean();
            quic.filterToServer(datagram -> isHandshake(datagram) ? !finished.getAndSet(true) : !finished.get());
            quic.connect().sync();
            assertThat(quic.server.active).succeedsWithin(SOON);
        }
    }

    @Test
    void caFileMayHoldSeveralCertificates() throws Exception {
        Path file = folder.resolve("ca.pem");
        Files.writeString(file, pem(bob.certificate()) + pem(authority.certificate()));
        QuicTls client = QuicTls.forClient(alice, PeerTrust.ca(file), ALPN, List.of());
        assertConnects(client.context(), foreignServer(rsaServer));
    }

    @Test
    void caWithoutCertificatesIsRefused() throws Exception {
        Path file = folder.resolve("ca.pem");
        Files.writeString(file, "");
        assertThatIOException().isThrownBy(() -> PeerTrust.ca(file)).withMessageContaining(file.toString());
        Files.writeString(file, "no certificate");
        assertThatIOException().isThrownBy(() -> PeerTrust.ca(file)).withMessageContaining(file.toString());
        assertThatIllegalArgumentException().isThrownBy(() -> PeerTrust.ca(List.of()));
    }

    private static void assertConnects(QuicSslContext client, QuicSslContext server) throws Exception {
        try (QuicLoopback quic = new QuicLoopback(client, server)) {
            assertThat(quic.echo(quic.connect().sync().getNow(), "Hello!")).isEqualTo("Hello!");
        }
    }

    /** The client's connect fails, and the server learns why. */
    private static void assertRefusedByClient(QuicLoopback quic) {
        assertThat(quic.connect())
                .failsWithin(SOON)
                .withThrowableThat()
                .withCauseInstanceOf(SSLHandshakeException.class);
        assertThat(quic.server.closedByPeer).succeedsWithin(SOON).matches(QuicTls::isRefusalByPeer);
    }

    /** The server never becomes active; the client is connected at first, and then learns why it is not. */
    private static void assertRefusedByServer(QuicLoopback quic) throws Exception {
        quic.connect().sync();
        assertThat(quic.server.active)
                .failsWithin(SOON)
                .withThrowableThat()
                .withCauseInstanceOf(SSLHandshakeException.class);
        assertThat(quic.client.closedByPeer).succeedsWithin(SOON).matches(QuicTls::isRefusalByPeer);
    }

    private static void assertMismatch(QuicTls refusing, PeerIdentity expected, PeerIdentity actual) {
        assertThat(refusing.refusal()).get().isInstanceOfSatisfying(FingerprintMismatchException.class, mismatch -> {
            assertThat(mismatch.expected()).isEqualTo(expected.fingerprint());
            assertThat(mismatch.actual()).isEqualTo(actual.fingerprint());
            assertThat(mismatch).hasMessageContainingAll(expected.fingerprint(), actual.fingerprint());
        });
    }

    private static PeerTrust pin(PeerIdentity identity) {
        return PeerTrust.fingerprint(identity.fingerprint());
    }

    private static QuicSslContext anonymousClient() {
        return QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(ALPN)
                .build();
    }

    private static QuicSslContext foreignServer(TestAuthority.Server server) {
        return QuicSslContextBuilder.forServer(server.key(), null, server.certificate())
                .applicationProtocols(ALPN)
                .build();
    }

    private static Certificate peerCertificate(QuicChannel channel) throws Exception {
        return channel.sslEngine().getSession().getPeerCertificates()[0];
    }

    /** RFC 9000 §17.2: a long header of type 2. */
    private static boolean isHandshake(ByteBuf datagram) {
        return (datagram.getUnsignedByte(datagram.readerIndex()) & 0xB0) == 0xA0;
    }

    private static String pem(Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
