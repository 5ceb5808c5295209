package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldDatagramsTest {

    private static final int ROOM = 16;

    private final HeldDatagrams held = new HeldDatagrams();
    private final List<DatagramPacket> replayed = new ArrayList<>();

    @Test
    void replayIsInTheOrderOfArrivalAndOnlyOnce() {
        List<DatagramPacket> packets = packets(3);
        packets.forEach(held::hold);

        assertThat(held.isEmpty()).isFalse();
        assertThat(held.replay(replayed::add)).isEqualTo(3);
        assertThat(replayed).containsExactlyElementsOf(packets);
        assertThat(packets).allMatch(packet -> packet.refCnt() == 1);
        assertThat(held.isEmpty()).isTrue();
        assertThat(held.replay(replayed::add)).isZero();
        replayed.forEach(DatagramPacket::release);
    }

    @Test
    void whatComesWhenThereIsNoRoomIsReleasedSinceTheInitialCameFirst() {
        List<DatagramPacket> packets = packets(ROOM + 2);

        assertThat(packets.subList(0, ROOM)).allMatch(held::hold);
        assertThat(packets.subList(ROOM, ROOM + 2)).noneMatch(held::hold);
        assertThat(packets.subList(ROOM, ROOM + 2)).allMatch(packet -> packet.refCnt() == 0);
        assertThat(held.replay(replayed::add)).isEqualTo(ROOM);
        assertThat(replayed).containsExactlyElementsOf(packets.subList(0, ROOM));
        replayed.forEach(DatagramPacket::release);
    }

    @Test
    void releaseLeavesNothing() {
        List<DatagramPacket> packets = packets(ROOM);
        packets.forEach(held::hold);

        held.release();

        assertThat(packets).allMatch(packet -> packet.refCnt() == 0);
        assertThat(held.isEmpty()).isTrue();
    }

    private static List<DatagramPacket> packets(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> TestPaths.handshake(number, TestPaths.NEAR))
                .toList();
    }
}
