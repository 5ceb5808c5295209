package dev.floe.demo.bench;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs what JMH measures, silently, each method in a JVM of its own. */
final class Jmh {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** What JMH has found of one method, in the unit that its class names. */
    record Cost(RunResult result) {

        double time() {
            return result.getPrimaryResult().getScore();
        }

        double percentile(double rank) {
            return result.getPrimaryResult().getStatistics().getPercentile(rank);
        }

        double allocatedBytes() {
            return result.getSecondaryResults().get(ALLOCATED).getScore();
        }
    }

    private Jmh() {}

    /** Warms up and measures, each that many times that long; the costs by the name of the method. */
    static Map<String, Cost> run(Class<?> measured, int iterations, int millisEach) throws RunnerException {
        TimeValue each = TimeValue.milliseconds(millisEach);
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(measured.getName() + "\\.")
                        .forks(1)
                        .warmupIterations(iterations)
                        .warmupTime(each)
                        .measurementIterations(iterations)
                        .measurementTime(each)
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        return results.stream().collect(Collectors.toMap(Jmh::method, Cost::new));
    }

    private static String method(RunResult result) {
        String name = result.getParams().getBenchmark();
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
