package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ALICE;
import static dev.floe.quic.LoopbackPeers.BOB;
import static dev.floe.quic.LoopbackPeers.MALLORY;
import static dev.floe.quic.LoopbackPeers.ask;
import static dev.floe.quic.LoopbackPeers.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.concurrent.Future;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let in, and what a hostile signaling server can do about it. */
@Timeout(60)
class PeerTrustLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(5);

    private final LoopbackPeers peers = new LoopbackPeers();

    @AfterEach
    void stop() {
        peers.close();
    }

    @Test
    void eachSideSeesTheCertificateThatTheOthersDescriptionNames() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        QuicChannel client = connected(peers.answer());

        assertThat(certificate(client)).isEqualTo(ALICE.certificate());
        assertThat(certificate(connected(offered))).isEqualTo(BOB.certificate());
    }

    @Test
    void serverWithAnotherCertificateThanDescribedIsRefused() throws Exception {
        peers.alterOffer(offer -> offer.withFingerprint(MALLORY.fingerprint()));

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();

        assertMismatch(answered, MALLORY, ALICE);
        assertThat(cause(offered))
                .isInstanceOfSatisfying(
                        PeerRefusedException.class,
                        refused -> assertThat(refused.isCertificateRefused()).isTrue());
    }

    @Test
    void clientWithAnotherCertificateThanDescribedIsRefused() throws Exception {
        peers.alterAnswer(answer -> answer.withFingerprint(MALLORY.fingerprint()));

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();
        CompletableFuture<QuicConnectionCloseEvent> closed = next(answered, QuicConnectionCloseEvent.class);

        assertMismatch(offered, MALLORY, BOB);
        assertConnectedAndThenRefused(answered, closed);
    }

    @Test
    void bothRefuseEachOtherIfBothDescriptionsAreForged() throws Exception {
        peers.signaling.altering(description -> description.withFingerprint(MALLORY.fingerprint()));

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();

        assertMismatch(answered, MALLORY, ALICE);
        assertThat(cause(offered)).isInstanceOf(PeerRefusedException.class);
    }

    @Test
    void pinnedFingerprintHoldsAgainstAnAlteredDescription() throws Exception {
        peers.alice.trust(PeerTrust.fingerprint(BOB.fingerprint()));
        peers.alterAnswer(answer -> answer.withFingerprint(MALLORY.fingerprint()));

        peers.offer();

        assertThat(ask(connected(peers.answer()), "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void pinnedFingerprintNeedsNoneInTheDescription() throws Exception {
        peers.alice.trust(PeerTrust.fingerprint(BOB.fingerprint()));
        peers.bob.trust(PeerTrust.fingerprint(ALICE.fingerprint()));
        peers.signaling.altering(PeerTrustLoopbackTest::withoutFingerprint);

        peers.offer();

        assertThat(ask(connected(peers.answer()), "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void pinnedClientIsRefusedIfItIsSomebodyElse() throws Exception {
        peers.alice.trust(PeerTrust.fingerprint(MALLORY.fingerprint()));
        peers.signaling.altering(PeerTrustLoopbackTest::withoutFingerprint);
        peers.bob.trust(PeerTrust.fingerprint(ALICE.fingerprint()));

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();
        CompletableFuture<QuicConnectionCloseEvent> closed = next(answered, QuicConnectionCloseEvent.class);

        assertMismatch(offered, MALLORY, BOB);
        assertConnectedAndThenRefused(answered, closed);
    }

    @Test
    void descriptionWithoutFingerprintIsRefusedByDefault() throws Exception {
        peers.signaling.altering(PeerTrustLoopbackTest::withoutFingerprint);

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();

        assertThat(cause(offered))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("names no certificate fingerprint");
        assertThat(cause(answered))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("names no certificate fingerprint");
    }

    @Test
    void descriptionWithoutFingerprintIsAcceptedByThoseWhoAskForNone() throws Exception {
        peers.alice.trust(PeerTrust.none());
        peers.bob.trust(PeerTrust.none());
        peers.signaling.altering(PeerTrustLoopbackTest::withoutFingerprint);

        peers.offer();

        assertThat(ask(connected(peers.answer()), "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void fingerprintInADescriptionHoldsEvenForThoseWhoAskForNone() throws Exception {
        peers.bob.trust(PeerTrust.none());
        peers.alterOffer(offer -> offer.withFingerprint(MALLORY.fingerprint()));

        peers.offer();

        assertMismatch(peers.answer(), MALLORY, ALICE);
    }

    /** A client stands as soon as it has sent its own certificate, so it hears of a refusal afterwards. */
    private static void assertConnectedAndThenRefused(
            Future<QuicChannel> answered, CompletableFuture<QuicConnectionCloseEvent> closed) throws Exception {
        assertThat(closed).succeedsWithin(SOON).matches(PeerRefusedException::isRefusal);
        assertThat(connected(answered).parent().closeFuture().await(5, TimeUnit.SECONDS))
                .isTrue();
    }

    private static void assertMismatch(Future<?> refusing, PeerIdentity expected, PeerIdentity actual)
            throws InterruptedException {
        assertThat(cause(refusing)).isInstanceOfSatisfying(FingerprintMismatchException.class, mismatch -> {
            assertThat(mismatch.expected()).isEqualTo(expected.fingerprint());
            assertThat(mismatch.actual()).isEqualTo(actual.fingerprint());
        });
    }

    private static Throwable cause(Future<?> future) throws InterruptedException {
        assertThat(future.await(5, TimeUnit.SECONDS)).isTrue();
        return future.cause();
    }

    private static QuicChannel connected(Future<QuicChannel> future) throws Exception {
        return future.get(15, TimeUnit.SECONDS);
    }

    private static Certificate certificate(QuicChannel channel) throws Exception {
        return channel.sslEngine().getSession().getPeerCertificates()[0];
    }

    private static IceDescription withoutFingerprint(IceDescription description) {
        return new IceDescription(description.credentials(), null, description.options(), description.candidates());
    }
}
