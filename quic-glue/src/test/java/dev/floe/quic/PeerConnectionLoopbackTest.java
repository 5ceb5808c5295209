package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ask;
import static dev.floe.quic.LoopbackPeers.hasTimer;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PeerConnectionLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LoopbackPeers peers = new LoopbackPeers();

    @AfterEach
    void stop() {
        peers.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoPeersConnectAndEchoWithAndWithoutEarlyStart(boolean isEarly) throws Exception {
        peers.alice.earlyStart(isEarly);
        peers.bob.earlyStart(isEarly);

        Future<QuicChannel> offered = peers.offer();
        QuicChannel client = connected(peers.answer());

        assertThat(connected(offered).isActive()).isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void peersConnectThoughEveryCandidateTricklesIn() throws Exception {
        InMemoryTrickle signaling = new InMemoryTrickle();
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), signaling::offer);
        QuicChannel client = connected(PeerConnection.answer(peers.bob.build(), signaling::answer));

        assertThat(connected(offered).isActive()).isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void trickleThatCannotBeginFailsTheConnection() throws Exception {
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), (local, theirs) -> {
            throw new IllegalStateException("no signaling");
        });

        assertFails(offered, IllegalStateException.class, "no signaling");
        assertClosed(peers.alicesObserver);
    }

    @Test
    void bothCompleteOnTheEventLoopOfTheirDatagramChannel() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        CompletableFuture<Boolean> isOnLoop = new CompletableFuture<>();
        offered.addListener((Future<QuicChannel> done) ->
                isOnLoop.complete(done.getNow().parent().eventLoop().inEventLoop()));

        connected(peers.answer());

        assertThat(isOnLoop).succeedsWithin(SOON).isEqualTo(true);
    }

    @Test
    void nothingWaitsForTheCommonPool() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
            ForkJoinPool.commonPool().submit(() -> released.await(30, TimeUnit.SECONDS));
        }
        try {
            peers.offer();

            assertThat(ask(connected(peers.answer()), "Hello!")).isEqualTo("Hello!");
        } finally {
            released.countDown();
        }
    }

    @Test
    void unreachableStunServersHoldUpGatheringForAShortWhileOnly() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            peers.bob.stunServers(List.of(
                    (InetSocketAddress) silent.getLocalSocketAddress(),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 9),
                    InetSocketAddress.createUnresolved("nobody.invalid", 3478)));
            peers.offer();

            assertThat(ask(connected(peers.answer()), "Hello!")).isEqualTo("Hello!");
        }
    }

    @Test
    void peerThatNeverComesTimesOut() throws Exception {
        peers.alice.timeout(Duration.ofMillis(300));

        assertFails(peers.offer(), TimeoutException.class, "not connected in time");

        assertClosed(peers.alicesObserver);
    }

    @Test
    void clientThatNeverBeginsTimesOut() throws Exception {
        peers.alice.timeout(Duration.ofSeconds(1));
        Future<QuicChannel> offered = peers.offer();
        peers.bobsObserver.channel.thenAccept(channel -> channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                // ICE goes on, the swap never comes.
            }
        }));
        peers.answer();

        assertFails(offered, TimeoutException.class, "not connected in time");
        assertClosed(peers.alicesObserver);
    }

    @Test
    void exchangeThatFailsIsTheFailure() throws Exception {
        IOException failure = new IOException("signaling is down");

        Future<QuicChannel> offered = PeerConnection.offer(
                peers.alice.build(), local -> GlobalEventExecutor.INSTANCE.newFailedFuture(failure));

        assertThat(offered.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(offered.cause()).isSameAs(failure);
        assertClosed(peers.alicesObserver);
    }

    @Test
    void exchangeThatThrowsIsTheFailure() throws Exception {
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), local -> {
            throw new IllegalStateException("signaling is not connected");
        });

        assertFails(offered, IllegalStateException.class, "signaling is not connected");
        assertClosed(peers.alicesObserver);
    }

    @Test
    void addressInUseIsTheFailure() throws Exception {
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            peers.alice.bindAddress((InetSocketAddress) other.getLocalSocketAddress());

            assertFails(peers.offer(), IOException.class, "cannot bind");
        }
    }

    @Test
    void cancelledFutureClosesTheChannel() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        Channel channel = peers.alicesObserver.channel.get(10, TimeUnit.SECONDS);

        assertThat(offered.cancel(false)).isTrue();

        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(hasTimer(channel)).isFalse();
    }

    @Test
    void channelClosedByOthersIsAFailureAndNoCancellation() throws Exception {
        Future<QuicChannel> offered =
                PeerConnection.offer(peers.alice.build(), local -> ImmediateEventExecutor.INSTANCE.newPromise());
        Channel channel = peers.alicesObserver.channel.get(10, TimeUnit.SECONDS);

        channel.close();

        assertThat(offered.await(15, TimeUnit.SECONDS)).isTrue();
        assertThat(offered.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(offered.isCancelled()).isFalse();
    }

    @Test
    void secondConnectionOnTheSameChannelIsRefusedAndTheFirstLivesOn() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        QuicChannel first = connected(peers.answer());
        connected(offered);

        Future<QuicChannel> second = QuicChannel.newBootstrap(first.parent())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1_000)
                .handler(new ChannelInboundHandlerAdapter())
                .localAddress(IcePathHandler.LOCAL_ADDRESS)
                .remoteAddress(IcePathHandler.REMOTE_ADDRESS)
                .connect();

        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.isSuccess()).isFalse();
        assertThat(connected(offered).isActive()).isTrue();
        assertThat(ask(first, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void alpnMismatchFailsBothSides() throws Exception {
        peers.alice.alpn("floe");
        peers.bob.alpn("another");

        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();

        assertFails(offered, SSLHandshakeException.class, "NO_APPLICATION_PROTOCOL");
        assertFails(answered, PeerRefusedException.class, "does not speak this side's application protocol");
        assertClosed(peers.alicesObserver);
        assertClosed(peers.bobsObserver);
    }

    private static QuicChannel connected(Future<QuicChannel> future) throws Exception {
        return future.get(15, TimeUnit.SECONDS);
    }

    private static void assertFails(Future<?> future, Class<? extends Throwable> kind, String message)
            throws InterruptedException {
        assertThat(future.await(15, TimeUnit.SECONDS)).isTrue();
        assertThat(future.cause()).isInstanceOf(kind).hasMessageContaining(message);
    }

    private static void assertClosed(LoopbackPeers.Observer observer) throws Exception {
        Channel channel = observer.channel.get(10, TimeUnit.SECONDS);
        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(hasTimer(channel)).isFalse();
    }
}
