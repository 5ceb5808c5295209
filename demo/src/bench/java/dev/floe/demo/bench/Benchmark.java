package dev.floe.demo.bench;

import java.util.List;

/** One part of the benchmarks: measures, tells its steps as they come, and returns its figures. */
sealed interface Benchmark
        permits StunBenchmark,
                IceBenchmark,
                ConnectBenchmark,
                ThroughputBenchmark,
                ForgedBenchmark,
                ServerBenchmark,
                GrowthBenchmark,
                SignalingBenchmark,
                ManyBenchmark {

    /** What it is asked for by on the command line. */
    String name();

    /** Takes seconds, on the calling thread. */
    List<Figure> run(Report report) throws Exception;
}
