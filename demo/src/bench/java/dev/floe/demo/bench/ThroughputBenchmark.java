package dev.floe.demo.bench;

import dev.floe.demo.bench.Jmh.Cost;
import dev.floe.demo.bench.Transfer.Direction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Throughput over the swapped channel and over plain Netty QUIC with identical settings, of one stream and of eight. Each
 * round makes a link of either kind and lets the two take turns; the ratio says what the path layer costs. Then what it
 * allocates, and what segmented datagrams gain.
 */
final class ThroughputBenchmark implements Benchmark {

    private static final int MANY = 8;
    private static final int WARM_UP_ROUNDS = 1;
    private static final int ROUNDS = 7;
    private static final int COST_ITERATIONS = 3;
    private static final int COST_MILLIS = 200;

    // Places of a round's transfers.
    private static final int SWAPPED = 0;
    private static final int PLAIN = 1;

    /** One way to load the links, and what it has given. */
    private record Load(Direction direction, int streams, Turns turns) {

        Load(Direction direction, int streams) {
            this(direction, streams, new Turns());
        }

        double ratio() {
            return turns.ratio(SWAPPED, PLAIN);
        }

        void round(Peers peers) throws Exception {
            try (SwappedLink swapped = SwappedLink.connect(peers);
                    PlainLink plain = PlainLink.connect(peers, swapped.serverAddress())) {
                turns.round(List.of(
                        Transfer.open(peers, swapped, direction, streams),
                        Transfer.open(peers, plain, direction, streams)));
            }
        }
    }

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        List<Load> loads = loads();
        try (Peers peers = Peers.create()) {
            for (int round = 1; round <= WARM_UP_ROUNDS; round++) {
                for (Load load : loads()) {
                    load.round(peers);
                }
            }
            for (int round = 1; round <= ROUNDS; round++) {
                for (Load load : loads) {
                    load.round(peers);
                    report.step(name(), lastRound(load, round));
                }
            }
        }
        List<Figure> figures = new ArrayList<>(figures(loads.subList(0, 2), ""));
        figures.addAll(figures(loads.subList(2, 4), "many_"));
        figures.addAll(costs());
        figures.addAll(new SegmentsBenchmark(name()).run(report));
        return figures;
    }

    private static List<Load> loads() {
        return List.of(
                new Load(Direction.UP, 1),
                new Load(Direction.DOWN, 1),
                new Load(Direction.UP, MANY),
                new Load(Direction.DOWN, MANY));
    }

    private static Map<String, Object> lastRound(Load load, int round) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("round", round);
        fields.put("direction", load.direction().name().toLowerCase(Locale.ROOT));
        fields.put("streams", load.streams());
        fields.put("swapped_mbit_s", load.turns().lastMbitPerSecond(SWAPPED));
        fields.put("plain_mbit_s", load.turns().lastMbitPerSecond(PLAIN));
        return fields;
    }

    /** Of both directions with as many streams. */
    private static List<Figure> figures(List<Load> loads, String infix) {
        Load up = loads.get(0);
        Load down = loads.get(1);
        Load worse = loads.stream().min(Comparator.comparingDouble(Load::ratio)).orElseThrow();
        String streams = worse.streams() == 1 ? "one stream" : worse.streams() + " streams";
        String prefix = "throughput_" + infix;
        return List.of(
                Figure.of(prefix + "ratio", worse.ratio(), "swapped channel to plain Netty QUIC, " + streams + ", median of " + ROUNDS + " rounds, worse direction"),
                Figure.of(prefix + "mbit_s", worse.turns().mbitPerSecond(SWAPPED), "Mbit/s, " + streams + " over the swapped channel, median of " + ROUNDS),
                Figure.of(prefix + "plain_mbit_s", worse.turns().mbitPerSecond(PLAIN), "Mbit/s, " + streams + " over plain Netty QUIC, median of the same rounds"),
                Figure.of(
                        prefix + "cpu_ratio",
                        Math.min(up.turns().cpuRatio(SWAPPED, PLAIN), down.turns().cpuRatio(SWAPPED, PLAIN)),
                        "the same ratio for each second of processor time, which a busy machine disturbs less"),
                Figure.of(prefix + "up_ratio", up.ratio(), streams + ", client to server"),
                Figure.of(prefix + "down_ratio", down.ratio(), streams + ", server to client"));
    }

    private static List<Figure> costs() throws Exception {
        Map<String, Cost> costs = Jmh.run(PathCosts.class, COST_ITERATIONS, COST_MILLIS);
        return List.of(
                allocated("path_out_bytes", costs.get("out"), "allocated for a datagram from QUIC to the socket, through all handlers of a connection"),
                allocated("plain_out_bytes", costs.get("outPlain"), "the same in plain Netty QUIC"),
                allocated("path_in_bytes", costs.get("in"), "allocated for a datagram from the socket to QUIC"),
                allocated("plain_in_bytes", costs.get("inPlain"), "the same in plain Netty QUIC"));
    }

    private static Figure allocated(String name, Cost cost, String meaning) {
        return Figure.of(name, cost.allocatedBytes(), "bytes " + meaning);
    }
}
