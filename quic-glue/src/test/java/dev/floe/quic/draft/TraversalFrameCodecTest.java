package dev.floe.quic.draft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.floe.quic.draft.TraversalFrame.AddAddress;
import dev.floe.quic.draft.TraversalFrame.PunchMeNow;
import dev.floe.quic.draft.TraversalFrame.RemoveAddress;
import dev.floe.quic.draft.TraversalFrame.TransportParameter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The hexadecimal was worked out by hand from the draft's figures and RFC 9000 §16, §18. */
class TraversalFrameCodecTest {

    private static final String EMPTY_PARAMETER = "fd7e9f0bca12fea6" + "00";

    private final EmbeddedChannel channel = new EmbeddedChannel(new TraversalFrameCodec());

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    static Stream<Arguments> parameters() {
        return Stream.of(
                arguments(EMPTY_PARAMETER, new TransportParameter(OptionalLong.empty())),
                arguments("fd7e9f0bca12fea6" + "01" + "08", new TransportParameter(OptionalLong.of(8))),
                arguments("fd7e9f0bca12fea6" + "02" + "412c", new TransportParameter(OptionalLong.of(300))),
                arguments("fd7e9f0bca12fea6" + "01" + "00", new TransportParameter(OptionalLong.of(0))));
    }

    static Stream<Arguments> frames() {
        return Stream.of(
                arguments("803d7e90" + "00" + "c0000201" + "1151", new AddAddress(0, address("192.0.2.1", 4433))),
                arguments(
                        "803d7e91" + "7bbd" + "20010db8000000000000000000000001" + "01bb",
                        new AddAddress(15_293, address("2001:db8::1", 443))),
                arguments(
                        "803d7e92" + "01" + "00" + "c6336407" + "c350",
                        new PunchMeNow(1, 0, address("198.51.100.7", 50_000))),
                arguments(
                        "803d7e93" + "9d7f3e7d" + "3f" + "fd000000000000000000000000000002" + "0001",
                        new PunchMeNow(494_878_333, 63, address("fd00::2", 1))),
                arguments("803d7e94" + "4040", new RemoveAddress(64)));
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void parameterIsTheFirstWord(String hex, TransportParameter parameter) {
        receive(hex);
        assertThat(channel.<TraversalFrame>readInbound()).isEqualTo(parameter);
        assertThat(written(parameter)).isEqualTo(hex);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void frameHasTheBytesOfTheDraft(String hex, TraversalFrame frame) {
        negotiate();
        receive(hex);
        assertThat(channel.<TraversalFrame>readInbound()).isEqualTo(frame);
        assertThat(written(frame)).isEqualTo(hex);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void frameThatComesByteByByteIsOneFrame(String hex, TraversalFrame frame) {
        String all = EMPTY_PARAMETER + hex + hex;
        for (int i = 0; i < all.length(); i += 2) {
            receive(all.substring(i, i + 2));
        }
        assertThat(channel.<TraversalFrame>readInbound()).isInstanceOf(TransportParameter.class);
        assertThat(channel.<TraversalFrame>readInbound()).isEqualTo(frame);
        assertThat(channel.<TraversalFrame>readInbound()).isEqualTo(frame);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void frameThatIsCutOffIsNone(String hex, TraversalFrame frame) {
        negotiate();
        receive(hex.substring(0, hex.length() - 2));
        assertThat(channel.<TraversalFrame>readInbound()).as(frame.toString()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "another parameter first, fd7e9f0bca12fea700, 8",
        "a frame first, 803d7e9000c00002011151, 8",
        "a value of 9 bytes, fd7e9f0bca12fea609, 8",
        "a value as long as a number goes, fd7e9f0bca12fea6ffffffffffffffff, 8",
        "a value cut off in its number, fd7e9f0bca12fea60140, 8",
        "a byte behind the number, fd7e9f0bca12fea6020800, 8",
        "PING, fd7e9f0bca12fea60001, 7",
        "the parameter again, fd7e9f0bca12fea600fd7e9f0bca12fea600, 7",
        "the type before, fd7e9f0bca12fea600803d7e8f00c00002011151, 7",
        "the type behind, fd7e9f0bca12fea600803d7e9500c00002011151, 7"
    })
    void whatTheDraftDoesNotKnowEndsTheReading(String what, String hex, int code) {
        assertThatThrownBy(() -> receive(hex))
                .as(what)
                .isInstanceOfSatisfying(
                        TraversalException.class,
                        forbidden -> assertThat(forbidden.code()).isEqualTo(code));
        channel.releaseInbound();
        receive("803d7e944040");
        assertThat(channel.<TraversalFrame>readInbound()).isNull();
    }

    /** Whatever comes: frames, or an exception of the one kind. */
    @Test
    void anyBytesAreFramesOrForbidden() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 5_000; i++) {
            EmbeddedChannel one = new EmbeddedChannel(new TraversalFrameCodec());
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            // Mostly past the parameter and into a frame.
            String start = random.nextInt(4) == 0 ? "" : EMPTY_PARAMETER + "803d7e9" + random.nextInt(6);
            try {
                one.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(start), bytes));
            } catch (TraversalException e) {
                assertThat(e.code()).isIn(7, 8);
            }
            one.finishAndReleaseAll();
        }
    }

    private void negotiate() {
        receive(EMPTY_PARAMETER);
        assertThat(channel.<TraversalFrame>readInbound()).isNotNull();
    }

    private void receive(String hex) {
        channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    private String written(TraversalFrame frame) {
        channel.writeOutbound(frame);
        ByteBuf bytes = channel.readOutbound();
        String hex = ByteBufUtil.hexDump(bytes);
        bytes.release();
        return hex;
    }

    private static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(host, port);
    }
}
