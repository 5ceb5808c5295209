package dev.floe.quic;

import static dev.floe.quic.TestPaths.BASE;
import static dev.floe.quic.TestPaths.FAR;
import static dev.floe.quic.TestPaths.NEAR;
import static dev.floe.quic.TestPaths.STRANGER;
import static dev.floe.quic.TestPaths.data;
import static dev.floe.quic.TestPaths.handshake;
import static dev.floe.quic.TestPaths.number;
import static dev.floe.quic.TestPaths.outbound;
import static dev.floe.quic.TestPaths.pair;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import dev.floe.testing.NioLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class QuicSwapHandlerTest {

    private static final CandidatePair NEAR_PAIR = pair(BASE, NEAR);
    private static final CandidatePair FAR_PAIR = pair(BASE, FAR);
    private static final Duration RTT = Duration.ofMillis(40);
    private static final int ROOM = 16;

    /** In the codec's place: notes what it gets, releases it, and passes nothing on. */
    private static final class Codec extends ChannelInboundHandlerAdapter {
        final List<String> got = new ArrayList<>();
        boolean isClosing;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            assertThat(packet.sender()).isEqualTo(IcePathHandler.REMOTE_ADDRESS);
            got.add("datagram " + number(packet.content()));
            packet.release();
            if (isClosing) {
                ctx.channel().close();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            got.add("complete");
        }
    }

    /** Before the swap handler, where the ICE handler would be: sees what is fired through the whole pipeline. */
    private static final class Observer extends ChannelInboundHandlerAdapter {
        final List<Object> events = new ArrayList<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
            ctx.fireUserEventTriggered(event);
        }
    }

    private final IcePathHandler path = new IcePathHandler(new ScriptedIce(BASE, NEAR, FAR), System::nanoTime);
    private final Codec codec = new Codec();
    private final Observer observer = new Observer();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private QuicSwapHandler swap;

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void nominationPutsPathLayerAndCodecInTheSwapHandlersPlace() {
        start(QuicRole.CLIENT, false);
        assertThat(channel.pipeline().names()).contains("observer", "swap").doesNotContain("codec");
        assertThat(swap.swapped().isDone()).isFalse();

        nominate(NEAR_PAIR);

        assertThat(swap.swapped().getNow()).isSameAs(channel);
        assertThat(channel.pipeline().get(QuicSwapHandler.class)).isNull();
        assertThat(handlers()).containsSubsequence(observer, path, codec);
    }

    @Test
    void swapEventNamesTheHandlersBeforeAndAfter() {
        start(QuicRole.SERVER, false);
        channel.writeInbound(handshake(1, NEAR), handshake(2, NEAR));
        List<String> before = List.copyOf(channel.pipeline().toMap().keySet());

        nominate(NEAR_PAIR);

        List<String> after = List.copyOf(channel.pipeline().toMap().keySet());
        assertThat(before).contains("observer", "swap");
        assertThat(after).contains("observer").doesNotContain("swap");
        assertThat(swapEvents()).containsExactly(new SwapEvent(before, after, 2));
    }

    @Test
    void heldDatagramsAreReplayedInOrderWithOneReadComplete() {
        start(QuicRole.SERVER, false);
        channel.writeInbound(handshake(1, NEAR));
        channel.writeInbound(handshake(2, FAR), data(3, NEAR));
        assertThat(codec.got).isEmpty();

        nominate(NEAR_PAIR);

        assertThat(codec.got).containsExactly("datagram 1", "datagram 2", "datagram 3", "complete");
    }

    @Test
    void whatComesAfterTheSwapGoesToTheCodecBehindWhatWasHeld() {
        start(QuicRole.SERVER, false);
        channel.writeInbound(handshake(1, NEAR));
        nominate(NEAR_PAIR);
        codec.got.clear();

        channel.writeInbound(handshake(2, NEAR), data(3, NEAR));

        assertThat(codec.got).containsExactly("datagram 2", "datagram 3", "complete");
    }

    @Test
    void onlyQuicFromAuthenticatedAddressesIsHeld() {
        start(QuicRole.SERVER, false);
        DatagramPacket forged = handshake(1, STRANGER);
        DatagramPacket junk = new DatagramPacket(Unpooled.buffer(1).writeByte(0x80), BASE, NEAR);
        ByteBuf alien = Unpooled.buffer(1);
        channel.writeInbound(forged, junk, alien, handshake(4, NEAR));

        assertThat(forged.refCnt()).isZero();
        assertThat(junk.refCnt()).isZero();
        assertThat(alien.refCnt()).isZero();
        assertThat(path.unauthenticated()).isEqualTo(1);
        assertThat(path.notQuic()).isEqualTo(1);
        nominate(NEAR_PAIR);
        assertThat(codec.got).containsExactly("datagram 4", "complete");
    }

    @Test
    void strangersFloodDoesNotPushOutWhatIsHeld() {
        start(QuicRole.SERVER, false);
        channel.writeInbound(handshake(1, NEAR));
        for (int i = 0; i < 1_000; i++) {
            channel.writeInbound(handshake(i, STRANGER));
        }

        nominate(NEAR_PAIR);

        assertThat(codec.got).containsExactly("datagram 1", "complete");
        assertThat(path.unauthenticated()).isEqualTo(1_000);
    }

    @Test
    void onlyTheOldestFewAreHeld() {
        start(QuicRole.SERVER, false);
        List<DatagramPacket> packets = IntStream.range(0, 100)
                .mapToObj(number -> handshake(number, NEAR))
                .toList();
        packets.forEach(channel::writeInbound);
        assertThat(packets.subList(ROOM, 100)).allMatch(packet -> packet.refCnt() == 0);

        nominate(NEAR_PAIR);

        assertThat(codec.got).hasSize(ROOM + 1).startsWith("datagram 0").endsWith("datagram 15", "complete");
        assertThat(swapEvents()).singleElement().extracting(SwapEvent::replayed).isEqualTo(ROOM);
    }

    @Test
    void removalReleasesWhatIsHeldAndFailsTheSwap() {
        start(QuicRole.SERVER, false);
        DatagramPacket packet = handshake(1, NEAR);
        channel.writeInbound(packet);

        channel.pipeline().remove(swap);

        assertThat(packet.refCnt()).isZero();
        assertThat(swap.swapped().cause()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closeReleasesWhatIsHeldAndFailsTheSwap() {
        start(QuicRole.SERVER, false);
        DatagramPacket packet = handshake(1, NEAR);
        channel.writeInbound(packet);

        channel.close();

        assertThat(packet.refCnt()).isZero();
        assertThat(swap.swapped().cause()).hasMessageContaining("closed before the swap");
    }

    /** On a real event loop: an embedded channel takes its pipeline apart from within the close. */
    @Test
    void closeInTheMiddleOfTheReplayLeaksNothing() throws Exception {
        codec.isClosing = true;
        List<DatagramPacket> packets = List.of(handshake(1, NEAR), handshake(2, NEAR), handshake(3, NEAR));
        EventLoopGroup group = NioLoops.create(1);
        Channel real = new NioDatagramChannel();
        group.register(real).sync();
        swap = new QuicSwapHandler(path, codec, QuicRole.SERVER, false);
        real.pipeline().addLast(swap);

        real.eventLoop()
                .submit(() -> {
                    packets.forEach(real.pipeline()::fireChannelRead);
                    real.pipeline().fireUserEventTriggered(new IceEvent.PairNominated(NEAR_PAIR, RTT));
                })
                .sync();

        real.closeFuture().sync();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        assertThat(swap.swapped().isSuccess()).isTrue();
        assertThat(codec.got).contains("datagram 1", "datagram 2", "datagram 3");
        assertThat(packets).allMatch(packet -> packet.refCnt() == 0);
    }

    @Test
    void clientWaitsForTheNomination() {
        start(QuicRole.CLIENT, false);
        authenticate(NEAR_PAIR);
        validate(NEAR_PAIR);
        channel.writeInbound(handshake(1, NEAR));
        assertThat(swap.swapped().isDone()).isFalse();

        nominate(NEAR_PAIR);

        assertThat(swap.swapped().isSuccess()).isTrue();
    }

    @Test
    void serverSwapsOnAValidPairOnceTheClientBegins() {
        start(QuicRole.SERVER, false);
        authenticate(NEAR_PAIR);
        validate(NEAR_PAIR);
        assertThat(swap.swapped().isDone()).isFalse();

        channel.writeInbound(handshake(1, NEAR));

        assertThat(swap.swapped().isSuccess()).isTrue();
        assertThat(codec.got).startsWith("datagram 1", "complete");
        assertOutboundGoesTo(NEAR_PAIR);
    }

    @Test
    void serverSwapsAtOnceIfTheClientBeganBeforeThePairWasValid() {
        start(QuicRole.SERVER, false);
        authenticate(NEAR_PAIR);
        channel.writeInbound(handshake(1, NEAR), handshake(2, NEAR));
        assertThat(swap.swapped().isDone()).isFalse();

        validate(NEAR_PAIR);

        assertThat(swap.swapped().isSuccess()).isTrue();
        assertThat(codec.got).containsExactly("datagram 1", "datagram 2", "complete");
        assertOutboundGoesTo(NEAR_PAIR);
    }

    @Test
    void serverAnswersOverTheFirstValidPairUntilOneIsNominated() {
        start(QuicRole.SERVER, false);
        validate(NEAR_PAIR);
        validate(FAR_PAIR);
        channel.writeInbound(handshake(1, FAR));
        assertOutboundGoesTo(NEAR_PAIR);

        nominate(FAR_PAIR);

        assertOutboundGoesTo(FAR_PAIR);
        assertThat(swapEvents()).hasSize(1);
    }

    @Test
    void serverDoesNotTakeAStrangerForTheClient() {
        start(QuicRole.SERVER, false);
        validate(NEAR_PAIR);

        channel.writeInbound(
                handshake(1, STRANGER), new DatagramPacket(Unpooled.buffer(1).writeByte(20), BASE, NEAR));

        assertThat(swap.swapped().isDone()).isFalse();
    }

    @Test
    void earlyClientSwapsOnTheFirstAuthenticatedPairAndSendsTwoDatagrams() {
        start(QuicRole.CLIENT, true);

        authenticate(NEAR_PAIR);

        assertThat(swap.swapped().isSuccess()).isTrue();
        write(1, 4);
        authenticate(FAR_PAIR);
        assertSent(NEAR_PAIR, 1, 2);
        assertNothingMoreSent();
        validate(NEAR_PAIR);
        assertSent(NEAR_PAIR, 3, 4);
        nominate(NEAR_PAIR);
        assertNothingMoreSent();
        assertThat(swapEvents()).hasSize(1);
    }

    @Test
    void earlyClientIsNotHeldBackOnAPairThatIsAlreadyValid() {
        start(QuicRole.CLIENT, true);
        validate(NEAR_PAIR);
        assertThat(swap.swapped().isDone()).isFalse();

        authenticate(FAR_PAIR);

        write(1, 4);

        assertSent(NEAR_PAIR, 1, 2, 3, 4);
    }

    @Test
    void earlyStartIsTheClientsAffair() {
        start(QuicRole.SERVER, true);

        authenticate(NEAR_PAIR);

        assertThat(swap.swapped().isDone()).isFalse();
    }

    @Test
    void eventsReachTheHandlersBehind() {
        start(QuicRole.CLIENT, false);
        Observer behind = new Observer();
        channel.pipeline().addLast(behind);
        IceEvent authenticated = new IceEvent.PairAuthenticated(NEAR_PAIR);
        IceEvent validated = new IceEvent.PairValidated(NEAR_PAIR, RTT);
        IceEvent nominated = new IceEvent.PairNominated(NEAR_PAIR, RTT);

        List.of("an event", authenticated, validated, nominated).forEach(channel.pipeline()::fireUserEventTriggered);

        assertThat(behind.events)
                .filteredOn(event -> !(event instanceof SwapEvent))
                .containsExactly("an event", authenticated, validated, nominated);
    }

    private void start(QuicRole role, boolean isEarlyStart) {
        swap = new QuicSwapHandler(path, codec, role, isEarlyStart);
        channel.pipeline().addLast("observer", observer).addLast("swap", swap);
    }

    private void nominate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairNominated(pair, RTT));
    }

    private void validate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairValidated(pair, RTT));
    }

    private void authenticate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairAuthenticated(pair));
    }

    private void write(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(number -> channel.writeAndFlush(outbound(number)));
    }

    private List<SwapEvent> swapEvents() {
        return observer.events.stream()
                .filter(SwapEvent.class::isInstance)
                .map(SwapEvent.class::cast)
                .toList();
    }

    private List<Object> handlers() {
        return List.copyOf(channel.pipeline().toMap().values());
    }

    private void assertOutboundGoesTo(CandidatePair pair) {
        channel.releaseOutbound();
        write(99, 99);
        assertSent(pair, 99);
    }

    private void assertSent(CandidatePair pair, int... numbers) {
        for (int number : numbers) {
            DatagramPacket sent = channel.readOutbound();
            assertThat(sent).as("datagram %d", number).isNotNull();
            assertThat(number(sent.content())).isEqualTo(number);
            assertThat(sent.recipient()).isEqualTo(pair.remoteAddress());
            assertThat(sent.sender()).isEqualTo(pair.base());
            sent.release();
        }
    }

    private void assertNothingMoreSent() {
        assertThat(channel.outboundMessages()).isEmpty();
    }
}
