package dev.floe.demo.bench;

import dev.floe.demo.bench.Moments.Step;
import dev.floe.demo.bench.SimulatedConnects.Outcome;
import dev.floe.demo.bench.SimulatedConnects.Way;
import dev.floe.demo.lab.NatKind;
import dev.floe.quic.PeerSessions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** How long connecting takes, in round trips: for each kind of NAT, and with what an earlier connection has left. */
final class ConnectTimes {

    private static final Duration ROUND_TRIP = Duration.ofMillis(40);
    private static final int WARM_UPS = 20;
    private static final int RUNS = 15;
    private static final List<NatKind> KINDS =
            List.of(NatKind.NONE, NatKind.FULL_CONE, NatKind.ADDRESS_RESTRICTED, NatKind.PORT_RESTRICTED);

    private final Report report;
    private final String benchmark;

    ConnectTimes(Report report, String benchmark) {
        this.report = report;
        this.benchmark = benchmark;
    }

    List<Figure> run() throws Exception {
        try (SimulatedConnects connects = new SimulatedConnects(ROUND_TRIP)) {
            for (int i = 0; i < WARM_UPS; i++) {
                connects.connect(KINDS.get(i % KINDS.size()), Way.full(i % 2 == 0));
            }
            report.step(benchmark, Map.of("what", "bare echo", "round_trip_ms", Math.round(connects.bareRoundTripMillis() * 10) / 10.0));
            List<Figure> figures = new ArrayList<>(kinds(connects));
            figures.addAll(sessions(connects));
            return figures;
        }
    }

    /** All kinds in each round: a machine is not as busy in one as in another. */
    private List<Figure> kinds(SimulatedConnects connects) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (boolean isEarly : List.of(false, true)) {
            Map<NatKind, List<Outcome>> outcomes = new EnumMap<>(NatKind.class);
            for (int i = 0; i < RUNS; i++) {
                for (NatKind kind : KINDS) {
                    outcomes.computeIfAbsent(kind, any -> new ArrayList<>())
                            .add(connects.connect(kind, Way.full(isEarly)));
                }
            }
            outcomes.forEach((kind, all) -> tell(kind.word() + (isEarly ? " early" : ""), all));
            String prefix = isEarly ? "early" : "connect";
            figures.add(Figure.of(prefix + "_client_rtts", worst(outcomes, outcome -> outcome.millis(outcome.client(), Step.CONNECTED)), "round trips of 40 ms, later signaled to the client's handshake, median, worst NAT"));
            figures.add(Figure.of(prefix + "_server_rtts", worst(outcomes, outcome -> outcome.millis(outcome.server(), Step.CONNECTED)), "the same to the server's handshake"));
        }
        return figures;
    }

    private static double worst(Map<NatKind, List<Outcome>> outcomes, ToDoubleFunction<Outcome> millis) {
        return outcomes.values().stream().mapToDouble(all -> rtts(all, millis)).max().orElseThrow();
    }

    private List<Figure> sessions(SimulatedConnects connects) throws Exception {
        PeerSessions client = new PeerSessions(1);
        PeerSessions server = new PeerSessions(1);
        List<Figure> figures = new ArrayList<>();
        figures.addAll(session(connects, "full", Way.full(false)));
        figures.addAll(session(connects, "resumed", new Way(false, false, client, server)));
        PeerSessions earlyClient = new PeerSessions(1);
        PeerSessions earlyServer = new PeerSessions(1);
        figures.addAll(session(connects, "early_data", new Way(false, true, earlyClient, earlyServer)));
        expect("resumed", client, RUNS);
        expect("early_data", earlyClient, RUNS);
        return figures;
    }

    private List<Figure> session(SimulatedConnects connects, String name, Way way) throws Exception {
        connects.connect(NatKind.NONE, way);
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            outcomes.add(connects.connect(NatKind.NONE, way));
        }
        tell(name.replace('_', ' '), outcomes);
        return List.of(
                Figure.of(name + "_first_byte_rtts", rtts(outcomes, outcome -> outcome.millis(outcome.server(), Step.HEARD)), "round trips, later signaled to the server's first byte of the application, median"),
                Figure.of(name + "_cpu_ms", median(outcomes, outcome -> outcome.cpuNanos() / 1e6), "ms of CPU of both event loops for a connection, median"));
    }

    private static void expect(String name, PeerSessions sessions, int count) {
        if (sessions.resumed() != count) {
            throw new IllegalStateException(name + ": " + sessions.resumed() + " sessions resumed, expected " + count);
        }
    }

    /** The medians of each step, in milliseconds from the later side's {@link Step#SIGNALED}. */
    private void tell(String what, List<Outcome> outcomes) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("what", what);
        for (Step step : Step.values()) {
            put(fields, "client_", step, median(outcomes, outcome -> outcome.millis(outcome.client(), step)));
        }
        for (Step step : Step.values()) {
            put(fields, "server_", step, median(outcomes, outcome -> outcome.millis(outcome.server(), step)));
        }
        // What the machine can do when nothing else is on it.
        put(fields, "client_fastest_", Step.CONNECTED, least(outcomes, outcome -> outcome.millis(outcome.client(), Step.CONNECTED)));
        put(fields, "server_fastest_", Step.CONNECTED, least(outcomes, outcome -> outcome.millis(outcome.server(), Step.CONNECTED)));
        report.step(benchmark, fields);
    }

    private static void put(Map<String, Object> fields, String side, Step step, double millis) {
        if (!Double.isNaN(millis)) {
            fields.put(side + step.name().toLowerCase(Locale.ROOT) + "_ms", Math.round(millis * 10) / 10.0);
        }
    }

    private static double rtts(List<Outcome> outcomes, ToDoubleFunction<Outcome> millis) {
        return median(outcomes, millis) / ROUND_TRIP.toMillis();
    }

    private static double least(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return outcomes.stream().mapToDouble(value).min().orElseThrow();
    }

    private static double median(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return outcomes.stream().mapToDouble(value).sorted().toArray()[outcomes.size() / 2];
    }
}
