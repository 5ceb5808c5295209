package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8489, section 6.2.2, and RFC 8656, section 12.5. */
class StunFrameDecoderTest {
    private static final String STUN = HexFormat.of().formatHex(Vectors.REQUEST.bytes());
    private static final String CHANNEL_DATA = "40000005" + "0102030405";

    private final EmbeddedChannel channel = new EmbeddedChannel(new StunFrameDecoder());

    @Test
    void messagesAreCutWhereTheyEnd() {
        assertThat(frames(STUN + STUN + CHANNEL_DATA + "000000" + STUN))
                .containsExactly(STUN, STUN, CHANNEL_DATA, STUN);
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void messagesComeOutWholeHoweverTheyWereCutOnTheWay() {
        byte[] stream =
                HexFormat.of().parseHex(STUN + CHANNEL_DATA + "000000" + STUN + "4fff0000" + "40010004aabbccdd");
        for (int piece = 1; piece < stream.length; piece++) {
            List<String> frames = new ArrayList<>();
            for (int at = 0; at < stream.length; at += piece) {
                int end = Math.min(at + piece, stream.length);
                frames.addAll(frames(HexFormat.of().formatHex(stream, at, end)));
            }
            assertThat(frames).containsExactly(STUN, CHANNEL_DATA, STUN, "4fff0000", "40010004aabbccdd");
        }
    }

    @Test
    void channelDataWaitsForItsPadding() {
        assertThat(frames(CHANNEL_DATA + "0000")).isEmpty();
        assertThat(frames("00")).containsExactly(CHANNEL_DATA);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80000000", "ffffffff", "160303", // TLS where TCP is meant
                "00010002", "0001000012345678", "00000001"
            })
    void streamThatHoldsAnythingElseIsClosed(String start) {
        assertThat(frames(STUN + start + "0000000000")).containsExactly(STUN);
        assertThat(channel.isActive()).isFalse();
        assertThat(frames(STUN)).isEmpty();
    }

    @Test
    void anyBytesEitherAreFramesOrEndTheStream() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(3000)];
            random.nextBytes(bytes);
            EmbeddedChannel any = new EmbeddedChannel(new StunFrameDecoder());
            any.writeInbound(Unpooled.wrappedBuffer(bytes));
            any.checkException();
            any.finishAndReleaseAll();
        }
    }

    private List<String> frames(String hex) {
        List<String> frames = new ArrayList<>();
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
        }
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            frames.add(ByteBufUtil.hexDump(frame));
            frame.release();
        }
        return frames;
    }
}
