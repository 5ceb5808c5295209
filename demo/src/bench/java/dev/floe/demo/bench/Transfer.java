package dev.floe.demo.bench;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;

/** One stream over a link, run in short slices so that two links can take turns while the machine is the same to both. */
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
    private final Pump pump = new Pump();
    private long bytes;
    private long nanos;
    private long cpuNanos;

    private Transfer(Peers peers, Link link) {
        this.peers = peers;
        this.link = link;
    }

    /** Opens the stream. */
    static Transfer open(Peers peers, Link link, Direction direction) throws InterruptedException {
        Transfer transfer = new Transfer(peers, link);
        QuicChannel sender = direction == Direction.UP ? link.client() : link.server();
        sender.createStream(QuicStreamType.UNIDIRECTIONAL, transfer.pump).sync();
        return transfer;
    }

    /** Sends for a moment, counting what arrives once the flow is steady; returns when all has arrived. */
    void slice() throws InterruptedException {
        pump.run(true);
        Thread.sleep(SETTLE_MILLIS);
        long startBytes = link.meter().bytes();
        long startCpuNanos = peers.cpuNanos();
        long startNanos = System.nanoTime();
        Thread.sleep(SLICE_MILLIS);
        bytes += link.meter().bytes() - startBytes;
        nanos += System.nanoTime() - startNanos;
        cpuNanos += peers.cpuNanos() - startCpuNanos;
        pump.run(false);
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
