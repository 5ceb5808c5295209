package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentDatagramsTest {

    private static final int KEPT = 8;

    private final RecentDatagrams recent = new RecentDatagrams();
    private final List<ByteBuf> repeated = new ArrayList<>();

    @Test
    void lastEightAreRepeatedOldestFirstAsOftenAsAsked() {
        List<ByteBuf> sent = send(KEPT + 3);

        recent.forEach(repeated::add);
        recent.forEach(repeated::add);

        assertThat(repeated)
                .extracting(TestPaths::number)
                .containsExactly(3, 4, 5, 6, 7, 8, 9, 10, 3, 4, 5, 6, 7, 8, 9, 10);
        repeated.forEach(ByteBuf::release);
        recent.release();
        assertThat(sent).allMatch(content -> content.refCnt() == 0);
    }

    @Test
    void nothingIsCopied() {
        ByteBuf content = TestPaths.content(1);
        recent.remember(packet(content));
        content.setInt(1, 2);

        recent.forEach(repeated::add);

        assertThat(repeated).extracting(TestPaths::number).containsExactly(2);
        repeated.forEach(ByteBuf::release);
        recent.release();
        content.release();
    }

    @Test
    void whatTheSocketReadsOfOneCopyLeavesTheOthersWhole() {
        send(1);

        recent.forEach(repeated::add);
        repeated.get(0).skipBytes(5).release();
        recent.forEach(repeated::add);

        assertThat(repeated.get(1).readableBytes()).isEqualTo(5);
        repeated.get(1).release();
        recent.release();
    }

    @Test
    void whatIsPushedOutIsReleased() {
        List<ByteBuf> sent = send(KEPT + 1);

        assertThat(sent.get(0).refCnt()).isZero();
        assertThat(sent.subList(1, KEPT + 1)).allMatch(content -> content.refCnt() == 1);
        recent.release();
        assertThat(sent).allMatch(content -> content.refCnt() == 0);
    }

    private static DatagramPacket packet(ByteBuf content) {
        return new DatagramPacket(content, TestPaths.NEAR, TestPaths.BASE);
    }

    /** Each was sent, and the socket has released its own reference. */
    private List<ByteBuf> send(int count) {
        List<ByteBuf> sent =
                IntStream.range(0, count).mapToObj(TestPaths::content).toList();
        sent.forEach(content -> {
            recent.remember(packet(content));
            content.release();
        });
        return sent;
    }
}
