package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ALICE;
import static dev.floe.quic.LoopbackPeers.BOB;
import static dev.floe.quic.LoopbackPeers.MALLORY;
import static dev.floe.quic.LoopbackPeers.ask;
import static dev.floe.quic.LoopbackPeers.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.TrickleExchange;
import dev.floe.testing.NioLoops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PeerPortLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoopGroup loops = NioLoops.create(2);
    private PeerPort port;

    /** One connection through the port, seen from both sides. */
    private record Met(Future<QuicChannel> offered, Future<QuicChannel> answered) {

        QuicChannel server() throws Exception {
            return offered.get(20, TimeUnit.SECONDS);
        }

        QuicChannel client() throws Exception {
            return answered.get(20, TimeUnit.SECONDS);
        }
    }

    @BeforeEach
    void bind() throws Exception {
        port = PeerPort.bind(config(ALICE).build()).get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(port.close().await(10, TimeUnit.SECONDS)).isTrue();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aHundredPeersAreMetAtOnePortAndEachIsToldApart() throws Exception {
        List<Met> all = new ArrayList<>();
        for (int peer = 0; peer < 100; peer++) {
            all.add(meet(new InMemoryExchange()));
            if (peer >= 10) {
                // On a machine that is busy, a hundred handshakes at once take each other's time.
                all.get(peer - 10).client();
            }
        }

        for (int peer = 0; peer < all.size(); peer++) {
            assertThat(ask(all.get(peer).client(), "Hello " + peer)).isEqualTo("Hello " + peer);
            assertThat(all.get(peer).server().parent().localAddress()).isEqualTo(port.localAddress());
        }
    }

    @Test
    void peersMayTrickle() throws Exception {
        InMemoryTrickle signaling = new InMemoryTrickle();
        Future<QuicChannel> offered = port.offer(signaling::offer);
        Future<QuicChannel> answered =
                PeerConnection.answer(config(BOB).earlyStart(true).build(), signaling::answer);

        assertThat(ask(answered.get(20, TimeUnit.SECONDS), "Hello!")).isEqualTo("Hello!");
        assertThat(offered.get(20, TimeUnit.SECONDS).isActive()).isTrue();
    }

    @Test
    void refusedPeerIsNoMatterOfTheOthers() throws Exception {
        Met before = meet(new InMemoryExchange());
        before.client();
        Met refused = meet(new InMemoryExchange()
                .altering(description -> description.fingerprint().equals(BOB.fingerprint())
                        ? description.withFingerprint(MALLORY.fingerprint())
                        : description));
        Met after = meet(new InMemoryExchange());

        assertThat(refused.offered.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(refused.offered.cause()).isInstanceOf(FingerprintMismatchException.class);
        assertThat(ask(before.client(), "one")).isEqualTo("one");
        assertThat(ask(after.client(), "two")).isEqualTo("two");
    }

    @Test
    void eachPeerMayHaveAConfigurationOfItsOwn() throws Exception {
        LoopbackPeers.Observer observer = new LoopbackPeers.Observer();
        InMemoryExchange signaling = new InMemoryExchange();
        PeerConfig other = config(MALLORY).observer(observer).alpn("other").build();
        Future<QuicChannel> offered = port.offer(other, TrickleExchange.half(signaling::offer));
        Future<QuicChannel> answered =
                PeerConnection.answer(config(BOB).alpn("other").build(), signaling::answer);

        assertThat(answered.get(20, TimeUnit.SECONDS).sslEngine().getSession().getPeerCertificates()[0])
                .isEqualTo(MALLORY.certificate());
        assertThat(observer.swap).succeedsWithin(SOON);
        assertThat(meet(new InMemoryExchange())
                        .client()
                        .sslEngine()
                        .getSession()
                        .getPeerCertificates()[0])
                .isEqualTo(ALICE.certificate());
        assertThat(offered.get(20, TimeUnit.SECONDS).isActive()).isTrue();
    }

    @Test
    void eitherSideMayRestartIceWhileTheOthersGoOn() throws Exception {
        Met met = meet(new InMemoryExchange());
        Met other = meet(new InMemoryExchange());
        ask(met.client(), "the control stream is there");

        assertThat(restarted(met.server())).isNotNull();
        assertThat(ask(met.client(), "one")).isEqualTo("one");
        assertThat(restarted(met.client())).isNotNull();
        assertThat(ask(met.client(), "two")).isEqualTo("two");
        assertThat(ask(other.client(), "three")).isEqualTo("three");
    }

    @Test
    void peerThatMovesIsFollowed() throws Exception {
        Rebinding nat = new Rebinding();
        InMemoryExchange signaling = new InMemoryExchange();
        Future<QuicChannel> offered = port.offer(signaling::offer);
        QuicChannel client = PeerConnection.answer(
                        config(BOB)
                                .bindAddress(ANY_PORT)
                                .ice(ice -> ice.socketInitializer(
                                        socket -> socket.pipeline().addFirst(nat)))
                                .build(),
                        signaling::answer)
                .get(20, TimeUnit.SECONDS);
        Met other = meet(new InMemoryExchange());
        assertThat(ask(client, "here")).isEqualTo("here");

        client.eventLoop().submit(nat::move).sync();

        assertThat(ask(client, "there")).isEqualTo("there");
        assertThat(ask(other.client(), "elsewhere")).isEqualTo("elsewhere");
        assertThat(offered.get(20, TimeUnit.SECONDS).isActive()).isTrue();
    }

    @Test
    void peersEndIsItsOwn() throws Exception {
        Met leaving = meet(new InMemoryExchange());
        Met staying = meet(new InMemoryExchange());
        ask(leaving.client(), "Hello!");
        PeerConnection server = PeerConnection.of(leaving.server());

        leaving.client().close();

        assertThat(server.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ask(staying.client(), "still here")).isEqualTo("still here");
        assertThat(port.closeFuture().isDone()).isFalse();
    }

    @Test
    void secondConnectionOfAPeerComesToNothingAndTheFirstLivesOn() throws Exception {
        Met met = meet(new InMemoryExchange());
        QuicChannel first = met.client();
        ask(first, "Hello!");

        Future<QuicChannel> second = QuicChannel.newBootstrap(first.parent())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1_000)
                .handler(new ChannelInboundHandlerAdapter())
                .localAddress(IcePathHandler.LOCAL_ADDRESS)
                .remoteAddress(IcePathHandler.REMOTE_ADDRESS)
                .connect();

        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.isSuccess()).isFalse();
        assertThat(ask(first, "Hello!")).isEqualTo("Hello!");
        assertThat(port.dropped()).isPositive();
    }

    @Test
    void closedPortEndsAllConnectionsAndTellsTheOtherSides() throws Exception {
        Met one = meet(new InMemoryExchange());
        Met two = meet(new InMemoryExchange());
        CompletableFuture<QuicConnectionCloseEvent> firstHears = next(one.answered, QuicConnectionCloseEvent.class);
        CompletableFuture<QuicConnectionCloseEvent> secondHears = next(two.answered, QuicConnectionCloseEvent.class);
        ask(one.client(), "Hello!");
        ask(two.client(), "Hello!");
        Channel channel = one.server().parent();
        Future<QuicChannel> waiting = port.offer(local -> ImmediateEventExecutor.INSTANCE.newPromise());

        assertThat(port.close().await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(firstHears).succeedsWithin(SOON);
        assertThat(secondHears).succeedsWithin(SOON);
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.cause()).isInstanceOf(ClosedChannelException.class);
        Future<QuicChannel> late = port.offer(new InMemoryExchange()::offer);
        assertThat(late.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(late.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(one.answered.getNow().closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(two.answered.getNow().closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(LoopbackPeers.hasTimer(channel)).isFalse();
    }

    @Test
    void addressInUseIsTheFailure() throws Exception {
        try (DatagramSocket other = new DatagramSocket(ANY_PORT)) {
            Future<PeerPort> second = PeerPort.bind(config(ALICE)
                    .bindAddress((InetSocketAddress) other.getLocalSocketAddress())
                    .build());

            assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(second.cause()).isInstanceOf(IOException.class).hasMessageContaining("cannot bind");
        }
    }

    @Test
    void strangersNoiseReachesNobody() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the noise: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Met met = meet(new InMemoryExchange());
        met.client();
        InetSocketAddress victim = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), port.localAddress().getPort());
        try (DatagramSocket stranger = new DatagramSocket()) {
            for (int i = 0; i < 500; i++) {
                byte[] noise = new byte[random.nextInt(1, 200)];
                random.nextBytes(noise);
                stranger.send(new DatagramPacket(noise, noise.length, victim));
            }
            assertThat(ask(met.client(), "Hello!")).isEqualTo("Hello!");
        }
        assertThat(port.dropped()).isPositive();
    }

    private Met meet(InMemoryExchange signaling) {
        return new Met(
                port.offer(signaling::offer), PeerConnection.answer(config(BOB).build(), signaling::answer));
    }

    private PeerConfig.Builder config(PeerIdentity identity) {
        return PeerConfig.builder(loops, identity).streamHandler(Echo::new);
    }

    private static CandidatePair restarted(QuicChannel connection) throws Exception {
        return PeerConnection.of(connection).restart().get(20, TimeUnit.SECONDS);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
