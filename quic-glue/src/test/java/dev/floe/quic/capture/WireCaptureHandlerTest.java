package dev.floe.quic.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireCaptureHandlerTest {

    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1000);
    private static final InetSocketAddress THERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2000);

    @TempDir
    private Path folder;

    @Test
    void packetThatTheKernelIsToCutIsCapturedAsWhatItIsCutInto() throws Exception {
        Path file = folder.resolve("capture");
        try (CaptureFile capture = CaptureFile.open(file)) {
            EmbeddedChannel channel = new EmbeddedChannel(capture.tap("floe").wireHandler()) {
                @Override
                protected SocketAddress localAddress0() {
                    return HERE;
                }
            };
            SegmentedDatagramPacket packet =
                    new SegmentedDatagramPacket(Unpooled.wrappedBuffer(new byte[] {64, 1, 64, 2, 64}), 2, THERE);

            channel.writeOutbound(packet);

            assertThat(channel.<Object>readOutbound()).isSameAs(packet);
            assertThat(packet.content().readableBytes()).isEqualTo(5);
            ReferenceCountUtil.release(packet);
            channel.finishAndReleaseAll();
        }

        assertThat(CapturedFile.read(file).packets())
                .allMatch(each -> each.isOutbound()
                        && each.source().equals(HERE)
                        && each.destination().equals(THERE))
                .extracting(each -> each.payload().remaining())
                .containsExactly(2, 2, 1);
    }
}
