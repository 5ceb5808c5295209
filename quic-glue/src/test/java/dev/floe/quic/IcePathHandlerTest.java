package dev.floe.quic;

import static dev.floe.quic.TestPaths.BASE;
import static dev.floe.quic.TestPaths.FAR;
import static dev.floe.quic.TestPaths.NEAR;
import static dev.floe.quic.TestPaths.OTHER_BASE;
import static dev.floe.quic.TestPaths.STRANGER;
import static dev.floe.quic.TestPaths.data;
import static dev.floe.quic.TestPaths.handshake;
import static dev.floe.quic.TestPaths.number;
import static dev.floe.quic.TestPaths.outbound;
import static dev.floe.quic.TestPaths.pair;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairState;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IcePathHandlerTest {

    private static final CandidatePair NEAR_PAIR = pair(BASE, NEAR);
    private static final CandidatePair FAR_PAIR = pair(BASE, FAR);
    private static final Duration RTT = Duration.ofMillis(40);

    /** What comes out behind the path layer, besides datagrams. */
    private static final class Recorder extends ChannelInboundHandlerAdapter {
        final List<Object> events = new ArrayList<>();
        int kicks;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            kicks++;
        }
    }

    private final ScriptedIce ice = new ScriptedIce(BASE, NEAR, FAR);
    private long nowNanos = System.nanoTime();
    private final IcePathHandler path = new IcePathHandler(ice, () -> nowNanos);
    private final Recorder recorder = new Recorder();
    private final EmbeddedChannel channel = new EmbeddedChannel(path, recorder);

    IcePathHandlerTest() {
        channel.freezeTime();
    }

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void outboundGoesOverTheSelectedPairWhateverAddressQuicWrote() {
        path.open(NEAR_PAIR);

        channel.writeOutbound(outbound(1), new DatagramPacket(TestPaths.content(2), STRANGER, OTHER_BASE));

        assertSent(NEAR_PAIR, 1, 2);
    }

    @Test
    void wayThatAHandshakeHasVerifiedCarriesDataUntilIceNominatesAnother() {
        InetSocketAddress synthetic = new InetSocketAddress(IcePathHandler.REMOTE_ADDRESS.getAddress(), 3);
        InetSocketAddress lost = new InetSocketAddress(IcePathHandler.REMOTE_ADDRESS.getAddress(), 2);
        CandidatePair verified = pair(BASE, STRANGER);
        path.openVerified(verified, synthetic);

        channel.writeOutbound(
                new DatagramPacket(TestPaths.content(1), synthetic), new DatagramPacket(TestPaths.content(2), lost));
        assertSent(verified, 1);
        channel.writeInbound(data(3, STRANGER), new DatagramPacket(TestPaths.content(4), OTHER_BASE, STRANGER));
        DatagramPacket heard = channel.readInbound();
        assertThat(number(heard.content())).isEqualTo(3);
        assertThat(heard.sender()).isEqualTo(synthetic);
        heard.release();
        assertThat(channel.<Object>readInbound()).isNull();

        nominate(FAR_PAIR);
        channel.releaseOutbound();
        channel.writeInbound(data(5, STRANGER));
        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(path.unauthenticated()).isEqualTo(2);
    }

    @Test
    void nominationOfTheVerifiedWayIsNoMove() {
        path.openVerified(pair(BASE, NEAR), IcePathHandler.REMOTE_ADDRESS);
        channel.writeOutbound(outbound(1));
        assertSent(pair(BASE, NEAR), 1);

        nominate(new CandidatePair(pair(FAR, NEAR).local(), pair(BASE, NEAR).remote(), BASE));

        assertThat(channel.<Object>readOutbound()).as("what is sent again").isNull();
        channel.writeInbound(data(2, NEAR));
        assertThat(recorder.events).doesNotHaveAnyElementsOfTypes(PathChangedEvent.class);
    }

    @Test
    void bytesAreCountedForThePairThatCarriesThem() {
        path.open(NEAR_PAIR);
        channel.writeOutbound(outbound(1));
        channel.writeInbound(data(1, NEAR), data(2, FAR), data(3, NEAR), data(4, STRANGER));
        nominate(FAR_PAIR);
        channel.writeOutbound(outbound(2));

        CandidatePair unused = pair(OTHER_BASE, FAR);
        List<CandidatePairStats> stats =
                path.withBytes(List.of(untouched(NEAR_PAIR), untouched(FAR_PAIR), untouched(unused)));

        // The first datagram is sent again over the second pair.
        assertThat(stats)
                .containsExactly(
                        untouched(NEAR_PAIR).withBytes(5, 10),
                        untouched(FAR_PAIR).withBytes(10, 5),
                        untouched(unused));
    }

    @Test
    void waysLongOutOfUseAreForgotten() {
        path.open(NEAR_PAIR);
        channel.writeOutbound(outbound(1));
        for (int port = 1; port <= PathTraffic.MAX_WAYS; port++) {
            path.open(pair(BASE, new InetSocketAddress("198.51.100.3", port)));
        }

        CandidatePair last = pair(BASE, new InetSocketAddress("198.51.100.3", PathTraffic.MAX_WAYS));
        assertThat(path.withBytes(List.of(untouched(NEAR_PAIR), untouched(last))))
                .containsExactly(untouched(NEAR_PAIR), untouched(last).withBytes(5, 0));
    }

    @Test
    void outboundFollowsEachNomination() {
        path.open(NEAR_PAIR);
        nominate(pair(OTHER_BASE, FAR));

        channel.writeOutbound(outbound(1));

        assertSent(pair(OTHER_BASE, FAR), 1);
    }

    @Test
    void nothingIsSentOnceTheSessionHasFailed() {
        path.open(NEAR_PAIR);
        channel.pipeline().fireUserEventTriggered(new IceEvent.SessionFailed(Reason.CONSENT_EXPIRED));

        DatagramPacket packet = outbound(1);
        ChannelFuture written = channel.writeAndFlush(packet);

        assertThat(written.isSuccess()).isTrue();
        assertThat(packet.refCnt()).isZero();
        assertNothingMoreSent();
    }

    @Test
    void nothingIsSentBetweenTheEndOfConsentAndTheNextNomination() {
        path.open(NEAR_PAIR);
        channel.pipeline().fireUserEventTriggered(new IceEvent.ConsentExpired(NEAR_PAIR));
        channel.writeOutbound(outbound(1));
        assertNothingMoreSent();

        nominate(FAR_PAIR);
        channel.writeOutbound(outbound(2));
        assertSent(FAR_PAIR, 2);
    }

    @Test
    void outboundMessageThatIsNoDatagramPassesUntouched() {
        path.open(NEAR_PAIR);

        channel.writeOutbound("a message");

        assertThat(channel.<Object>readOutbound()).isEqualTo("a message");
    }

    @Test
    void emptyBarrierCompletesItsPromiseAndIsNotSent() {
        path.open(NEAR_PAIR);
        DatagramPacket barrier = new DatagramPacket(Unpooled.buffer(1), IcePathHandler.REMOTE_ADDRESS);

        ChannelFuture written = channel.writeAndFlush(barrier);

        assertThat(written.isSuccess()).isTrue();
        assertThat(barrier.refCnt()).isZero();
        assertNothingMoreSent();
    }

    @Test
    void emptyBarrierDoesNotWaitForTheEarlyGate() {
        path.openEarly(NEAR_PAIR);
        write(1, 2);

        assertThat(channel.writeAndFlush(new DatagramPacket(Unpooled.EMPTY_BUFFER, STRANGER))
                        .isSuccess())
                .isTrue();
    }

    @Test
    void inboundIsRewrittenToTheConstantAddresses() {
        path.open(NEAR_PAIR);

        channel.writeInbound(data(1, NEAR), handshake(2, FAR));

        assertReceived(1, 2);
        assertThat(path.unauthenticated()).isZero();
        assertThat(path.notQuic()).isZero();
    }

    @Test
    void inboundContentIsHandedOverFromIndexZero() {
        path.open(NEAR_PAIR);
        ByteBuf content =
                Unpooled.buffer().writeLong(-1).writeByte(0xC0).writeInt(7).skipBytes(8);

        channel.writeInbound(new DatagramPacket(content, BASE, NEAR));

        DatagramPacket received = channel.readInbound();
        assertThat(received.content().readerIndex()).isZero();
        assertThat(received.content().getUnsignedByte(0)).isEqualTo((short) 0xC0);
        assertThat(received.content().readableBytes()).isEqualTo(5);
        assertThat(number(received.content())).isEqualTo(7);
        received.release();
        assertThat(content.refCnt()).isZero();
    }

    @Test
    void inboundFromAStrangerIsDroppedAndCounted() {
        path.open(NEAR_PAIR);

        assertDropped(data(1, STRANGER), data(2, STRANGER), handshake(3, STRANGER));

        assertThat(path.unauthenticated()).isEqualTo(3);
        assertThat(path.notQuic()).isZero();
    }

    @Test
    void inboundThatDiffersOnlyInPortOrBaseIsDroppedAndCounted() {
        path.open(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR));
        assertReceived(1);

        assertDropped(
                data(2, new InetSocketAddress(NEAR.getAddress(), NEAR.getPort() + 1)),
                new DatagramPacket(TestPaths.content(3), OTHER_BASE, NEAR));

        assertThat(path.unauthenticated()).isEqualTo(2);
    }

    @Test
    void selectedPairItselfIsNotEnoughIfIceDoesNotKnowIt() {
        path.open(pair(BASE, STRANGER));

        assertDropped(data(1, STRANGER));
    }

    @Test
    void whatIsNotQuicIsDroppedAndCountedFromWhomeverItComes() {
        path.open(NEAR_PAIR);

        for (int first = 0; first < 64; first++) {
            assertDropped(junk(first, NEAR), junk(first, STRANGER));
        }
        for (int first = 128; first < 192; first++) {
            assertDropped(junk(first, NEAR), junk(first, STRANGER));
        }
        assertDropped(new DatagramPacket(Unpooled.buffer(1), BASE, NEAR));

        assertThat(path.notQuic()).isEqualTo(2 * 128 + 1);
        assertThat(path.unauthenticated()).isZero();
    }

    @Test
    void inboundMessageThatIsNoDatagramIsReleased() {
        ByteBuf message = Unpooled.buffer(1);

        channel.writeInbound(message);

        assertThat(message.refCnt()).isZero();
        assertThat(channel.inboundMessages()).isEmpty();
    }

    @Test
    void floodOfRandomBytesIsDroppedAndCounted() {
        path.open(NEAR_PAIR);
        long seed = System.nanoTime();
        System.out.println("seed of the flood: " + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(1_500)];
            random.nextBytes(bytes);
            channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(bytes), BASE, STRANGER));
        }

        assertThat(path.notQuic() + path.unauthenticated()).isEqualTo(10_000);
        assertThat(channel.inboundMessages()).isEmpty();
    }

    @Test
    void tlsGoesOnBehindEachDatagramOfTheHandshakeAndNoOther() {
        path.open(NEAR_PAIR);

        channel.writeInbound(handshake(1, NEAR), handshake(2, NEAR), data(3, NEAR));

        assertThat(recorder.kicks).isEqualTo(2);
        assertReceived(1, 2, 3);
    }

    @Test
    void lastEightAreSentAgainOverTheNewPairOldestFirst() {
        path.open(NEAR_PAIR);
        write(1, 12);
        assertSent(NEAR_PAIR, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

        nominate(FAR_PAIR);

        assertSent(FAR_PAIR, 5, 6, 7, 8, 9, 10, 11, 12);
        write(13, 13);
        nominate(NEAR_PAIR);
        assertSent(FAR_PAIR, 13);
        assertSent(NEAR_PAIR, 6, 7, 8, 9, 10, 11, 12, 13);
        assertNothingMoreSent();
    }

    @Test
    void nothingIsSentAgainIfThePairChangesInNameOnly() {
        path.open(NEAR_PAIR);
        write(1, 3);
        assertSent(NEAR_PAIR, 1, 2, 3);

        nominate(pair(BASE, NEAR));

        assertNothingMoreSent();
        channel.writeInbound(data(1, NEAR));
        assertThat(pathChanges()).isEmpty();
    }

    @Test
    void pathHasChangedTooIfOnlyTheAddressSeenFromOutsideHas() {
        CandidatePair moved = new CandidatePair(pair(FAR, NEAR).local(), NEAR_PAIR.remote(), BASE);
        path.open(NEAR_PAIR);
        write(1, 3);
        assertSent(NEAR_PAIR, 1, 2, 3);

        nominate(moved);

        assertSent(NEAR_PAIR, 1, 2, 3);
        channel.writeInbound(data(1, NEAR));
        assertThat(pathChanges()).extracting(PathChangedEvent::to).containsExactly(moved);
    }

    @Test
    void pairThatWasNeverHeardOnIsPassedOver() {
        CandidatePair other = pair(OTHER_BASE, FAR);
        path.open(NEAR_PAIR);
        nominate(other);
        nominate(FAR_PAIR);
        channel.writeInbound(data(1, FAR));

        assertThat(pathChanges())
                .singleElement()
                .satisfies(change ->
                        assertThat(List.of(change.from(), change.to())).containsExactly(NEAR_PAIR, FAR_PAIR));

        nominate(other);
        nominate(FAR_PAIR);
        channel.writeInbound(data(2, FAR));
        assertThat(pathChanges()).hasSize(1);
    }

    @Test
    void iceIsAskedAgainWhoSendsAfterAChangeAndNowAndThen() {
        path.open(NEAR_PAIR);
        nominate(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR), data(2, NEAR));
        assertThat(ice.questions).isEqualTo(1);

        path.distrust();
        channel.writeInbound(data(3, NEAR));
        assertThat(ice.questions).isEqualTo(2);

        nominate(FAR_PAIR);
        channel.writeInbound(data(4, NEAR), data(5, NEAR));
        assertThat(ice.questions).isEqualTo(3);

        pass(Duration.ofMillis(40));
        channel.writeInbound(data(6, NEAR));
        assertThat(ice.questions).isEqualTo(4);
    }

    @Test
    void silenceAfterAFlowMakesIceLook() {
        path.open(NEAR_PAIR);
        nominate(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR), data(2, NEAR), data(3, NEAR), data(4, NEAR));

        pass(RTT.minusMillis(1));
        assertThat(ice.suspicions).isZero();
        pass(Duration.ofMillis(1));

        assertThat(ice.suspicions).isEqualTo(1);
        assertThat(path.suspicions()).isEqualTo(1);
        pass(Duration.ofSeconds(10));
        assertThat(ice.suspicions).isEqualTo(1);
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void datagramWithoutAnAnswerMakesIceLook() {
        path.open(NEAR_PAIR);
        nominate(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR));
        pass(Duration.ofSeconds(1));
        channel.writeOutbound(outbound(1));

        pass(RTT.multipliedBy(2).minusMillis(1));
        assertThat(ice.suspicions).isZero();
        pass(Duration.ofMillis(1));

        assertThat(ice.suspicions).isEqualTo(1);
    }

    @Test
    void silenceIsNotSuspiciousBeforeTheHandshakeIsOver() {
        path.open(NEAR_PAIR);
        nominate(NEAR_PAIR);
        channel.writeInbound(handshake(1, NEAR), handshake(2, NEAR), handshake(3, NEAR), handshake(4, NEAR));
        channel.writeOutbound(outbound(1));

        pass(Duration.ofSeconds(10));

        assertThat(ice.suspicions).isZero();
    }

    @Test
    void silenceIsNotSuspiciousOnceConsentHasExpired() {
        path.open(NEAR_PAIR);
        nominate(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR), data(2, NEAR), data(3, NEAR), data(4, NEAR));
        channel.pipeline().fireUserEventTriggered(new IceEvent.SessionFailed(Reason.CONSENT_EXPIRED));

        pass(Duration.ofSeconds(10));

        assertThat(ice.suspicions).isZero();
    }

    @Test
    void removalLeavesNoTimer() {
        path.open(NEAR_PAIR);
        channel.writeOutbound(outbound(1));
        assertThat(channel.runScheduledPendingTasks()).isPositive();

        channel.pipeline().remove(path);

        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void writeThatFailsMakesIceLookAtTheNetworkAndThePathAndQuicGoesOn() {
        path.open(NEAR_PAIR);
        failWrites(new SocketException("Network is unreachable"));

        for (int number = 1; number <= 10; number++) {
            assertThat(channel.write(outbound(number)).cause()).isNull();
        }
        channel.flush();
        channel.writeOneOutbound(outbound(11), channel.voidPromise());
        channel.flush();

        assertThat(ice.networkChanges).isEqualTo(1);
        assertThat(ice.suspicions).isEqualTo(1);
        pass(Duration.ofMillis(250));
        channel.writeAndFlush(outbound(12));
        assertThat(ice.networkChanges).isEqualTo(2);
        assertThat(path.failedWrites()).isEqualTo(2);
        channel.checkException();
    }

    @Test
    void closeIsNoFailureOfTheNetwork() {
        path.open(NEAR_PAIR);
        failWrites(new ClosedChannelException());

        channel.writeAndFlush(outbound(1));

        assertThat(ice.networkChanges).isZero();
    }

    @Test
    void validatedPairDoesNotReplaceTheSelectedOne() {
        path.open(NEAR_PAIR);
        validate(FAR_PAIR);

        write(1, 1);

        assertSent(NEAR_PAIR, 1);
    }

    @Test
    void pathHasChangedOnceTheOtherSideIsHeardOnTheNewPair() {
        path.open(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR));
        nominate(FAR_PAIR);
        assertThat(pathChanges()).isEmpty();

        pass(Duration.ofMillis(50));
        channel.writeInbound(data(2, FAR));

        assertThat(pathChanges()).containsExactly(new PathChangedEvent(NEAR_PAIR, FAR_PAIR, Duration.ofMillis(50)));
        channel.writeInbound(data(3, FAR), data(4, NEAR));
        assertThat(pathChanges()).hasSize(1);
    }

    @Test
    void gapIsTheLongestSilenceUntilTheNewPairIsHeard() {
        path.open(NEAR_PAIR);
        channel.writeInbound(data(1, NEAR));
        nominate(FAR_PAIR);
        for (int number = 2; number < 10; number++) {
            pass(Duration.ofMillis(number));
            channel.writeInbound(data(number, NEAR));
        }
        channel.writeInbound(data(50, FAR));

        assertThat(pathChanges()).containsExactly(new PathChangedEvent(NEAR_PAIR, FAR_PAIR, Duration.ofMillis(9)));
    }

    @Test
    void gapOfAPairChangedBeforeAnythingWasHeardIsNotLongerThanThePathIsOpen() {
        pass(Duration.ofMillis(5));
        path.open(NEAR_PAIR);
        path.open(FAR_PAIR);
        pass(Duration.ofMillis(5));

        channel.writeInbound(data(1, FAR));

        assertThat(pathChanges()).containsExactly(new PathChangedEvent(NEAR_PAIR, FAR_PAIR, Duration.ofMillis(10)));
    }

    @Test
    void earlyStartSendsTwoDatagramsAndTheRestInOrderOnceThePairIsValid() {
        path.openEarly(NEAR_PAIR);
        List<ChannelFuture> written = writeEach(1, 5);
        assertSent(NEAR_PAIR, 1, 2);
        assertNothingMoreSent();
        assertThat(written).extracting(ChannelFuture::isDone).containsExactly(true, true, false, false, false);

        validate(NEAR_PAIR);

        assertSent(NEAR_PAIR, 3, 4, 5);
        assertThat(written).allMatch(ChannelFuture::isSuccess);
        write(6, 9);
        assertSent(NEAR_PAIR, 6, 7, 8, 9);
        assertNothingMoreSent();
    }

    @Test
    void earlyStartStaysWithItsOneAddress() {
        path.openEarly(NEAR_PAIR);
        write(1, 1);
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairAuthenticated(FAR_PAIR));
        write(2, 4);

        assertSent(NEAR_PAIR, 1, 2);
        assertNothingMoreSent();
    }

    @Test
    void earlyStartOpensOnNominationToo() {
        path.openEarly(NEAR_PAIR);
        write(1, 3);
        assertSent(NEAR_PAIR, 1, 2);

        nominate(NEAR_PAIR);

        assertSent(NEAR_PAIR, 3);
    }

    @Test
    void whatAnEarlyStartHasSentIsSentAgainIfAnotherPairIsTheValidOne() {
        path.openEarly(NEAR_PAIR);
        write(1, 4);
        assertSent(NEAR_PAIR, 1, 2);

        validate(FAR_PAIR);

        assertSent(FAR_PAIR, 1, 2, 3, 4);
        assertNothingMoreSent();
    }

    @Test
    void eventsPassOn() {
        path.open(NEAR_PAIR);
        IceEvent nominated = new IceEvent.PairNominated(NEAR_PAIR, RTT);
        channel.pipeline().fireUserEventTriggered(nominated);
        channel.pipeline().fireUserEventTriggered("an event");

        assertThat(recorder.events).containsExactly(nominated, "an event");
    }

    @Test
    void removalReleasesWhatIsKeptAndWhatWaits() {
        path.openEarly(NEAR_PAIR);
        List<DatagramPacket> packets = List.of(outbound(1), outbound(2), outbound(3));
        List<ChannelFuture> written =
                packets.stream().map(channel::writeAndFlush).toList();
        channel.releaseOutbound();

        channel.pipeline().remove(path);

        assertThat(packets).allMatch(packet -> packet.refCnt() == 0);
        assertThat(written.get(2).cause()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closeReleasesWhatIsKept() {
        path.open(NEAR_PAIR);
        DatagramPacket packet = outbound(1);
        channel.writeOutbound(packet);
        channel.releaseOutbound();
        assertThat(packet.refCnt()).isEqualTo(1);

        channel.close();

        assertThat(packet.refCnt()).isZero();
    }

    /** In steps of a millisecond, as the event loop and the path layer see it. */
    private void pass(Duration time) {
        for (long millis = time.toMillis(); millis > 0; millis--) {
            nowNanos += Duration.ofMillis(1).toNanos();
            channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private void failWrites(IOException cause) {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            private final List<ChannelPromise> written = new ArrayList<>();

            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                written.add(promise);
            }

            @Override
            public void flush(ChannelHandlerContext ctx) {
                written.forEach(promise -> promise.tryFailure(cause));
                written.clear();
            }
        });
    }

    private void nominate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairNominated(pair, RTT));
    }

    private void validate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairValidated(pair, RTT));
    }

    private void write(int from, int to) {
        writeEach(from, to);
    }

    private List<ChannelFuture> writeEach(int from, int to) {
        List<ChannelFuture> written = new ArrayList<>();
        for (int number = from; number <= to; number++) {
            written.add(channel.writeAndFlush(outbound(number)));
        }
        return written;
    }

    private List<PathChangedEvent> pathChanges() {
        return recorder.events.stream()
                .filter(PathChangedEvent.class::isInstance)
                .map(PathChangedEvent.class::cast)
                .toList();
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

    private void assertReceived(int... numbers) {
        for (int number : numbers) {
            DatagramPacket received = channel.readInbound();
            assertThat(number(received.content())).isEqualTo(number);
            assertThat(received.recipient()).isEqualTo(IcePathHandler.LOCAL_ADDRESS);
            assertThat(received.sender()).isEqualTo(IcePathHandler.REMOTE_ADDRESS);
            received.release();
        }
        assertThat(channel.inboundMessages()).isEmpty();
    }

    private void assertDropped(DatagramPacket... packets) {
        channel.writeInbound((Object[]) packets);
        assertThat(channel.inboundMessages()).isEmpty();
        assertThat(packets).allMatch(packet -> packet.refCnt() == 0);
    }

    private static DatagramPacket junk(int first, InetSocketAddress sender) {
        return new DatagramPacket(Unpooled.buffer(1).writeByte(first), BASE, sender);
    }

    private static CandidatePairStats untouched(CandidatePair pair) {
        return new CandidatePairStats(pair, CandidatePairState.SUCCEEDED, false, true, RTT, RTT, 1, 1, 1, 1, 0, 0);
    }
}
