package dev.floe.quic;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.EncoderException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames of docs/control-stream.md, worked by hand. */
class ControlFrameCodecTest {

    private static final String FRAGMENT = "0004 39623466";
    private static final String PASSWORD = "0016 7369787465656e2b636861726163746572732b787878";
    private static final IceCredentials CREDENTIALS = new IceCredentials("9b4f", "sixteen+characters+xxx");
    private static final Candidate CANDIDATE =
            Candidate.parse("1 1 udp 2130706431 192.0.2.1 5000 typ host").orElseThrow();
    private static final String CANDIDATE_TEXT =
            "002a " + "312031207564702032313330373036343331203139322e302e322e312035303030" + "2074797020686f7374";

    private long nowNanos;
    private final EmbeddedChannel channel = new EmbeddedChannel(new ControlFrameCodec(() -> nowNanos));

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void credentialsAreTheDocumentedBytes() {
        assertBothWays(new ControlFrame.Credentials(CREDENTIALS), "01 01 001e" + FRAGMENT + PASSWORD);
    }

    @Test
    void candidateIsTheDocumentedBytes() {
        assertBothWays(new ControlFrame.CandidateLine("9b4f", CANDIDATE), "01 02 0032" + FRAGMENT + CANDIDATE_TEXT);
    }

    @Test
    void endOfCandidatesIsTheDocumentedBytes() {
        assertBothWays(new ControlFrame.EndOfCandidates("9b4f"), "01 03 0006" + FRAGMENT);
    }

    @Test
    void descriptionIsTheDocumentedBytes() {
        Set<String> options = new LinkedHashSet<>(List.of("trickle", "x"));
        assertBothWays(
                new ControlFrame.Description(CREDENTIALS, options),
                "01 04 002b" + FRAGMENT + PASSWORD + "02 0007 747269636b6c65 0001 78");
    }

    @Test
    void framesAreReadHoweverTheyAreCut() {
        byte[] bytes = bytes("01 03 0006" + FRAGMENT + "01 01 001e" + FRAGMENT + PASSWORD);
        for (byte one : bytes) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {one}));
        }

        assertThat(heard())
                .containsExactly(new ControlFrame.EndOfCandidates("9b4f"), new ControlFrame.Credentials(CREDENTIALS));
    }

    @Test
    void truncatedFrameIsNoFrame() {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes("01 01 001e" + FRAGMENT)));

        assertThat(heard()).isEmpty();
        channel.finish();
        assertThat(heard()).isEmpty();
    }

    @Test
    void frameOfAnUnknownTypeIsSkipped() {
        read("01 00 0000", "01 7f 0003 ffffff", "01 ff 0001 01", "01 03 0006" + FRAGMENT);

        assertThat(heard()).containsExactly(new ControlFrame.EndOfCandidates("9b4f"));
    }

    @Test
    void candidateThatIsOfNoUseIsSkipped() {
        String tcp = "1 1 tcp 2130706431 192.0.2.1 5000 typ host";
        read("01 02 0032" + FRAGMENT + text(tcp), "01 03 0006" + FRAGMENT);

        assertThat(heard()).containsExactly(new ControlFrame.EndOfCandidates("9b4f"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00 03 0006 0004 39623466",
                "02 03 0006 0004 39623466",
                "01 05 1001",
                "01 05 ffff",
                "01 03 0006 0005 39623466",
                "01 03 0006 ffff 39623466",
                "01 03 0001 00",
                "01 03 0000",
                "01 03 0007 0004 39623466 00",
                "01 01 0006 0004 39623466",
                "01 01 000c 0004 39623466 0004 39623466",
                "01 01 001d 0003 396234 0016 7369787465656e2b636861726163746572732b787878",
                "01 01 001e 0004 3962343a 0016 7369787465656e2b636861726163746572732b787878",
                "01 01 001e 0004 396234ff 0016 7369787465656e2b636861726163746572732b787878",
                "01 01 001e 0004 39620a66 0016 7369787465656e2b636861726163746572732b787878",
                "01 02 0008 0004 39623466 0000",
                "01 02 000b 0004 39623466 0003 6e6f70",
                "01 04 001e 0004 39623466 0016 7369787465656e2b636861726163746572732b787878",
                "01 04 001f 0004 39623466 0016 7369787465656e2b636861726163746572732b787878 01",
                "01 04 0020 0004 39623466 0016 7369787465656e2b636861726163746572732b787878 00 00",
            })
    void malformedFrameIsTheLastThatIsRead(String malformed) {
        assertThatThrownBy(() -> read(malformed)).isInstanceOf(CorruptedFrameException.class);

        read("01 03 0006" + FRAGMENT);
        assertThat(heard()).isEmpty();
    }

    @Test
    void tooManyOptionsAreMalformed() {
        StringBuilder options = new StringBuilder("ff");
        for (int option = 0; option < 255; option++) {
            options.append("0002").append(ByteBufUtil.hexDump(new byte[] {'a', (byte) ('0' + option % 64)}));
        }
        String payload = FRAGMENT + PASSWORD + options;
        read("01 04" + String.format("%04x", bytes(payload).length) + payload);

        // What an agent takes is for its description to bound.
        assertThat(heard()).singleElement().isInstanceOf(ControlFrame.Description.class);
    }

    @Test
    void moreThanABurstIsMalformedAndTimeAllowsMore() {
        String full = "01 7f 0ffc" + "00".repeat(4_092);
        for (int frame = 0; frame < ControlFrameCodec.BURST_BYTES / 4_096; frame++) {
            read(full);
        }
        nowNanos += TimeUnit.SECONDS.toNanos(4);
        read(full);

        assertThatThrownBy(() -> read("01 7f 0000")).isInstanceOf(CorruptedFrameException.class);
    }

    @Test
    void textThatIsTooLongIsNotSaid() {
        ControlFrame tooLong = new ControlFrame.EndOfCandidates("x".repeat(513));

        assertThatThrownBy(() -> channel.writeOutbound(tooLong)).isInstanceOf(EncoderException.class);
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void randomBytesEndInAFrameOrAnErrorAndNothingElse() {
        long seed = System.nanoTime();
        System.out.println("seed of the random frames: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 2_000; run++) {
            EmbeddedChannel hostile = new EmbeddedChannel(new ControlFrameCodec(() -> 0));
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 4) {
                bytes[0] = 1;
                bytes[1] = (byte) random.nextInt(6);
                bytes[2] = 0;
                bytes[3] = (byte) random.nextInt(bytes.length - 3);
            }
            try {
                hostile.writeInbound(Unpooled.wrappedBuffer(bytes));
            } catch (CorruptedFrameException expected) {
                assertThat(expected).hasMessageNotContaining("null");
            }
            hostile.finishAndReleaseAll();
        }
    }

    private void assertBothWays(ControlFrame frame, String hex) {
        channel.writeOutbound(frame);
        ByteBuf written = channel.readOutbound();
        assertThat(ByteBufUtil.hexDump(written)).isEqualTo(hex.replace(" ", ""));
        written.release();
        read(hex);
        assertThat(heard()).containsExactly(frame);
    }

    private void read(String... frames) {
        for (String frame : frames) {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes(frame)));
        }
    }

    private List<Object> heard() {
        List<Object> heard = new ArrayList<>(channel.inboundMessages());
        channel.inboundMessages().clear();
        return heard;
    }

    private static String text(String text) {
        return String.format("%04x", text.length()) + ByteBufUtil.hexDump(text.getBytes(US_ASCII));
    }

    private static byte[] bytes(String hex) {
        return ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
    }
}
