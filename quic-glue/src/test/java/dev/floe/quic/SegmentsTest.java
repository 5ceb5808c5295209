package dev.floe.quic;

import static dev.floe.quic.TestPaths.BASE;
import static dev.floe.quic.TestPaths.FAR;
import static dev.floe.quic.TestPaths.NEAR;
import static dev.floe.quic.TestPaths.OTHER_BASE;
import static dev.floe.quic.TestPaths.outbound;
import static dev.floe.quic.TestPaths.pair;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets of several datagrams, which the kernel is to cut, in the path layer. */
class SegmentsTest {

    private static final int SEGMENT = 5;
    private static final CandidatePair OWN = pair(BASE, NEAR);
    private static final CandidatePair RELAYED = pair(OTHER_BASE, FAR);

    private final IcePathHandler path = new IcePathHandler(new ScriptedIce(BASE, NEAR, FAR), System::nanoTime);
    private final EmbeddedChannel channel = new EmbeddedChannel(path) {
        @Override
        protected SocketAddress localAddress0() {
            return BASE;
        }
    };

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void packetGetsThePairsAddressesAndKeepsItsSegments() {
        path.open(OWN);
        SegmentedDatagramPacket packet = segmented(1, 3);

        channel.writeOutbound(packet);

        SegmentedDatagramPacket sent = channel.readOutbound();
        assertThat(sent.segmentSize()).isEqualTo(SEGMENT);
        assertThat(sent.content()).isSameAs(packet.content());
        assertThat(sent.recipient()).isEqualTo(NEAR);
        assertThat(sent.sender()).isEqualTo(BASE);
        sent.release();
    }

    @Test
    void packetIsCutHereIfItDoesNotLeaveByTheChannelsOwnSocket() {
        path.open(RELAYED);
        SegmentedDatagramPacket packet = segmented(1, 20);
        packet.content().writeByte(0x40).writeByte(7);

        ChannelFuture written = channel.writeAndFlush(packet);

        assertSent(RELAYED, 1, 20);
        DatagramPacket last = channel.readOutbound();
        assertThat(last.content().readableBytes()).isEqualTo(2);
        last.release();
        assertThat(written.isSuccess()).isTrue();
        assertNothingMoreSent();
    }

    @Test
    void packetOfOneSegmentIsADatagramLikeAnyOther() {
        path.open(OWN);

        channel.writeOutbound(segmented(1, 1));

        assertSent(OWN, 1, 1);
    }

    @Test
    void earlyGateCountsDatagrams() {
        path.openEarly(OWN);

        ChannelFuture written = channel.writeAndFlush(segmented(1, 5));

        assertSent(OWN, 1, 2);
        assertNothingMoreSent();
        assertThat(written.isDone()).isFalse();
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairValidated(OWN, Duration.ofMillis(1)));
        assertSent(OWN, 3, 5);
        assertThat(written.isSuccess()).isTrue();
    }

    @Test
    void lastEightDatagramsAreSentAgainOneByOne() {
        path.open(OWN);
        channel.writeOutbound(segmented(1, 3), segmented(4, 20), outbound(21));
        channel.releaseOutbound();

        nominate(RELAYED);

        assertSent(RELAYED, 14, 21);
        assertNothingMoreSent();
        nominate(OWN);
        assertSent(OWN, 14, 21);
        assertNothingMoreSent();
    }

    @Test
    void nothingIsKeptOfWhatIsPushedOut() {
        path.open(OWN);
        SegmentedDatagramPacket packet = segmented(1, 20);
        channel.writeOutbound(packet);
        channel.releaseOutbound();
        assertThat(packet.refCnt()).isPositive();

        channel.writeOutbound(segmented(21, 28));
        assertThat(packet.refCnt()).isZero();
    }

    @Test
    void linkThatRefusesSegmentsGetsDatagramsUntilThereIsAnotherPair() {
        path.open(OWN);
        ChannelOutboundHandlerAdapter refusal = new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                if (message instanceof SegmentedDatagramPacket) {
                    ReferenceCountUtil.release(message);
                    promise.setFailure(new IOException("Invalid argument"));
                } else {
                    ctx.write(message, promise);
                }
            }
        };
        channel.pipeline().addFirst(refusal);

        assertThat(channel.writeAndFlush(segmented(1, 3)).cause()).isInstanceOf(IOException.class);
        assertNothingMoreSent();
        channel.writeOutbound(segmented(4, 6));
        assertSent(OWN, 4, 6);

        channel.pipeline().remove(refusal);
        nominate(OWN);
        channel.writeOutbound(segmented(7, 9));
        assertThat(channel.<Object>readOutbound())
                .isInstanceOf(SegmentedDatagramPacket.class)
                .satisfies(ReferenceCountUtil::release);
    }

    @Test
    void refusalByALinkThatIsNotInUseAnyMoreSaysNothingOfTheNext() {
        CandidatePair next = pair(BASE, FAR);
        List<ChannelPromise> waiting = new ArrayList<>();
        ChannelOutboundHandlerAdapter slow = new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                waiting.add(promise);
            }
        };
        path.open(OWN);
        channel.pipeline().addFirst(slow);
        channel.writeAndFlush(segmented(1, 3));
        ChannelPromise refused = waiting.get(0);

        nominate(next);
        refused.setFailure(new IOException("Invalid argument"));

        channel.pipeline().remove(slow);
        channel.writeOutbound(segmented(4, 6));
        assertThat(channel.<Object>readOutbound())
                .isInstanceOf(SegmentedDatagramPacket.class)
                .satisfies(ReferenceCountUtil::release);
    }

    @Test
    void channelsThatDoNotSegmentGetNoAllocator() {
        assertThat(QuicTuning.segments(NioDatagramChannel.class).maxNumSegments())
                .isZero();
    }

    private void nominate(CandidatePair pair) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairNominated(pair, Duration.ofMillis(1)));
    }

    private static SegmentedDatagramPacket segmented(int from, int to) {
        ByteBuf content = Unpooled.buffer();
        for (int number = from; number <= to; number++) {
            content.writeByte(0x40).writeInt(number);
        }
        return new SegmentedDatagramPacket(content, SEGMENT, IcePathHandler.REMOTE_ADDRESS);
    }

    private void assertSent(CandidatePair pair, int from, int to) {
        for (int number = from; number <= to; number++) {
            DatagramPacket sent = channel.readOutbound();
            assertThat(sent).as("datagram %d", number).isNotNull().isNotInstanceOf(SegmentedDatagramPacket.class);
            assertThat(TestPaths.number(sent.content())).isEqualTo(number);
            assertThat(sent.content().readableBytes()).isEqualTo(SEGMENT);
            assertThat(sent.recipient()).isEqualTo(pair.remoteAddress());
            assertThat(sent.sender()).isEqualTo(pair.base());
            sent.release();
        }
    }

    private void assertNothingMoreSent() {
        assertThat(channel.outboundMessages()).isEmpty();
    }
}
