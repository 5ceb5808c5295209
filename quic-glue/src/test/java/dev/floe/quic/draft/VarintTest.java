package dev.floe.quic.draft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {

    /** The first five are RFC 9000's own (appendix A.1), the rest are the least and the most of each length. */
    @ParameterizedTest
    @CsvSource({
        "c2197c5eff14e88c, 151288809941952652",
        "9d7f3e7d, 494878333",
        "7bbd, 15293",
        "25, 37",
        "00, 0",
        "3f, 63",
        "4040, 64",
        "7fff, 16383",
        "80004000, 16384",
        "bfffffff, 1073741823",
        "c000000040000000, 1073741824",
        "ffffffffffffffff, 4611686018427387903"
    })
    void numberHasTheBytesOfTheSpecification(String hex, long number) {
        assertThat(read(hex)).isEqualTo(number);
        ByteBuf written = Unpooled.buffer();
        Varint.write(written, number);
        assertThat(ByteBufUtil.hexDump(written)).isEqualTo(hex);
        assertThat(Varint.length(number)).isEqualTo(hex.length() / 2);
    }

    @Test
    void numberMayBeLongerThanItHasToBe() {
        assertThat(read("4025")).isEqualTo(37);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7b", "9d7f3e", "c2197c5eff14e8"})
    void numberThatIsNotAllThereIsLeft(String hex) {
        ByteBuf in = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
        assertThat(Varint.read(in)).isEqualTo(Varint.INCOMPLETE);
        assertThat(in.readerIndex()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 62})
    void numberThatDoesNotFitIsRefused(long number) {
        assertThatThrownBy(() -> Varint.write(Unpooled.buffer(), number)).isInstanceOf(IllegalArgumentException.class);
    }

    private static long read(String hex) {
        return Varint.read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }
}
