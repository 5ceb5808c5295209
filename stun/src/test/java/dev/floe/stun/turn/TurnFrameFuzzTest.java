package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.floe.stun.StunFrameDecoder;
import dev.floe.stun.StunMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

class TurnFrameFuzzTest {
    private static final int PIECE = 3;

    /** As one datagram, and as a stream that comes at once or in pieces. */
    @FuzzTest
    void anyBytesAreReadAlikeHoweverTheyCome(byte[] bytes) {
        verify(bytes);
        List<byte[]> frames = frames(bytes, bytes.length);
        assertThat(frames(bytes, PIECE)).containsExactlyElementsOf(frames);
        assertThat(frames.stream().mapToInt(frame -> frame.length).sum()).isLessThanOrEqualTo(bytes.length);
        frames.forEach(TurnFrameFuzzTest::verify);
    }

    private static List<byte[]> frames(byte[] stream, int piece) {
        EmbeddedChannel channel = new EmbeddedChannel(new StunFrameDecoder());
        for (int at = 0; at < stream.length && channel.isOpen(); at += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(stream, at, Math.min(piece, stream.length - at)));
        }
        List<byte[]> frames = new ArrayList<>();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            frames.add(ByteBufUtil.getBytes(frame));
            frame.release();
        }
        channel.finishAndReleaseAll();
        return frames;
    }

    private static void verify(byte[] bytes) {
        ByteBuf frame = Unpooled.wrappedBuffer(bytes);
        if (TurnFrame.isChannelData(frame)) {
            verifyChannelData(frame);
        } else if (StunMessage.looksLikeStun(frame) && TurnFrame.isDataIndication(frame)) {
            verifyDataIndication(frame);
        }
        assertThat(frame.readerIndex()).isZero();
        assertThat(frame.refCnt()).isOne();
    }

    private static void verifyChannelData(ByteBuf frame) {
        int channel = TurnFrame.channel(frame);
        if (channel == ChannelBindings.NONE) {
            return;
        }
        ByteBuf data = TurnFrame.channelData(frame);
        assertThat(channel).isBetween(0x4000, 0x4FFF);
        ByteBuf again = TurnFrame.channelData(channel, data, true, ByteBufAllocator.DEFAULT);
        assertThat(again.readableBytes() % 4).isZero();
        assertThat(TurnFrame.channel(again)).isEqualTo(channel);
        assertThat(TurnFrame.channelData(again)).isEqualTo(data);
        again.release();
    }

    private static void verifyDataIndication(ByteBuf frame) {
        TurnFrame.DataIndication indication = TurnFrame.dataIndication(frame);
        if (indication == null) {
            return;
        }
        assertThat(indication.data().readableBytes()).isLessThan(frame.readableBytes());
        ByteBuf again = TurnFrame.sendIndication(indication.peer(), indication.data(), ByteBufAllocator.DEFAULT);
        assertThat(TurnFrame.dataIndication(again)).isEqualTo(indication);
        again.release();
    }
}
