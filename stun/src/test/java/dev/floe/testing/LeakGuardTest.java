package dev.floe.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeakGuardTest {
    @Test
    void leakedBufferIsReportedWithItsPlaceOfBirth(LeakGuard guard) {
        leak();

        assertThatThrownBy(guard::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 leaked")
                .hasMessageContaining("LeakGuardTest.leak(");
    }

    @Test
    void releasedBufferIsNotReported(LeakGuard guard) {
        ByteBufAllocator.DEFAULT.buffer(10).writeByte(1).release();

        assertThatCode(guard::close).doesNotThrowAnyException();
    }

    @Test
    void bufferInUseIsNotReported(LeakGuard guard) {
        ByteBuf inUse = ByteBufAllocator.DEFAULT.buffer(10);

        assertThatCode(guard::close).doesNotThrowAnyException();
        inUse.release();
    }

    private static void leak() {
        ByteBufAllocator.DEFAULT.buffer(10).writeByte(1);
    }
}
