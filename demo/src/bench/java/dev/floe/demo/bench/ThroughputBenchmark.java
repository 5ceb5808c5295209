package dev.floe.demo.bench;

import dev.floe.demo.bench.Transfer.Direction;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One stream's throughput over the swapped channel and over plain Netty QUIC, with identical settings. Each round makes
 * a link of either kind and lets the two take turns; the ratio says what the path layer costs.
 */
final class ThroughputBenchmark implements Benchmark {

    private static final int WARM_UP_ROUNDS = 2;
    private static final int ROUNDS = 7;
    private static final int TURNS = 5;

    /** What each round has given, in Mbit/s. */
    private record Rates(Direction direction, List<Double> swapped, List<Double> plain, List<Double> cpuRatios) {

        Rates(Direction direction) {
            this(direction, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        /** Of each round's two, which have seen the same machine; the median of these. */
        double ratio() {
            return median(IntStream.range(0, plain.size())
                    .mapToObj(round -> swapped.get(round) / plain.get(round))
                    .toList());
        }
    }

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        Rates up = new Rates(Direction.UP);
        Rates down = new Rates(Direction.DOWN);
        try (Peers peers = Peers.create()) {
            for (int round = 1; round <= WARM_UP_ROUNDS; round++) {
                round(peers, new Rates(Direction.UP));
                round(peers, new Rates(Direction.DOWN));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                for (Rates rates : List.of(up, down)) {
                    round(peers, rates);
                    report.step(name(), lastRound(rates));
                }
            }
        }
        return figures(up, down);
    }

    private static void round(Peers peers, Rates rates) throws Exception {
        try (SwappedLink swappedLink = SwappedLink.connect(peers);
                PlainLink plainLink = PlainLink.connect(peers, swappedLink.serverAddress())) {
            Transfer swapped = Transfer.open(peers, swappedLink, rates.direction());
            Transfer plain = Transfer.open(peers, plainLink, rates.direction());
            for (int turn = 0; turn < TURNS; turn++) {
                // Neither is always the one that runs after the other.
                (turn % 2 == 0 ? swapped : plain).slice();
                (turn % 2 == 0 ? plain : swapped).slice();
            }
            rates.swapped().add(swapped.mbitPerSecond());
            rates.plain().add(plain.mbitPerSecond());
            rates.cpuRatios().add(swapped.mbitPerCpuSecond() / plain.mbitPerCpuSecond());
        }
    }

    private static Map<String, Object> lastRound(Rates rates) {
        int last = rates.swapped().size() - 1;
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("round", last + 1);
        fields.put("direction", rates.direction().name().toLowerCase(Locale.ROOT));
        fields.put("swapped_mbit_s", Math.round(rates.swapped().get(last)));
        fields.put("plain_mbit_s", Math.round(rates.plain().get(last)));
        fields.put("cpu_ratio", Math.round(rates.cpuRatios().get(last) * 1_000) / 1_000.0);
        return fields;
    }

    private static List<Figure> figures(Rates up, Rates down) {
        Rates worse = up.ratio() < down.ratio() ? up : down;
        return List.of(
                Figure.of("throughput_ratio", worse.ratio(), "swapped channel to plain Netty QUIC, median of " + ROUNDS + " rounds, worse direction"),
                Figure.of(
                        "throughput_mbit_s",
                        median(worse.swapped()),
                        "Mbit/s, one stream over the swapped channel, median of " + ROUNDS),
                Figure.of(
                        "throughput_plain_mbit_s",
                        median(worse.plain()),
                        "Mbit/s, one stream over plain Netty QUIC, median of the same rounds"),
                Figure.of(
                        "throughput_cpu_ratio",
                        Math.min(median(up.cpuRatios()), median(down.cpuRatios())),
                        "the same for each second of processor time, which a busy machine disturbs less"),
                Figure.of("throughput_up_ratio", up.ratio(), "client to server"),
                Figure.of("throughput_down_ratio", down.ratio(), "server to client"));
    }

    private static double median(List<Double> rates) {
        return rates.stream().sorted().toList().get(rates.size() / 2);
    }
}
