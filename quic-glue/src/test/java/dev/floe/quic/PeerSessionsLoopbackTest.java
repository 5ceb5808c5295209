package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ALICE;
import static dev.floe.quic.LoopbackPeers.BOB;
import static dev.floe.quic.LoopbackPeers.MALLORY;
import static dev.floe.quic.LoopbackPeers.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.NioLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alice offers and is the server, Bob answers and is the client, again and again; both keep sessions. */
@Timeout(60)
class PeerSessionsLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoopGroup loops = NioLoops.create(2);
    private final PeerSessions alices = new PeerSessions(4);
    private final PeerSessions bobs = new PeerSessions(4);

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Both ends of one connection. */
    private record Link(QuicChannel client, QuicChannel server) {

        void close() throws Exception {
            client.close().sync();
            server.closeFuture().sync();
        }
    }

    @Test
    void eachConnectionResumesTheOneBefore() throws Exception {
        for (int before = 0; before < 3; before++) {
            Link link = connect(alice(), bob());
            assertThat(alices.resumed()).isEqualTo(before);
            assertThat(bobs.resumed()).isEqualTo(before);
            assertThat(link.client.sslEngine().getSession().getPeerCertificates()[0])
                    .isEqualTo(ALICE.certificate());
            assertThat(link.server.sslEngine().getSession().getPeerCertificates()[0])
                    .isEqualTo(BOB.certificate());
            assertThat(ask(link.client, "Hello!")).isEqualTo("Hello!");
            link.close();
        }
    }

    @Test
    void aSessionIsForOneConnectionAtATime() throws Exception {
        connect(alice(), bob()).close();
        Link second = connect(alice(), bob());
        // The second one has left another session by now; a third one that begins before it would find none.
        assertThat(bobs.take(bobsView(ALICE))).isPresent();
        Link third = connect(alice(), bob());
        assertThat(bobs.resumed()).isEqualTo(1);
        second.close();
        third.close();
    }

    @Test
    void anotherPeerResumesNothing() throws Exception {
        connect(alice(), bob()).close();
        PeerSessions mallorys = new PeerSessions(1);
        connect(PeerConfig.builder(loops, MALLORY).sessions(mallorys), bob()).close();
        assertThat(bobs.resumed()).isZero();
        connect(alice(), bob()).close();
        assertThat(bobs.resumed()).isEqualTo(1);
    }

    @Test
    void aPinThatHasChangedIsNoLongerThatPeers() throws Exception {
        connect(alice(), bob()).close();
        PeerConfig.Builder pinning = bob().trust(PeerTrust.fingerprint(MALLORY.fingerprint()));
        assertRefused(alice(), pinning);
        assertThat(bobs.resumed()).isZero();
    }

    @Test
    void aClientHoldsAResumedSessionAgainstThePinAgain() throws Exception {
        connect(alice(), bob()).close();
        bobs.put(bobsView(MALLORY), bobs.take(bobsView(ALICE)).orElseThrow(), false);
        assertRefused(alice(), bob().trust(PeerTrust.fingerprint(MALLORY.fingerprint())));
        assertThat(bobs.resumed()).isZero();
    }

    @Test
    void aServerHoldsAResumedSessionAgainstThePinAgain() throws Exception {
        connect(alice(), bob()).close();
        alices.put(alicesView(MALLORY), alices.take(alicesView(BOB)).orElseThrow(), false);
        Future<QuicChannel> offered = offer(alice().trust(PeerTrust.fingerprint(MALLORY.fingerprint())), bob());
        assertThatThrownBy(() -> offered.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(FingerprintMismatchException.class);
        assertThat(alices.resumed()).isZero();
    }

    @Test
    void whereNoFingerprintIsExpectedNothingIsResumed() throws Exception {
        for (int i = 0; i < 2; i++) {
            connect(alice().trust(PeerTrust.none()), bob()).close();
        }
        assertThat(alices.resumed()).isZero();
        assertThat(bobs.resumed()).isZero();
    }

    @Test
    void aServerThatHasForgottenTakesAFullHandshake() throws Exception {
        connect(alice(), bob()).close();
        alices.clear();
        Link link = connect(alice(), bob());
        assertThat(ask(link.client, "Hello!")).isEqualTo("Hello!");
        assertThat(bobs.resumed()).isZero();
        link.close();
        connect(alice(), bob()).close();
        assertThat(bobs.resumed()).isEqualTo(1);
    }

    @Test
    void theLongestKnownPeerIsForgottenFirst() {
        PeerSessions two = new PeerSessions(2);
        for (PeerIdentity peer : List.of(ALICE, BOB, MALLORY)) {
            two.put(bobsView(peer), TlsContext.forClient(BOB, "floe", false, false), false);
        }
        assertThat(two.take(bobsView(ALICE))).isEmpty();
        assertThat(two.take(bobsView(BOB))).isPresent();
        assertThat(two.take(bobsView(MALLORY))).isPresent();
        assertThatThrownBy(() -> new PeerSessions(0)).hasMessageContaining("expected at least 1");
    }

    @Test
    void earlyDataArrivesOnceAndInOrderBeforeTheHandshakeIsComplete() throws Exception {
        Heard early = new Heard();
        Heard late = new Heard();
        Speech speech = new Speech();
        PeerConfig.Builder taking = alice().streamHandler(late::handler).earlyStreamHandler(early::handler);
        connect(taking, bob().earlyData(speech)).close();
        assertThat(speech.stream).isNotDone();

        Link link = connect(taking, bob().earlyData(speech));
        assertThat(speech.stream).succeedsWithin(SOON);
        speech.goOn();
        assertThat(early.all).succeedsWithin(SOON).isEqualTo(Speech.TEXT);
        assertThat(early.isInTime).isTrue();
        assertThat(late.handlers).hasValue(0);
        link.close();
    }

    @Test
    void earlyDataThatIsNotTakenArrivesOnceAndInOrderAfterwards() throws Exception {
        Heard early = new Heard();
        Heard late = new Heard();
        Speech speech = new Speech();
        PeerConfig.Builder taking = alice().streamHandler(late::handler).earlyStreamHandler(early::handler);
        connect(taking, bob().earlyData(speech)).close();
        alices.clear();

        Link link = connect(taking, bob().earlyData(speech));
        assertThat(speech.stream).succeedsWithin(SOON);
        speech.goOn();
        assertThat(late.all).succeedsWithin(SOON).isEqualTo(Speech.TEXT);
        assertThat(early.handlers).hasValue(0);
        assertThat(bobs.resumed()).isZero();
        link.close();
    }

    @Test
    void nobodySpeaksEarlyToAServerThatDoesNotWantIt() throws Exception {
        Speech speech = new Speech();
        for (int i = 0; i < 2; i++) {
            connect(alice(), bob().earlyData(speech)).close();
        }
        assertThat(bobs.resumed()).isEqualTo(1);
        assertThat(speech.stream).isNotDone();
    }

    @Test
    void theControlStreamIsStillTheFirst() throws Exception {
        Speech speech = new Speech();
        Heard early = new Heard();
        PeerConfig.Builder taking = alice().earlyStreamHandler(early::handler);
        connect(taking, bob().earlyData(speech)).close();
        Link link = connect(taking, bob().earlyData(speech));
        assertThat(speech.stream.get(10, TimeUnit.SECONDS).streamId()).isEqualTo(4);
        // A restart is told over it.
        assertThat(PeerConnection.of(link.client).restart().get(10, TimeUnit.SECONDS))
                .isNotNull();
        link.close();
    }

    @Test
    void replayedEarlyDataIsNotHeard() throws Exception {
        Heard early = new Heard();
        Recorder recorder = new Recorder();
        PeerConfig.Builder taking = alice().earlyStreamHandler(early::handler);
        connect(taking, bob().earlyData(new Speech())).close();
        connect(taking.ice(ice -> ice.socketInitializer(recorder)), bob().earlyData(new Speech()))
                .close();
        assertThat(early.handlers).hasValue(1);
        assertThat(recorder.recorded).hasSizeGreaterThan(1);

        // Whoever is on the way, or can send from Bob's address, says it again in place of what Bob says.
        Replayer replayer = new Replayer(recorder.recorded);
        Future<QuicChannel> offered =
                offer(taking.ice(ice -> ice.socketInitializer(replayer)), bob().earlyData(new Speech()));
        assertThat(replayer.answered).succeedsWithin(SOON);
        assertThat(early.handlers).hasValue(1);
        assertThat(offered.isDone()).isFalse();
    }

    @Test
    void earlyDataIsNotHeardOnThePortOfAnEarlierConnection() throws Exception {
        Heard early = new Heard();
        Speech speech = new Speech();
        PeerConfig.Builder taking = alice().bindAddress(HERE).earlyStreamHandler(early::handler);
        Link first = connect(taking, bob().bindAddress(HERE).earlyData(speech));
        Holder holder = new Holder();
        Future<QuicChannel> offered = offer(
                taking.ice(ice -> ice.socketInitializer(holder)),
                bob().bindAddress(HERE).earlyData(speech));
        holder.isFull.get(10, TimeUnit.SECONDS);

        Channel firstPort = first.server.parent();
        firstPort
                .eventLoop()
                .submit(() -> holder.held.forEach(packet -> firstPort
                        .pipeline()
                        .fireChannelRead(new DatagramPacket(
                                packet.content().copy(),
                                (InetSocketAddress) firstPort.localAddress(),
                                (InetSocketAddress) first.client.parent().localAddress()))))
                .sync();
        // What was read has been heard a turn later.
        firstPort.eventLoop().submit(() -> {}).sync();
        assertThat(early.handlers).hasValue(0);
        holder.letGo();
        offered.get(10, TimeUnit.SECONDS);
        assertThat(early.handlers).hasValue(1);
        assertThat(ask(first.client, "Hello!")).isEqualTo("Hello!");
        first.close();
    }

    private PeerConfig.Builder alice() {
        return PeerConfig.builder(loops, ALICE).sessions(alices).streamHandler(Echo::new);
    }

    private PeerConfig.Builder bob() {
        return PeerConfig.builder(loops, BOB).sessions(bobs);
    }

    private static PeerSessions.Peer bobsView(PeerIdentity peer) {
        return new PeerSessions.Peer(QuicRole.CLIENT, BOB.fingerprint(), peer.fingerprint(), "floe", false, false);
    }

    private static PeerSessions.Peer alicesView(PeerIdentity peer) {
        return new PeerSessions.Peer(QuicRole.SERVER, ALICE.fingerprint(), peer.fingerprint(), "floe", false, false);
    }

    private static Link connect(PeerConfig.Builder alice, PeerConfig.Builder bob) throws Exception {
        InMemoryExchange signaling = new InMemoryExchange();
        Future<QuicChannel> offered = PeerConnection.offer(alice.build(), signaling::offer);
        Future<QuicChannel> answered = PeerConnection.answer(bob.build(), signaling::answer);
        return new Link(answered.get(10, TimeUnit.SECONDS), offered.get(10, TimeUnit.SECONDS));
    }

    private static Future<QuicChannel> offer(PeerConfig.Builder alice, PeerConfig.Builder bob) {
        InMemoryExchange signaling = new InMemoryExchange();
        PeerConnection.answer(bob.build(), signaling::answer);
        return PeerConnection.offer(alice.build(), signaling::offer);
    }

    private static void assertRefused(PeerConfig.Builder alice, PeerConfig.Builder bob) {
        InMemoryExchange signaling = new InMemoryExchange();
        PeerConnection.offer(alice.build(), signaling::offer);
        Future<QuicChannel> answered = PeerConnection.answer(bob.build(), signaling::answer);
        assertThatThrownBy(() -> answered.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(FingerprintMismatchException.class);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }

    /** Says the first half of a text early, and goes on. */
    private static final class Speech implements Consumer<QuicChannel> {
        static final String TEXT = String.join(
                        " ", IntStream.range(0, 4_000).mapToObj(String::valueOf).toList()) + "!";
        private static final int HALF = TEXT.length() / 2;
        private static final int PIECE = 700;

        final CompletableFuture<QuicStreamChannel> stream = new CompletableFuture<>();

        @Override
        public void accept(QuicChannel connection) {
            connection
                    .createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                    .addListener((Future<QuicStreamChannel> opened) -> {
                        for (int at = 0; at < HALF; at += PIECE) {
                            say(opened.getNow(), TEXT.substring(at, Math.min(at + PIECE, HALF)));
                        }
                        stream.complete(opened.getNow());
                    });
        }

        void goOn() {
            say(stream.join(), TEXT.substring(HALF));
        }

        private static void say(QuicStreamChannel stream, String text) {
            stream.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        }
    }

    /** What comes over all the streams that it makes handlers for. */
    private static final class Heard {
        final CompletableFuture<String> all = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        final AtomicInteger handlers = new AtomicInteger();
        volatile boolean isInTime;

        ChannelHandler handler() {
            handlers.incrementAndGet();
            return new SimpleChannelInboundHandler<ByteBuf>() {
                @Override
                protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                    if (!ctx.channel().parent().isActive()) {
                        isInTime = true;
                    }
                    text.append(content.toString(StandardCharsets.UTF_8));
                    if (text.charAt(text.length() - 1) == '!') {
                        all.complete(text.toString());
                    }
                }
            };
        }
    }

    private static boolean isQuic(DatagramPacket packet) {
        return DatagramKind.of(packet.content()).isQuic();
    }

    /** Keeps what comes for QUIC. */
    private static final class Recorder extends ChannelInboundHandlerAdapter implements Consumer<Channel> {
        final List<byte[]> recorded = new ArrayList<>();

        @Override
        public void accept(Channel socket) {
            socket.pipeline().addFirst(this);
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof DatagramPacket packet && isQuic(packet)) {
                recorded.add(ByteBufUtil.getBytes(packet.content()));
            }
            ctx.fireChannelRead(message);
        }
    }

    /** Holds the first datagrams for QUIC back. */
    private static final class Holder extends ChannelInboundHandlerAdapter implements Consumer<Channel> {
        private static final int COUNT = 3;

        final List<DatagramPacket> held = new CopyOnWriteArrayList<>();
        final CompletableFuture<Void> isFull = new CompletableFuture<>();
        private ChannelHandlerContext ctx;
        private boolean isOpen;

        @Override
        public void accept(Channel socket) {
            socket.pipeline().addFirst(this);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (isOpen || !(message instanceof DatagramPacket packet) || !isQuic(packet)) {
                ctx.fireChannelRead(message);
                return;
            }
            held.add(packet);
            if (held.size() == COUNT) {
                isFull.complete(null);
            }
        }

        void letGo() {
            ctx.executor().execute(() -> {
                isOpen = true;
                held.forEach(ctx::fireChannelRead);
                ctx.fireChannelReadComplete();
            });
        }
    }

    /** Puts what was recorded in the place of the first datagram for QUIC, drops the rest, and hears the answer. */
    private static final class Replayer extends ChannelDuplexHandler implements Consumer<Channel> {
        final CompletableFuture<Void> answered = new CompletableFuture<>();
        private final List<byte[]> recorded;
        private boolean isReplayed;

        Replayer(List<byte[]> recorded) {
            this.recorded = recorded;
        }

        @Override
        public void accept(Channel socket) {
            socket.pipeline().addFirst(this);
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof DatagramPacket packet) || !isQuic(packet)) {
                ctx.fireChannelRead(message);
                return;
            }
            if (!isReplayed) {
                isReplayed = true;
                recorded.forEach(bytes -> ctx.fireChannelRead(
                        new DatagramPacket(Unpooled.wrappedBuffer(bytes), packet.recipient(), packet.sender())));
            }
            packet.release();
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof DatagramPacket packet && isQuic(packet) && isReplayed) {
                // A turn later all that was replayed has been read.
                ctx.executor().execute(() -> ctx.executor().execute(() -> answered.complete(null)));
            }
            ctx.write(message, promise);
        }
    }
}
