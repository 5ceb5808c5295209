package dev.floe.demo.bench;

import dev.floe.demo.bench.Jmh.Cost;
import java.util.List;
import java.util.Map;

/** How long host-to-host ICE takes in a process that is warm, and what a thousand agents weigh. */
final class IceBenchmark implements Benchmark {

    private static final int ITERATIONS = 4;
    private static final int MILLIS_EACH = 1_500;
    private static final double RANK = 95;

    @Override
    public String name() {
        return "ice";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        Map<String, Cost> connects = Jmh.run(IceConnects.class, ITERATIONS, MILLIS_EACH);
        connects.forEach((how, cost) -> report.step(
                name(), Map.of(how + "_p50_ms", millis(cost.percentile(50)), how + "_p95_ms", millis(cost.percentile(RANK)))));
        IdleAgents.Outcome idle = IdleAgents.measure();
        return List.of(
                Figure.of("ice_p95_ms", connects.get("connect").percentile(RANK), "ms, gather, exchange and connect in one process, 95 of 100"),
                Figure.of(
                        "ice_prflx_p95_ms",
                        Math.max(
                                connects.get("connectWhereControllingSideKnowsNoCandidate").percentile(RANK),
                                connects.get("connectWhereControlledSideKnowsNoCandidate").percentile(RANK)),
                        "the same where one side knows no candidate of the other, the worse side"),
                Figure.of("agents_connected", idle.agents(), "agents on as many channels, 10 x 10 candidates each"),
                Figure.of("agents_connected_ms", idle.connectedMillis(), "ms until all of them are"),
                Figure.of("agent_bytes", idle.bytesEach(), "heap of one of them when idle, beyond its channel"));
    }

    private static double millis(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }
}
