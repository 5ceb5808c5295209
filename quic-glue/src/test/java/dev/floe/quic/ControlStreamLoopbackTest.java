package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.TrickleExchange;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ControlStreamLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LoopbackPeers peers = new LoopbackPeers();

    private QuicChannel client;
    private QuicChannel server;

    @AfterEach
    void stop() {
        peers.close();
    }

    @Test
    void applicationsSeeTheirOwnStreamsAlone() throws Exception {
        Queue<Long> seenByListener = new ConcurrentLinkedQueue<>();
        Future<QuicChannel> offered = peers.offer();
        offered.addListener((Future<QuicChannel> done) -> done.getNow()
                .pipeline()
                .addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        seenByListener.add(((QuicStreamChannel) message).streamId());
                        ctx.fireChannelRead(message);
                    }
                }));
        client = peers.answer().get(15, TimeUnit.SECONDS);
        server = offered.get(15, TimeUnit.SECONDS);
        awaitEstablished();

        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(open(client).streamId()).isEqualTo(8);
        assertThat(open(server).streamId()).isEqualTo(1);
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");

        assertThat(seenByListener).containsExactly(4L, 12L);
    }

    @Test
    void peersThatDoNotBothOfferItHaveNone() throws Exception {
        peers.signaling.altering(description -> {
            Set<String> options = new LinkedHashSet<>(description.options());
            options.remove(IceDescription.CONTROL_STREAM);
            return new IceDescription(
                    description.credentials(), description.fingerprint(), options, description.candidates());
        });
        connect();

        assertThat(open(client).streamId()).isZero();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(PeerConnection.of(client).restart().await().cause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no control stream");
    }

    @Test
    void peerThatGoesByTheBookIsNotOfferedAny() throws Exception {
        peers.bob.ice(settings -> settings.options(Set.of()));
        connect();

        assertThat(ice(client).localDescription().options()).isEmpty();
        assertThat(open(client).streamId()).isZero();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void candidatesThatSignalingHoldsBackComeInBand() throws Exception {
        CompletableFuture<Candidate> told = new CompletableFuture<>();
        peers.alice.observer(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof IceEvent.RemoteCandidateAdded added
                        && added.candidate().type() == CandidateType.HOST) {
                    told.complete(added.candidate());
                }
                ctx.fireUserEventTriggered(event);
            }
        });
        peers.alterAnswer(description -> new IceDescription(
                description.credentials(), description.fingerprint(), description.options(), List.of()));
        connect();

        assertThat(told).succeedsWithin(SOON);
    }

    @ParameterizedTest
    @EnumSource(QuicRole.class)
    void eitherSideMayRestartAndTheConnectionGoesOn(QuicRole who) throws Exception {
        connect();
        awaitEstablished();
        String clientsFragment = fragment(client);
        String serversFragment = fragment(server);

        CandidatePair pair = PeerConnection.of(who == QuicRole.CLIENT ? client : server)
                .restart()
                .get(20, TimeUnit.SECONDS);

        assertThat(pair).isNotNull();
        assertThat(fragment(client)).isNotEqualTo(clientsFragment);
        assertThat(fragment(server)).isNotEqualTo(serversFragment);
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void restartsOfBothSidesAtOnceAreOne() throws Exception {
        connect();
        awaitEstablished();

        Future<CandidatePair> clients = PeerConnection.of(client).restart();
        Future<CandidatePair> servers = PeerConnection.of(server).restart();

        assertThat(clients.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(servers.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @ParameterizedTest
    @EnumSource(QuicRole.class)
    void malformedFrameEndsTheControlStreamAlone(QuicRole hostile) throws Exception {
        connect();
        awaitEstablished();
        QuicChannel from = hostile == QuicRole.CLIENT ? client : server;
        QuicChannel to = hostile == QuicRole.CLIENT ? server : client;

        ControlStreams.of(from).writeAndFlush(Unpooled.wrappedBuffer(new byte[] {9, 9, 9, 9}));

        assertThat(ControlStreams.of(to).closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(ControlStreams.of(from).closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(PeerConnection.of(client).restart().await().cause()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void framesOfAnotherTimeAreSkipped() throws Exception {
        connect();
        awaitEstablished();
        byte[] unknown = ByteBufUtil.decodeHexDump("01ee0003010203");
        for (QuicChannel side : List.of(client, server)) {
            ControlStreams.of(side)
                    .writeAndFlush(Unpooled.wrappedBuffer(unknown))
                    .await();
        }

        assertThat(PeerConnection.of(client).restart().get(20, TimeUnit.SECONDS))
                .isNotNull();
    }

    @Test
    void floodOverTheControlStreamEndsIt() throws Exception {
        connect();
        awaitEstablished();
        byte[] frame = new byte[4_100];
        frame[0] = 1;
        frame[1] = 99;
        frame[2] = 0x10;

        for (int i = 0; i < 64; i++) {
            ControlStreams.of(client).writeAndFlush(Unpooled.wrappedBuffer(frame));
        }

        assertThat(ControlStreams.of(server).closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void streamThatIsEndedByTheOtherSideIsEndedHere() throws Exception {
        connect();
        awaitEstablished();

        ControlStreams.of(client).close();

        assertThat(ControlStreams.of(server).closeFuture().await(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void restartsOfNobodyLeaveTheConnectionAsItIs() throws Exception {
        connect();
        awaitEstablished();
        for (int seed = 0; seed < 100; seed++) {
            IceCredentials nobodys = IceCredentials.random(new SplittableRandom(seed));
            ControlStreams.of(client).writeAndFlush(new ControlFrame.Description(nobodys, Set.of()));
        }

        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void changeOfTheNetworkReachesTheExchange() throws Exception {
        CountDownLatch told = new CountDownLatch(2);
        InMemoryTrickle signaling = new InMemoryTrickle();
        Future<QuicChannel> offered = PeerConnection.offer(
                peers.alice.build(), (local, theirs) -> new Listening(signaling.offer(local, theirs), told));
        client = PeerConnection.answer(peers.bob.build(), signaling::answer).get(15, TimeUnit.SECONDS);
        server = offered.get(15, TimeUnit.SECONDS);

        server.parent().pipeline().fireUserEventTriggered(new IceEvent.NetworkChanged());
        CandidatePair pair = server.eventLoop()
                .submit(() -> ice(server).selectedPair().orElseThrow())
                .get();
        server.parent().pipeline().fireUserEventTriggered(new IceEvent.PathLost(pair));

        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** An exchange that counts what it is told of the network, and throws at it. */
    private record Listening(TrickleExchange.Session session, CountDownLatch told) implements TrickleExchange.Session {
        @Override
        public Future<IceDescription> remote() {
            return session.remote();
        }

        @Override
        public void add(Candidate candidate) {
            session.add(candidate);
        }

        @Override
        public void end() {
            session.end();
        }

        @Override
        public void networkChanged() {
            told.countDown();
            throw new IllegalStateException("signaling has gone");
        }
    }

    private void connect() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        client = peers.answer().get(15, TimeUnit.SECONDS);
        server = offered.get(15, TimeUnit.SECONDS);
    }

    /** Both sides have heard the other's fresh credentials. */
    private void awaitEstablished() throws Exception {
        for (QuicChannel side : List.of(client, server)) {
            ControlStreams.awaitEstablished(side);
        }
    }

    private static QuicStreamChannel open(QuicChannel side) throws Exception {
        return side.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .get(10, TimeUnit.SECONDS);
    }

    private static String fragment(QuicChannel side) throws Exception {
        return side.eventLoop()
                .submit(() -> ice(side).localDescription().credentials().usernameFragment())
                .get(10, TimeUnit.SECONDS);
    }

    private static IceHandler ice(QuicChannel side) {
        return side.parent().pipeline().get(IceHandler.class);
    }
}
