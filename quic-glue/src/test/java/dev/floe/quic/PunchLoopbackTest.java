package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two peers of one process that connect by hole punching. */
@Timeout(60)
class PunchLoopbackTest {

    private final LoopbackPeers peers = new LoopbackPeers();
    private final InMemoryTrickle signaling = new InMemoryTrickle();

    /** Stands behind a peer's ICE handler. */
    private static final class Observer extends ChannelInboundHandlerAdapter {
        final CompletableFuture<CandidatePair> nominated = new CompletableFuture<>();
        final CompletableFuture<PunchEvent.AddressesHeard> heard = new CompletableFuture<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.PairNominated pair) {
                nominated.complete(pair.pair());
            } else if (event instanceof PunchEvent.AddressesHeard addresses) {
                heard.complete(addresses);
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    @AfterEach
    void close() {
        peers.close();
    }

    @Test
    void handshakeIsTheCheckAndIceTakesOverAfterIt() throws Exception {
        Observer alice = new Observer();
        Observer bob = new Observer();
        peers.alice.method(ConnectMethod.PUNCH).observer(alice);
        peers.bob.method(ConnectMethod.PUNCH).observer(bob);
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), signaling::offer);
        Future<QuicChannel> answered = PeerConnection.answer(peers.bob.build(), signaling::answer);

        QuicChannel bobs = answered.get(20, TimeUnit.SECONDS);
        assertThat(LoopbackPeers.ask(bobs, "Hello!")).isEqualTo("Hello!");
        QuicChannel alices = offered.get(20, TimeUnit.SECONDS);
        assertThat(alices.sslEngine().getUseClientMode()).isFalse();
        assertThat(bobs.sslEngine().getUseClientMode()).isTrue();
        assertThat(alice.heard.get(5, TimeUnit.SECONDS).number()).isEqualTo(1);
        assertThat(alice.nominated.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(bob.nominated.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(LoopbackPeers.ask(bobs, "Still there?")).isEqualTo("Still there?");
        bobs.close().sync();
        alices.closeFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void peersThatConnectByDifferentMethodsAreToldSo() throws Exception {
        peers.alice.method(ConnectMethod.PUNCH);
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), signaling::offer);
        Future<QuicChannel> answered = PeerConnection.answer(peers.bob.build(), signaling::answer);

        assertThat(offered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(offered.cause()).isInstanceOf(MethodMismatchException.class).hasMessageContaining("'ice'");
        assertThat(answered.cause()).isInstanceOf(MethodMismatchException.class).hasMessageContaining("'punch'");
    }

    @Test
    void signalingThatCarriesNoWordsIsSaidToBeOfNoUse() throws Exception {
        peers.alice.method(ConnectMethod.PUNCH);
        peers.bob.method(ConnectMethod.PUNCH);
        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();

        assertThat(offered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(offered.cause())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("signaling");
        answered.cancel(false);
    }

    @Test
    void whoeverAcceptsStrangersCannotDoWithoutIce() throws Exception {
        peers.alice.method(ConnectMethod.PUNCH).trust(PeerTrust.none());
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), signaling::offer);

        assertThat(offered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(offered.cause()).isInstanceOf(IllegalStateException.class).hasMessageContaining("fingerprints");
    }

    /** Long before the last attempt would be over. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void certificateThatIsNotTheExpectedOneIsRefusedAndEndsTheAttempts(boolean isServers) throws Exception {
        PeerTrust trust = PeerTrust.fingerprint(LoopbackPeers.MALLORY.fingerprint());
        (isServers ? peers.bob : peers.alice).trust(trust);
        peers.alice.method(ConnectMethod.PUNCH);
        peers.bob.method(ConnectMethod.PUNCH);
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), signaling::offer);
        Future<QuicChannel> answered = PeerConnection.answer(peers.bob.build(), signaling::answer);
        Future<QuicChannel> refusing = isServers ? answered : offered;

        assertThat(refusing.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(refusing.cause()).isInstanceOf(FingerprintMismatchException.class);
        offered.cancel(false);
        answered.cancel(false);
    }
}
