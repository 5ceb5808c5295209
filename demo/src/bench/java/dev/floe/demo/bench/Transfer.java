package dev.floe.demo.bench;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.ArrayList;
import java.util.List;

/** Streams over a link, run in short slices so that two links can take turns while the machine is the same to both. */
final class Transfer {

    /** Which way the data goes. */
    enum Direction {
        UP,
        DOWN
    }

    private static final int SETTLE_MILLIS = 20;
    private static final int SLICE_MILLIS = 150;
    private static final int DRAIN_MILLIS = 5;

    private final Peers peers;
    private final Link link;
    private final List<Pump> pumps = new ArrayList<>();
    private long bytes;
    private long nanos;
    private long cpuNanos;

    private Transfer(Peers peers, Link link) {
        this.peers = peers;
        this.link = link;
    }

    /** Opens the one stream. */
    static Transfer open(Peers peers, Link link, Direction direction) throws InterruptedException {
        return open(peers, link, direction, 1);
    }

    /** Opens so many streams. */
    static Transfer open(Peers peers, Link link, Direction direction, int streams) throws InterruptedException {
        Transfer transfer = new Transfer(peers, link);
        QuicChannel sender = direction == Direction.UP ? link.client() : link.server();
        for (int i = 0; i < streams; i++) {
            Pump pump = new Pump();
            sender.createStream(QuicStreamType.UNIDIRECTIONAL, pump).sync();
            transfer.pumps.add(pump);
        }
        return transfer;
    }

    /** Sends for a moment, counting what arrives once the flow is steady; returns when all has arrived. */
    void slice() throws InterruptedException {
        pumps.forEach(pump -> pump.run(true));
        Thread.sleep(SETTLE_MILLIS);
        long startBytes = link.meter().bytes();
        long startCpuNanos = peers.cpuNanos();
        long startNanos = System.nanoTime();
        Thread.sleep(SLICE_MILLIS);
        bytes += link.meter().bytes() - startBytes;
        nanos += System.nanoTime() - startNanos;
        cpuNanos += peers.cpuNanos() - startCpuNanos;
        pumps.forEach(pump -> pump.run(false));
        drain();
    }

    /** The rate over all slices. */
    double mbitPerSecond() {
        return bytes * 8 * 1e3 / nanos;
    }

    /** How much both sides together send and receive in a second of processor time. */
    double mbitPerCpuSecond() {
        return bytes * 8 * 1e3 / cpuNanos;
    }

    private void drain() throws InterruptedException {
        long before;
        do {
            before = link.meter().bytes();
            Thread.sleep(DRAIN_MILLIS);
        } while (link.meter().bytes() != before);
    }
}
