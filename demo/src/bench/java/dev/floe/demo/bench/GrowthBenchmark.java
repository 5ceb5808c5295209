package dev.floe.demo.bench;

import java.util.List;
import java.util.stream.Stream;

/**
 * How costs grow: with the candidates of an agent, the agents of a process and the streams of a connection. Each size is a
 * step, with what each one costs; the figures are the exponents.
 */
final class GrowthBenchmark implements Benchmark {

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        return Stream.of(CandidateGrowth.measure(report), StreamGrowth.measure(report), AgentGrowth.measure(report))
                .flatMap(List::stream)
                .toList();
    }
}
