package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ask;
import static dev.floe.quic.LoopbackPeers.hasTimer;
import static dev.floe.quic.LoopbackPeers.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceState;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.concurrent.Future;
import java.lang.reflect.Field;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a connection ends, and what keeps one that has ended on the other side from living on. */
@Timeout(60)
class PeerConnectionEndLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LoopbackPeers peers = new LoopbackPeers();

    @AfterEach
    void stop() {
        peers.close();
    }

    @Test
    void closingTheConnectionFreesThePortAndLeavesNoTimer() throws Exception {
        peers.alice.bindAddress(new InetSocketAddress(0));
        Future<QuicChannel> offered = peers.offer();
        QuicChannel client = connected(peers.answer());
        QuicChannel server = connected(offered);
        InetSocketAddress port = (InetSocketAddress) client.parent().localAddress();

        client.close().await(10, TimeUnit.SECONDS);

        assertThat(client.parent().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(server.parent().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(hasTimer(client)).isFalse();
        assertThat(hasTimer(server)).isFalse();
        assertThat(becomesFree(port, client.eventLoop())).isTrue();
    }

    /** The system frees the port when the event loop's selector next looks at its keys, not at once. */
    private static boolean becomesFree(InetSocketAddress port, EventLoop loop) throws Exception {
        for (int attempt = 0; attempt < 100; attempt++) {
            try (DatagramSocket again = new DatagramSocket(port)) {
                return again.isBound();
            } catch (BindException e) {
                loop.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).get();
            }
        }
        return false;
    }

    @Test
    void otherSideLearnsOfACloseAndOfItsReason() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        CompletableFuture<QuicConnectionCloseEvent> closed = next(offered, QuicConnectionCloseEvent.class);
        QuicChannel client = connected(peers.answer());
        connected(offered);

        client.close(true, 7, Unpooled.wrappedBuffer(new byte[] {'b', 'y', 'e'}));

        assertThat(closed).succeedsWithin(SOON).satisfies(close -> {
            assertThat(close.isApplicationClose()).isTrue();
            assertThat(close.error()).isEqualTo(7);
            assertThat(LoopbackPeers.reason(close)).isEqualTo("bye");
        });
    }

    @Test
    void otherSideLearnsOfACloseFromWithinAReadComplete() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        offered.addListener(
                (Future<QuicChannel> done) -> done.getNow().pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelReadComplete(ChannelHandlerContext ctx) {
                        ctx.close();
                    }
                }));
        Future<QuicChannel> answered = peers.answer();
        CompletableFuture<QuicConnectionCloseEvent> closed = next(answered, QuicConnectionCloseEvent.class);

        // What is read first is the control stream.
        connected(answered);

        assertThat(closed).succeedsWithin(SOON);
    }

    @Test
    void closingTheDatagramChannelClosesTheConnection() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        QuicChannel client = connected(peers.answer());
        connected(offered);

        client.parent().close();

        assertThat(client.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(hasTimer(client)).isFalse();
    }

    @Test
    void lossOfConsentClosesTheConnectionTellsWhyAndSendsNothingMore() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();
        CompletableFuture<QuicConnectionCloseEvent> toldToServer = next(offered, QuicConnectionCloseEvent.class);
        CompletableFuture<IceEvent.SessionFailed> toldToClient = next(answered, IceEvent.SessionFailed.class);
        QuicChannel client = connected(answered);
        connected(offered);

        age(client, Duration.ofSeconds(31));

        assertThat(toldToClient)
                .succeedsWithin(SOON)
                .extracting(IceEvent.SessionFailed::reason)
                .isEqualTo(IceEvent.SessionFailed.Reason.CONSENT_EXPIRED);
        assertThat(client.parent().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        // RFC 7675 §5.1: the other side finds out by itself.
        assertThat(toldToServer).isNotDone();
    }

    @Test
    void bothSidesSayWhyWhenConsentExpiresAndNothingIsLeft() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();
        CompletableFuture<IceEvent.SessionFailed> toldToServer = next(offered, IceEvent.SessionFailed.class);
        CompletableFuture<IceEvent.SessionFailed> toldToClient = next(answered, IceEvent.SessionFailed.class);
        QuicChannel client = connected(answered);
        QuicChannel server = connected(offered);
        ControlStreams.awaitEstablished(client);
        ControlStreams.awaitEstablished(server);
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");

        age(client, Duration.ofSeconds(31));
        assertThat(client.parent().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        age(server, Duration.ofSeconds(31));
        assertThat(server.parent().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();

        for (CompletableFuture<IceEvent.SessionFailed> told : List.of(toldToServer, toldToClient)) {
            assertThat(told)
                    .succeedsWithin(SOON)
                    .extracting(IceEvent.SessionFailed::reason)
                    .isEqualTo(IceEvent.SessionFailed.Reason.CONSENT_EXPIRED);
        }
        for (QuicChannel side : List.of(client, server)) {
            assertThat(side.isOpen()).isFalse();
            awaitTeardown(side);
            assertThat(side.parent().pipeline().get(IcePathHandler.class)).isNull();
            assertThat(hasTimer(side)).isFalse();
        }
    }

    @Test
    void peersWithConsentNeedNoIdleTimeout() throws Exception {
        Future<QuicChannel> offered = peers.offer();

        assertThat(connected(peers.answer()).peerTransportParameters().maxIdleTimeout())
                .isZero();
        assertThat(connected(offered).peerTransportParameters().maxIdleTimeout())
                .isZero();
    }

    @Test
    void peerWithoutOptionsGetsAnIdleTimeoutInPlaceOfConsent() throws Exception {
        peers.signaling.altering(description -> new IceDescription(
                description.credentials(), description.fingerprint(), Set.of(), description.candidates()));
        Future<QuicChannel> offered = peers.offer();
        QuicChannel client = connected(peers.answer());
        QuicChannel server = connected(offered);
        assertThat(client.peerTransportParameters().maxIdleTimeout()).isEqualTo(30_000);
        assertThat(server.peerTransportParameters().maxIdleTimeout()).isEqualTo(30_000);

        age(client, Duration.ofMinutes(10));

        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(client.parent().pipeline().get(IceHandler.class).state()).isEqualTo(IceState.COMPLETED);
    }

    /** A channel's handlers go a turn after its close has been told, which itself may be told a turn before that one. */
    private static void awaitTeardown(QuicChannel closed) throws Exception {
        for (int turn = 0; turn < 2; turn++) {
            closed.parent().eventLoop().submit(() -> {}).get(10, TimeUnit.SECONDS);
        }
    }

    /** Lets time pass for the connection's ICE session alone, and then a datagram come that makes it look at the clock. */
    private static void age(QuicChannel connection, Duration duration) throws Exception {
        IceHandler ice = connection.parent().pipeline().get(IceHandler.class);
        Field origin = IceHandler.class.getDeclaredField("originNanos");
        origin.setAccessible(true);
        byte[] keepalive = StunMessage.indication(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build()
                .toByteArray();
        Channel channel = connection.parent();
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        // In one turn, lest an answer that is under way comes in between and renews consent.
        channel.eventLoop()
                .submit(() -> {
                    origin.setLong(ice, origin.getLong(ice) - duration.toNanos());
                    channel.pipeline()
                            .fireChannelRead(new DatagramPacket(Unpooled.wrappedBuffer(keepalive), local, local));
                    return null;
                })
                .get(10, TimeUnit.SECONDS);
    }

    private static QuicChannel connected(Future<QuicChannel> future) throws Exception {
        return future.get(15, TimeUnit.SECONDS);
    }
}
