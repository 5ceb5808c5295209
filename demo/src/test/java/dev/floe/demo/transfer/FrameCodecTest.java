package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {

    private static final Sha256 SUM = Sha256.of(Sha256.newDigest());

    static List<Frame> frames() {
        return List.of(
                new Frame.Offer(Kind.FOLDER, "Ordner ü", 3),
                new Frame.Entry("a/b", false, true, Long.MAX_VALUE),
                new Frame.Entry("stdin", false, false, -1),
                new Frame.Entry("a", true, false, 0),
                new Frame.Have(7, 1L << 40, SUM),
                new Frame.Ready(),
                new Frame.Start(7, 1L << 40),
                new Frame.End(SUM),
                new Frame.Received(9),
                new Frame.Done(SUM),
                new Frame.Failed("io", "no space left"));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void frameIsReadAsItWasWrittenHoweverItIsCut(Frame frame) {
        ByteBuf bytes = FrameCodec.encode(frame, UnpooledByteBufAllocator.DEFAULT);
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
        while (bytes.isReadable()) {
            assertThat(channel.<Frame>readInbound()).isNull();
            channel.writeInbound(bytes.readBytes(1));
        }
        assertThat(channel.<Frame>readInbound()).isEqualTo(frame);
        assertThat(channel.finish()).isFalse();
        bytes.release();
    }

    @Test
    void dataGoesOnInThePiecesInWhichItComes() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
        ByteBuf bytes = FrameCodec.encode(
                new Data(Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5})), UnpooledByteBufAllocator.DEFAULT);
        channel.writeInbound(bytes.readBytes(7), bytes.readBytes(3));
        channel.writeInbound(FrameCodec.encode(new Frame.Ready(), UnpooledByteBufAllocator.DEFAULT));
        for (int expected : List.of(2, 3)) {
            Data data = channel.readInbound();
            assertThat(data.content().readableBytes()).isEqualTo(expected);
            data.content().release();
        }
        assertThat(channel.<Frame>readInbound()).isEqualTo(new Frame.Ready());
        channel.finish();
        bytes.release();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00", // no such type
                "72 00000001 00", // longer than the frame
                "6f 00000003 01 00 00", // shorter than its fields
                "6f 00000009 02 66 0001 61 00000001", // another version
                "6f 00000009 01 09 0001 61 00000001", // no such kind
                "6f 00000009 01 66 0001 61 ffffffff", // a negative count
                "65 0000000c 0001 61 00 fffffffffffffffe", // a negative size
                "65 0000000c 0001 61 01 0000000000000001", // a folder with bytes
                "70 00000008 8000000000000000", // a negative count of bytes
                "6f 00002001", // longer than any frame may be
                "64 80000000" // data of a negative length
            })
    void nonsenseIsRefused(String hex) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
        byte[] bytes = HexFormat.of().parseHex((hex + "00000000").replace(" ", ""));
        assertThatExceptionOfType(DecoderException.class)
                .isThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(bytes)));
        channel.finishAndReleaseAll();
    }

    @Test
    void anyBytesAreFramesOrRefused() {
        long seed = new Random().nextLong();
        System.out.println("seed of FrameCodecTest: " + seed);
        Random random = new Random(seed);
        byte[] types = "oehrsfpkxd".getBytes(US_ASCII);
        for (int round = 0; round < 20_000; round++) {
            byte[] fields = new byte[random.nextInt(60)];
            random.nextBytes(fields);
            ByteBuf in = Unpooled.buffer()
                    .writeByte(types[random.nextInt(types.length)])
                    .writeInt(random.nextInt(10) == 0 ? random.nextInt() : fields.length)
                    .writeBytes(fields);
            EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
            try {
                channel.writeInbound(in);
            } catch (DecoderException e) {
                // That is what it is for.
            }
            channel.finishAndReleaseAll();
        }
    }
}
