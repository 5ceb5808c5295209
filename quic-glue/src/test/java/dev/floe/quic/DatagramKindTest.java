package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatagramKindTest {

    /** The table of RFC 9443 §3, figure 1, each range with its both ends. */
    @ParameterizedTest
    @CsvSource({
        "0, 3, STUN",
        "4, 15, OTHER",
        "16, 19, OTHER", // ZRTP
        "20, 63, OTHER", // DTLS
        "64, 79, QUIC_SHORT_HEADER", // ChannelData from a TURN server, which never comes this far
        "80, 127, QUIC_SHORT_HEADER",
        "128, 191, OTHER", // RTP and RTCP
        "192, 255, QUIC_LONG_HEADER"
    })
    void firstByteTellsTheKind(int from, int to, DatagramKind kind) {
        for (int first = from; first <= to; first++) {
            assertThat(kind(first)).as("first byte %d", first).isEqualTo(kind);
            assertThat(kind(first, 0xC0, 0)).as("first byte %d of three", first).isEqualTo(kind);
        }
    }

    @Test
    void emptyDatagramIsOfNoKind() {
        assertThat(DatagramKind.of(Unpooled.EMPTY_BUFFER)).isEqualTo(DatagramKind.OTHER);
        assertThat(DatagramKind.of(Unpooled.wrappedBuffer(new byte[] {64}).skipBytes(1)))
                .isEqualTo(DatagramKind.OTHER);
    }

    @Test
    void firstByteIsTheOneAtTheReaderIndexAndIsNotConsumed() {
        ByteBuf content = Unpooled.wrappedBuffer(new byte[] {0, 64, (byte) 192}).skipBytes(1);

        assertThat(DatagramKind.of(content)).isEqualTo(DatagramKind.QUIC_SHORT_HEADER);
        assertThat(content.readerIndex()).isEqualTo(1);
        assertThat(DatagramKind.of(content.skipBytes(1))).isEqualTo(DatagramKind.QUIC_LONG_HEADER);
        assertThat(content.refCnt()).isEqualTo(1);
    }

    @Test
    void bothHeadersAreQuicAndNothingElseIs() {
        assertThat(DatagramKind.values())
                .filteredOn(DatagramKind::isQuic)
                .containsExactly(DatagramKind.QUIC_SHORT_HEADER, DatagramKind.QUIC_LONG_HEADER);
    }

    private static DatagramKind kind(int... bytes) {
        ByteBuf content = Unpooled.buffer(bytes.length);
        for (int each : bytes) {
            content.writeByte(each);
        }
        return DatagramKind.of(content);
    }
}
