package dev.floe.demo.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What one server gives under one load, round by round; a machine is not as busy in one as in another. */
final class Rounds {

    private final String what;
    private final ServerProcess server;
    private final Exchanges exchanges;
    private final List<Exchanges.Rates> all = new ArrayList<>();

    Rounds(String what, ServerProcess server, Exchanges exchanges) {
        this.what = what;
        this.server = server;
        this.exchanges = exchanges;
    }

    void runOne(Report report, String benchmark) throws Exception {
        Exchanges.Rates rates = exchanges.run(server, SignalingBenchmark.ROUND);
        all.add(rates);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("what", what);
        fields.put("msgs_s", Math.round(rates.messagesPerSecond()));
        fields.put("p99_ms", Math.round(rates.p99Millis() * 1_000) / 1_000.0);
        fields.put("server_cpus", Math.round(rates.serverCpus() * 100) / 100.0);
        fields.put("client_cpus", Math.round(rates.clientCpus() * 100) / 100.0);
        report.step(benchmark, fields);
    }

    /** Messages a second, the median. */
    double rate() {
        return median(Exchanges.Rates::messagesPerSecond);
    }

    List<Figure> figures(String prefix, String load) {
        return List.of(
                Figure.of(prefix + "_msgs_s", Math.round(rate()), "messages/s, " + load + ", median"),
                Figure.of(prefix + "_p99_ms", median(Exchanges.Rates::p99Millis), "99th percentile of a description's way"),
                Figure.of(prefix + "_server_cpus", median(Exchanges.Rates::serverCpus), "processors that the server used"),
                Figure.of(prefix + "_client_cpus", median(Exchanges.Rates::clientCpus), "processors that the load client used"));
    }

    private double median(ToDoubleFunction<Exchanges.Rates> figure) {
        return all.stream().mapToDouble(figure).sorted().toArray()[all.size() / 2];
    }
}
