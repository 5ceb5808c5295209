package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * What 1 to 1,000 streams of one connection take, all at once, over the swapped channel and over plain Netty QUIC in
 * turns: many that say a kilobyte each, and many that share sixteen megabytes.
 */
final class StreamGrowth {

    private static final List<Integer> SIZES = List.of(1, 10, 100, 1_000);
    private static final int WARM_UP_ROUNDS = 1;
    private static final int ROUNDS = 5;
    private static final int SETTLE_MILLIS = 50;
    private static final int WORD_BYTES = 1_024;
    private static final int SHARED_BYTES = 16 << 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private static final ByteBuf ZEROS =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer(SHARED_BYTES).writeZero(SHARED_BYTES));

    /** Wall-clock time and both sides' processor time, in microseconds. */
    private record Taken(double micros, double cpuMicros) {}

    /** What the rounds of one size have given on one kind of link. */
    private record Rounds(List<Taken> words, List<Taken> shares) {

        Rounds() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        static double median(List<Taken> taken, ToDoubleFunction<Taken> figure) {
            return taken.stream().mapToDouble(figure).sorted().toArray()[taken.size() / 2];
        }
    }

    private StreamGrowth() {}

    static List<Figure> measure(Report report) throws Exception {
        Map<Integer, Rounds> swapped = new LinkedHashMap<>();
        Map<Integer, Rounds> plain = new LinkedHashMap<>();
        try (Peers peers = Peers.create()) {
            for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
                if (round == WARM_UP_ROUNDS) {
                    swapped.clear();
                    plain.clear();
                }
                round(peers, swapped, plain);
            }
        }
        return figures(report, swapped, plain);
    }

    private static void round(Peers peers, Map<Integer, Rounds> swapped, Map<Integer, Rounds> plain) throws Exception {
        for (int size : SIZES) {
            Rounds ours = swapped.computeIfAbsent(size, any -> new Rounds());
            Rounds theirs = plain.computeIfAbsent(size, any -> new Rounds());
            both(peers, size, WORD_BYTES, ours.words(), theirs.words());
            both(peers, size, SHARED_BYTES / size, ours.shares(), theirs.shares());
        }
    }

    /** Over new links each time, since a connection lets only so many streams begin. */
    private static void both(Peers peers, int streams, int bytesEach, List<Taken> swapped, List<Taken> plain)
            throws Exception {
        try (SwappedLink swappedLink = SwappedLink.connect(peers);
                PlainLink plainLink = PlainLink.connect(peers, swappedLink.serverAddress())) {
            // What follows a handshake, as the control stream does, belongs to no stream of these.
            Thread.sleep(SETTLE_MILLIS);
            boolean isOursFirst = swapped.size() % 2 == 0;
            if (isOursFirst) {
                swapped.add(send(peers, swappedLink, streams, bytesEach));
            }
            plain.add(send(peers, plainLink, streams, bytesEach));
            if (!isOursFirst) {
                swapped.add(send(peers, swappedLink, streams, bytesEach));
            }
        }
    }

    private static List<Figure> figures(Report report, Map<Integer, Rounds> swapped, Map<Integer, Rounds> plain) {
        Growth ours = new Growth();
        Growth theirs = new Growth();
        for (int size : SIZES) {
            Rounds over = swapped.get(size);
            Rounds beside = plain.get(size);
            ours.add(size, Rounds.median(over.words(), Taken::cpuMicros));
            theirs.add(size, Rounds.median(beside.words(), Taken::cpuMicros));
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("streams", size);
            fields.put("us_each", tenths(Rounds.median(over.words(), Taken::micros) / size));
            fields.put("plain_us_each", tenths(Rounds.median(beside.words(), Taken::micros) / size));
            fields.put("cpu_us_each", tenths(ours.lastOfEach()));
            fields.put("plain_cpu_us_each", tenths(theirs.lastOfEach()));
            fields.put("mbit_s", mbitPerSecond(over));
            fields.put("plain_mbit_s", mbitPerSecond(beside));
            report.step("growth", fields);
        }
        List<Figure> figures = new ArrayList<>();
        figures.addAll(ours.figures("stream", "us", "µs of both sides' CPU for a kilobyte on each stream, by streams"));
        figures.addAll(theirs.figures("plain_stream", "us", "the same over plain Netty QUIC"));
        int most = SIZES.get(SIZES.size() - 1);
        figures.add(Figure.of(
                "growth_stream_mbit_s", mbitPerSecond(swapped.get(most)), "Mbit/s, " + most + " streams share 16 MiB"));
        figures.add(Figure.of(
                "growth_plain_stream_mbit_s", mbitPerSecond(plain.get(most)), "the same over plain Netty QUIC"));
        return figures;
    }

    /** Begins all streams at once, and returns when the other side has all that they say. */
    private static Taken send(Peers peers, Link link, int streams, int bytesEach) throws Exception {
        long expected = (long) streams * bytesEach;
        long startCpuNanos = peers.cpuNanos();
        long start = System.nanoTime();
        for (int i = 0; i < streams; i++) {
            link.client().createStream(QuicStreamType.UNIDIRECTIONAL, new Speaker(bytesEach));
        }
        while (link.meter().bytes() < expected) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new TimeoutException(streams + " streams come to no end");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return new Taken((System.nanoTime() - start) / 1e3, (peers.cpuNanos() - startCpuNanos) / 1e3);
    }

    private static long mbitPerSecond(Rounds rounds) {
        return Math.round(SHARED_BYTES * 8.0 / Rounds.median(rounds.shares(), Taken::micros));
    }

    private static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** Says so many bytes, and that they were all. */
    private static final class Speaker extends ChannelInboundHandlerAdapter {
        private final int bytes;

        Speaker(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(ZEROS.slice(0, bytes)).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        }
    }
}
