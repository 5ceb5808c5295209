package dev.floe.demo.bench;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One stream's throughput over the swapped channel and over plain Netty QUIC, in turn and with identical settings, in
 * either direction. What the path layer costs is the ratio of the medians, in the worse direction.
 */
final class ThroughputBenchmark implements Benchmark {

    private static final int ROUNDS = 7;
    private static final int TIMEOUT_SECONDS = 20;

    private enum Direction {
        CLIENT_TO_SERVER,
        SERVER_TO_CLIENT
    }

    /** What each round has given, in Mbit/s. */
    private record Rates(Direction direction, List<Double> swapped, List<Double> plain) {

        Rates(Direction direction) {
            this(direction, new ArrayList<>(), new ArrayList<>());
        }

        double ratio() {
            return median(swapped) / median(plain);
        }
    }

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        try (Peers peers = Peers.create()) {
            Rates up = new Rates(Direction.CLIENT_TO_SERVER);
            Rates down = new Rates(Direction.SERVER_TO_CLIENT);
            InetAddress serverAddress = warmUp(peers);
            for (int round = 1; round <= ROUNDS; round++) {
                for (Rates rates : List.of(up, down)) {
                    measure(peers, serverAddress, rates, round % 2 == 0);
                    report.step(name(), lastRound(rates, round));
                }
            }
            return figures(up, down);
        }
    }

    /** Each way once, uncounted; returns where ICE has found the server, so that plain QUIC takes the same route. */
    private static InetAddress warmUp(Peers peers) throws Exception {
        InetAddress serverAddress;
        try (SwappedLink link = SwappedLink.connect(peers)) {
            serverAddress = link.serverAddress();
        }
        for (Direction direction : Direction.values()) {
            measure(peers, serverAddress, new Rates(direction), false);
        }
        return serverAddress;
    }

    private static void measure(Peers peers, InetAddress serverAddress, Rates rates, boolean isPlainFirst)
            throws Exception {
        if (isPlainFirst) {
            rates.plain().add(rate(PlainLink.connect(peers, serverAddress), rates.direction()));
            rates.swapped().add(rate(SwappedLink.connect(peers), rates.direction()));
        } else {
            rates.swapped().add(rate(SwappedLink.connect(peers), rates.direction()));
            rates.plain().add(rate(PlainLink.connect(peers, serverAddress), rates.direction()));
        }
    }

    private static double rate(Link connected, Direction direction) throws Exception {
        try (Link link = connected) {
            QuicChannel sender = direction == Direction.CLIENT_TO_SERVER ? link.client() : link.server();
            sender.createStream(QuicStreamType.UNIDIRECTIONAL, new Pump()).sync();
            return link.meter().mbitPerSecond().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Map<String, Object> lastRound(Rates rates, int round) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("round", round);
        fields.put("direction", rates.direction().name().toLowerCase(Locale.ROOT));
        fields.put("swapped_mbit_s", Math.round(rates.swapped().get(round - 1)));
        fields.put("plain_mbit_s", Math.round(rates.plain().get(round - 1)));
        return fields;
    }

    private static List<Figure> figures(Rates up, Rates down) {
        Rates worse = up.ratio() < down.ratio() ? up : down;
        return List.of(
                Figure.of("throughput_ratio", worse.ratio(), "of the swapped channel to plain Netty QUIC, worse direction"),
                Figure.of("throughput_mbit_s", median(worse.swapped()), "Mbit/s, swapped channel, median of " + ROUNDS + " rounds"),
                Figure.of("throughput_plain_mbit_s", median(worse.plain()), "Mbit/s, plain Netty QUIC, the same rounds"),
                Figure.of("throughput_up_ratio", up.ratio(), "of client to server"),
                Figure.of("throughput_down_ratio", down.ratio(), "of server to client"));
    }

    private static double median(List<Double> rates) {
        return rates.stream().sorted().toList().get(rates.size() / 2);
    }
}
