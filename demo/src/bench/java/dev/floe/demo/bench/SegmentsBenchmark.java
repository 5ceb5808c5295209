package dev.floe.demo.bench;

import dev.floe.demo.bench.Transfer.Direction;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One stream over swapped channels of three kinds that take turns: epoll with packets that the kernel cuts into datagrams
 * (UDP_SEGMENT), epoll without them, and NIO.
 */
final class SegmentsBenchmark {

    private static final int WARM_UP_ROUNDS = 1;
    private static final int ROUNDS = 5;

    // Places of a round's transfers.
    private static final int SEGMENTED = 0;
    private static final int EPOLL = 1;
    private static final int NIO = 2;

    private final String name;

    /** @param name of the benchmark that this is a part of */
    SegmentsBenchmark(String name) {
        this.name = name;
    }

    /** Without epoll there are no figures. */
    List<Figure> run(Report report) throws Exception {
        if (!Epoll.isAvailable() || !EpollDatagramChannel.isSegmentedDatagramPacketSupported()) {
            String reason = Epoll.isAvailable() ? "this kernel has no UDP_SEGMENT" : "there is no epoll here";
            report.step(name, Map.of("skipped", "gso_ratio", "reason", reason));
            return List.of();
        }
        Turns turns = new Turns();
        try (Peers epoll = Peers.create(Transport.epoll());
                Peers nio = Peers.create()) {
            for (int round = 1 - WARM_UP_ROUNDS; round <= ROUNDS; round++) {
                Turns counted = round > 0 ? turns : new Turns();
                round(epoll, nio, counted);
                report.step(name, lastRound(counted, round));
            }
        }
        return List.of(
                Figure.of("gso_ratio", turns.ratio(SEGMENTED, EPOLL), "epoll with segmented datagrams to epoll without, swapped channels, median of " + ROUNDS),
                Figure.of("gso_cpu_ratio", turns.cpuRatio(SEGMENTED, EPOLL), "the same for each second of processor time"),
                Figure.of("gso_nio_ratio", turns.ratio(SEGMENTED, NIO), "epoll with segmented datagrams to NIO"),
                Figure.of("gso_mbit_s", turns.mbitPerSecond(SEGMENTED), "Mbit/s, one stream over epoll with segmented datagrams"));
    }

    private static void round(Peers epoll, Peers nio, Turns turns) throws Exception {
        try (SwappedLink segmented = SwappedLink.connect(epoll);
                SwappedLink unsegmented = SwappedLink.connect(epoll);
                SwappedLink overNio = SwappedLink.connect(nio)) {
            withoutSegments(unsegmented.client());
            withoutSegments(unsegmented.server());
            turns.round(List.of(
                    Transfer.open(epoll, segmented, Direction.UP),
                    Transfer.open(epoll, unsegmented, Direction.UP),
                    Transfer.open(nio, overNio, Direction.UP)));
        }
    }

    private static void withoutSegments(QuicChannel connection) {
        connection
                .config()
                .setOption(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, SegmentedDatagramPacketAllocator.NONE);
    }

    private static Map<String, Object> lastRound(Turns turns, int round) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("round", round);
        fields.put("gso_mbit_s", turns.lastMbitPerSecond(SEGMENTED));
        fields.put("epoll_mbit_s", turns.lastMbitPerSecond(EPOLL));
        fields.put("nio_mbit_s", turns.lastMbitPerSecond(NIO));
        return fields;
    }
}
