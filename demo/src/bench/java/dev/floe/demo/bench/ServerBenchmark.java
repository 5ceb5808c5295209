package dev.floe.demo.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How many Binding requests {@code floe server} answers, beside coturn's server on the same machine, both asked by the
 * same load in turns. The load takes a processor too, so what counts is the answers for each second of the server's own
 * processor time: what one core would do if the server had it to itself.
 */
final class ServerBenchmark implements Benchmark {

    private static final int ROUNDS = 7;
    /** So many have compiled what a request needs; a busy machine takes longer for them. */
    private static final int WARM_UP_REQUESTS = 1_000_000;

    private static final int WARM_UP_ROUNDS = 15;
    private static final Duration ROUND = Duration.ofMillis(1_500);

    /** The rounds of one server. */
    private record Asked(String who, StunLoad load, List<StunLoad.Rates> rates) {

        Asked(String who, StunLoad load) {
            this(who, load, new ArrayList<>());
        }

        void runOne(Report report) throws Exception {
            StunLoad.Rates last = load.run(ROUND);
            rates.add(last);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("what", who);
            fields.put("round", rates.size());
            fields.put("requests_s", Math.round(last.perSecond()));
            fields.put("requests_cpu_s", Math.round(last.perCpuSecond()));
            fields.put("server_cpus", hundredths(last.serverCpus()));
            fields.put("load_cpus", hundredths(last.loadCpus()));
            fields.put("lost", last.lost());
            report.step("server", fields);
        }

        double median(ToDoubleFunction<StunLoad.Rates> figure) {
            return rates.stream().mapToDouble(figure).sorted().toArray()[rates.size() / 2];
        }

        double perCpuSecond() {
            return median(StunLoad.Rates::perCpuSecond);
        }

        List<Figure> figures(String prefix) {
            return List.of(
                    Figure.of(
                            prefix + "_requests_cpu_s",
                            Math.round(perCpuSecond()),
                            "Binding requests answered for each second of the server's own processor time, " + who),
                    Figure.of(
                            prefix + "_requests_s",
                            Math.round(median(StunLoad.Rates::perSecond)),
                            "the same for each second, the load on the same machine"),
                    Figure.of(
                            prefix + "_load_cpus", median(StunLoad.Rates::loadCpus), "processors that the load took"),
                    Figure.of(
                            prefix + "_lost",
                            rates.stream().mapToLong(StunLoad.Rates::lost).sum(),
                            "requests without an answer, all rounds"));
        }

        private static double hundredths(double value) {
            return Math.round(value * 100) / 100.0;
        }
    }

    @Override
    public String name() {
        return "server";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        try (StunProcess server = StunProcess.floe();
                StunLoad load = StunLoad.on(server)) {
            warmUp(load);
            Asked floe = new Asked("floe", load);
            if (StunProcess.hasCoturn()) {
                return besideCoturn(floe, report);
            }
            report.step(name(), Map.of("what", "coturn", "missing", "no turnserver on this machine, so no ratio"));
            for (int round = 0; round < ROUNDS; round++) {
                floe.runOne(report);
            }
            return floe.figures("stun_server");
        }
    }

    private static void warmUp(StunLoad load) throws Exception {
        double answered = 0;
        for (int round = 0; round < WARM_UP_ROUNDS && answered < WARM_UP_REQUESTS; round++) {
            answered += load.run(ROUND).perSecond() * ROUND.toMillis() / 1e3;
        }
    }

    private static List<Figure> besideCoturn(Asked floe, Report report) throws Exception {
        try (StunProcess server = StunProcess.coturn();
                StunLoad load = StunLoad.on(server)) {
            load.run(ROUND);
            Asked coturn = new Asked("coturn", load);
            for (int round = 0; round < ROUNDS; round++) {
                floe.runOne(report);
                coturn.runOne(report);
            }
            List<Figure> figures = new ArrayList<>();
            figures.add(Figure.of(
                    "stun_server_ratio",
                    floe.perCpuSecond() / coturn.perCpuSecond(),
                    "requests for each second of the server's own processor time, to coturn's, medians of " + ROUNDS));
            figures.addAll(floe.figures("stun_server"));
            figures.addAll(coturn.figures("coturn"));
            return figures;
        }
    }
}
