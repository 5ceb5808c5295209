package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.stun.StunCodec;
import dev.floe.stun.StunServerHandler;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class IceHandlerLoopbackTest {

    private static final InetAddress LOOPBACK_ADDRESS = InetAddress.getLoopbackAddress();
    private static final String LOOPBACK = "127.0.0.1";

    private final EventLoop loop = NioLoops.create(1).next();
    private final IceHandler offerer = new IceHandler(config(IceRole.CONTROLLING));
    private final IceHandler answerer = new IceHandler(config(IceRole.CONTROLLED));

    private Witness witness;

    @BeforeEach
    void watch() {
        witness = new Witness((ctx, event) -> {});
    }

    @AfterEach
    void stop() {
        loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {LOOPBACK, "0.0.0.0"})
    void handlersThatExchangeDescriptionsConnect(String host) throws Exception {
        bind(host, offerer, witness);
        bind(host, answerer);
        exchange();

        CandidatePair ours = get(offerer.connected());
        CandidatePair theirs = get(answerer.connected());

        assertThat(ours.remoteAddress().getPort()).isEqualTo(theirs.base().getPort());
        assertThat(theirs.remoteAddress().getPort()).isEqualTo(ours.base().getPort());
        witness.await(new IceEvent.StateChanged(IceState.COMPLETED));
        assertThat(witness.failures).isEmpty();
        assertThat(witness.events)
                .filteredOn(event -> event instanceof IceEvent.StateChanged)
                .containsExactly(
                        new IceEvent.StateChanged(IceState.GATHERING),
                        new IceEvent.StateChanged(IceState.GATHERED),
                        new IceEvent.StateChanged(IceState.CHECKING),
                        new IceEvent.StateChanged(IceState.CONNECTED),
                        new IceEvent.StateChanged(IceState.COMPLETED));
    }

    @Test
    void handlersMayBeAddedToChannelsThatAreActive() throws Exception {
        Channel a = bind(LOOPBACK);
        Channel b = bind(LOOPBACK);
        a.pipeline().addLast(new StunCodec(), offerer);
        b.pipeline().addLast(new StunCodec(), answerer);
        loop.submit(() -> {}).sync();
        exchange();

        assertThat(get(offerer.connected()).remoteAddress()).isEqualTo(b.localAddress());
        assertThat(get(answerer.connected()).remoteAddress()).isEqualTo(a.localAddress());
    }

    @Test
    void handlersThatTrickleConnectWhileAServerIsStillWaitedFor() throws Exception {
        try (DatagramSocket silent = silentServer()) {
            IceConfig patient = config(
                    IceRole.CONTROLLING,
                    Duration.ofSeconds(30),
                    new InetSocketAddress(LOOPBACK_ADDRESS, silent.getLocalPort()));
            IceHandler trickling = new IceHandler(patient);
            bind(LOOPBACK, trickling, new Witness((ctx, event) -> trickle(event, answerer)));
            bind(LOOPBACK, answerer, new Witness((ctx, event) -> trickle(event, trickling)));
            answerer.setRemoteDescription(localDescription(trickling));
            trickling.setRemoteDescription(localDescription(answerer));
            Future<IceDescription> gathered = trickling.gather();
            answerer.gather();

            assertThat(get(trickling.connected()).base()).isNotNull();
            assertThat(get(answerer.connected()).base()).isNotNull();
            assertThat(gathered.isDone()).isFalse();
        }
    }

    @Test
    void restartEndsInANewPairAndThePairOfBeforeIsThereThroughout() throws Exception {
        Witness restarted = new Witness((ctx, event) -> {
            if (event instanceof IceEvent.Restarted) {
                answerer.gather()
                        .addListener((Future<IceDescription> all) -> offerer.setRemoteDescription(all.getNow()));
            } else if (event instanceof IceEvent.StateChanged) {
                assertThat(answerer.selectedPair().isPresent()
                                || !answerer.connected().isDone())
                        .isTrue();
            }
        });
        bind(LOOPBACK, offerer, witness);
        bind(LOOPBACK, answerer, restarted);
        exchange();
        get(offerer.connected());
        get(answerer.connected());
        witness.await(new IceEvent.StateChanged(IceState.COMPLETED));

        answerer.setRemoteDescription(get(offerer.restart()));

        witness.await(new IceEvent.StateChanged(IceState.COMPLETED));
        restarted.await(new IceEvent.StateChanged(IceState.COMPLETED));
        restarted.await(new IceEvent.StateChanged(IceState.COMPLETED));
        assertThat(restarted.failures).isEmpty();
    }

    @Test
    void restartOfASessionThatIsOverFails() throws Exception {
        Channel channel = bind(LOOPBACK, offerer, witness);
        get(offerer.gather());
        channel.close().sync();
        witness.await(new IceEvent.StateChanged(IceState.CLOSED));

        assertThatThrownBy(() -> get(offerer.restart())).hasCauseInstanceOf(IceException.class);
    }

    @Test
    void candidateBeforeTheDescriptionIsAnError() throws Exception {
        bind(LOOPBACK, offerer);
        Candidate candidate = nobody().candidates().get(0);

        assertThatThrownBy(() -> get(offerer.addRemoteCandidate(candidate)))
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> get(offerer.endOfRemoteCandidates())).hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void gatheringOnAChannelThatIsNotBoundSaysSo() throws Exception {
        Channel channel = bootstrap(new StunCodec(), offerer).register().sync().channel();

        assertThatThrownBy(() -> get(offerer.gather()))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not bound");
        channel.bind(new InetSocketAddress(LOOPBACK_ADDRESS, 0)).sync();
        assertThat(get(offerer.gather()).candidates()).hasSize(1);
    }

    @Test
    void whatIsNotStunPassesOn() throws Exception {
        Channel a = bind(LOOPBACK, offerer, witness);
        Channel b = bind(LOOPBACK);
        b.writeAndFlush(new DatagramPacket(
                        Unpooled.wrappedBuffer(new byte[] {0x40, 1, 2}), (InetSocketAddress) a.localAddress()))
                .sync();

        assertThat(witness.datagrams.poll(10, TimeUnit.SECONDS)).isEqualTo("400102");
    }

    @Test
    void removedHandlerEndsItsFuturesAndItsTimer() throws Exception {
        Channel channel = bind(LOOPBACK, offerer, witness);
        get(offerer.gather());
        offerer.setRemoteDescription(nobody());
        witness.await(new IceEvent.StateChanged(IceState.CHECKING));
        channel.pipeline().remove(offerer);

        assertEnded();
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void closedChannelEndsTheFuturesAndTheTimer() throws Exception {
        Channel channel = bind(LOOPBACK, offerer, witness);
        get(offerer.gather());
        offerer.setRemoteDescription(nobody());
        witness.await(new IceEvent.StateChanged(IceState.CHECKING));
        channel.close().sync();

        assertEnded();
    }

    @Test
    void channelThatIsClosedWhileGatheringFailsBothFutures() throws Exception {
        try (DatagramSocket silent = silentServer()) {
            IceHandler handler = new IceHandler(config(
                    IceRole.CONTROLLED,
                    Duration.ofSeconds(10),
                    new InetSocketAddress(LOOPBACK_ADDRESS, silent.getLocalPort())));
            Channel channel = bind(LOOPBACK, handler, witness);
            Future<IceDescription> gathered = handler.gather();
            witness.await(new IceEvent.StateChanged(IceState.GATHERING));
            channel.close().sync();

            assertThatThrownBy(() -> get(gathered)).hasCauseInstanceOf(IceException.class);
            assertThatThrownBy(() -> get(handler.connected())).hasCauseInstanceOf(IceException.class);
        }
    }

    @Test
    void deadAndUnknownStunServersAreDoneWithoutAndALiveOneIsUsed() throws Exception {
        Channel server = bind(LOOPBACK, new StunServerHandler());
        try (DatagramSocket silent = silentServer()) {
            IceHandler handler = new IceHandler(config(
                    IceRole.CONTROLLED,
                    Duration.ofMillis(300),
                    InetSocketAddress.createUnresolved("nowhere.invalid", 3478),
                    new InetSocketAddress(LOOPBACK_ADDRESS, silent.getLocalPort()),
                    (InetSocketAddress) server.localAddress()));
            bind(LOOPBACK, handler);

            assertThat(get(handler.gather()).candidates())
                    .extracting(Candidate::type)
                    .containsExactly(CandidateType.HOST);
            assertThat(handler.connected().isDone()).isFalse();
        }
    }

    @Test
    void junkThrownAtThePortsDisturbsNothing() throws Exception {
        Channel a = bind(LOOPBACK, offerer, witness);
        Channel b = bind(LOOPBACK, answerer);
        Channel hostile = bind(LOOPBACK);
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        throwJunk(hostile, a, random);
        get(offerer.gather());
        throwJunk(hostile, b, random);
        exchange();
        throwJunk(hostile, a, random);

        get(offerer.connected());
        get(answerer.connected());
        throwJunk(hostile, a, random);
        assertThat(a.isActive() && b.isActive()).isTrue();
        assertThat(witness.failures).isEmpty();
    }

    @Test
    void handlerBehindMayCallBackInOnAnyEvent() throws Exception {
        IceHandler first = offerer;
        IceHandler second = answerer;
        bind(LOOPBACK, first, new Witness((ctx, event) -> handOver(event, first, second)));
        bind(LOOPBACK, second, new Witness((ctx, event) -> handOver(event, second, first)));
        first.gather();
        second.gather();

        assertThat(get(first.connected()).base()).isNotNull();
        assertThat(get(second.connected()).base()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {IceEvent.LocalCandidateAdded.class, IceEvent.PairValidated.class, IceEvent.PairNominated.class})
    void handlerBehindMayCloseTheChannelOnAnyEvent(Class<? extends IceEvent> kind) throws Exception {
        Witness closing = new Witness((ctx, event) -> {
            if (kind.isInstance(event)) {
                ctx.close();
            }
        });
        Channel a = bind(LOOPBACK, offerer, closing);
        bind(LOOPBACK, answerer);
        Future<IceDescription> gathered = offerer.gather();
        get(answerer.gather());
        gathered.await(10, TimeUnit.SECONDS);
        if (gathered.isSuccess()) {
            exchange();
        }

        a.closeFuture().await(10, TimeUnit.SECONDS);
        offerer.connected().await(10, TimeUnit.SECONDS);
        assertThat(a.isOpen()).isFalse();
        assertThat(gathered.isDone()).isTrue();
        assertThat(offerer.connected().isDone()).isTrue();
        assertThat(closing.failures).isEmpty();
    }

    @Test
    void handlerBehindMayRemoveTheIceHandlerOnAnEvent() throws Exception {
        Witness removing = new Witness((ctx, event) -> {
            if (event instanceof IceEvent.PairNominated) {
                ctx.pipeline().remove(IceHandler.class);
            }
        });
        Channel a = bind(LOOPBACK, offerer, removing);
        bind(LOOPBACK, answerer);
        exchange();

        removing.await(new IceEvent.StateChanged(IceState.CLOSED));
        assertThat(get(offerer.connected()).base()).isNotNull();
        assertThat(a.isActive()).isTrue();
        assertThat(removing.failures).isEmpty();
    }

    private void exchange() throws Exception {
        IceDescription offer = get(offerer.gather());
        IceDescription answer = get(answerer.gather());
        offerer.setRemoteDescription(answer);
        answerer.setRemoteDescription(offer);
    }

    private static void handOver(IceEvent event, IceHandler from, IceHandler to) {
        if (event.equals(new IceEvent.StateChanged(IceState.GATHERED))) {
            to.setRemoteDescription(from.gather().getNow());
        }
    }

    private IceDescription localDescription(IceHandler handler) throws Exception {
        return get(loop.submit(handler::localDescription));
    }

    private static void trickle(IceEvent event, IceHandler to) {
        if (event instanceof IceEvent.LocalCandidateAdded added) {
            to.addRemoteCandidate(added.candidate());
        } else if (event instanceof IceEvent.GatheringCompleted) {
            to.endOfRemoteCandidates();
        }
    }

    private void assertEnded() throws Exception {
        assertThatThrownBy(() -> get(offerer.connected()))
                .hasCauseInstanceOf(IceException.class)
                .hasMessageContaining("closed");
        witness.await(new IceEvent.StateChanged(IceState.CLOSED));
        assertThat(NioLoops.hasTimer(loop)).isFalse();
    }

    private static void throwJunk(Channel from, Channel to, SplittableRandom random) throws Exception {
        byte[] stun = HexFormat.of().parseHex("000100082112a442000102030405060708090a0b0006000461626364");
        ChannelFuture last = null;
        for (int i = 0; i < 200; i++) {
            byte[] junk = random.nextBoolean() ? new byte[random.nextInt(60)] : stun.clone();
            if (junk.length != stun.length) {
                random.nextBytes(junk);
            } else {
                junk[random.nextInt(stun.length)] ^= (byte) random.nextInt();
            }
            int length = junk.length == 0 ? 0 : random.nextInt(junk.length + 1);
            last = from.writeAndFlush(
                    new DatagramPacket(Unpooled.wrappedBuffer(junk, 0, length), (InetSocketAddress) to.localAddress()));
        }
        last.sync();
    }

    private Channel bind(String host, ChannelHandler... handlers) throws Exception {
        ChannelHandler[] all = new ChannelHandler[handlers.length + 1];
        all[0] = new StunCodec();
        System.arraycopy(handlers, 0, all, 1, handlers.length);
        return bootstrap(handlers.length == 0 ? handlers : all)
                .bind(host, 0)
                .sync()
                .channel();
    }

    private Bootstrap bootstrap(ChannelHandler... handlers) {
        return new Bootstrap().group(loop).channel(NioDatagramChannel.class).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handlers);
            }
        });
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private static DatagramSocket silentServer() throws SocketException {
        return new DatagramSocket(0, LOOPBACK_ADDRESS);
    }

    private static IceDescription nobody() {
        Candidate candidate =
                Candidate.parse("1 1 udp 2130706431 127.0.0.1 9 typ host").orElseThrow();
        IceConfig config = config(IceRole.CONTROLLED);
        return new IceDescription(
                IceCredentials.random(new SplittableRandom(1)), null, config.options(), List.of(candidate));
    }

    private static IceConfig config(IceRole role, InetSocketAddress... servers) {
        return config(role, Duration.ofSeconds(1), servers);
    }

    private static IceConfig config(IceRole role, Duration gatherTimeout, InetSocketAddress... servers) {
        return IceConfig.builder(role)
                .stunServers(List.of(servers))
                .gatherTimeout(gatherTimeout)
                .build();
    }

    /** The handler behind: keeps what reaches it and does something of its own on each event. */
    private static final class Witness extends ChannelInboundHandlerAdapter {
        final Queue<IceEvent> events = new ConcurrentLinkedQueue<>();
        final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        final BlockingQueue<String> datagrams = new LinkedBlockingQueue<>();

        private final BlockingQueue<IceEvent> unseen = new LinkedBlockingQueue<>();
        private final BiConsumer<ChannelHandlerContext, IceEvent> action;

        Witness(BiConsumer<ChannelHandlerContext, IceEvent> action) {
            this.action = action;
        }

        void await(IceEvent expected) throws InterruptedException {
            IceEvent event = unseen.poll(10, TimeUnit.SECONDS);
            while (event != null && !event.equals(expected)) {
                event = unseen.poll(10, TimeUnit.SECONDS);
            }
            assertThat(event).isEqualTo(expected);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent iceEvent) {
                events.add(iceEvent);
                unseen.add(iceEvent);
                action.accept(ctx, iceEvent);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            // STUN comes this far once the ICE handler is gone.
            if (message instanceof DatagramPacket packet) {
                datagrams.add(ByteBufUtil.hexDump(packet.content()));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failures.add(cause);
        }
    }
}
