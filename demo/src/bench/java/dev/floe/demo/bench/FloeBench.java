package dev.floe.demo.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the benchmarks that are named on the command line, or all. */
@Command(name = "floe-bench", mixinStandardHelpOptions = true, description = "Measures Floe on this machine.")
public final class FloeBench implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "stun, ice, connect, throughput, forged, server, growth, signaling, many; without one, all.")
    private List<String> names = List.of();

    @Option(names = "--json", description = "One JSON object a line on stdout, the result last.")
    private boolean isJson;

    @Option(names = "--seed", description = "Repeats the random choices of an earlier run.")
    private long seed = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    @Option(names = "--verbose", description = "A failure's stack trace too.")
    private boolean isVerbose;

    public static void main(String[] args) {
        CommandLine command = new CommandLine(new FloeBench());
        command.setParameterExceptionHandler((exception, arguments) -> badUsage(exception, arguments));
        System.exit(command.execute(args));
    }

    @Override
    public Integer call() {
        List<Benchmark> chosen = chosen();
        Report report = report(isJson);
        List<Figure> figures = new ArrayList<>();
        try {
            for (Benchmark benchmark : chosen) {
                List<Figure> found = benchmark.run(report);
                report.figures(benchmark.name(), found);
                figures.addAll(found);
            }
        } catch (Exception e) {
            if (isVerbose) {
                e.printStackTrace();
            }
            report.failed("internal", Optional.ofNullable(e.getMessage()).orElse(e.toString()));
            return 1;
        }
        report.succeeded(figures);
        return 0;
    }

    /** In the order in which they are listed here, whatever the order of the names. */
    private List<Benchmark> chosen() {
        List<Benchmark> all = List.of(
                new StunBenchmark(),
                new IceBenchmark(),
                new ConnectBenchmark(seed),
                new ThroughputBenchmark(),
                new ForgedBenchmark(),
                new ServerBenchmark(),
                new GrowthBenchmark(),
                new SignalingBenchmark(),
                new ManyBenchmark());
        Set<String> unknown = new LinkedHashSet<>(names);
        all.forEach(benchmark -> unknown.remove(benchmark.name()));
        if (!unknown.isEmpty()) {
            String known = all.stream().map(Benchmark::name).collect(Collectors.joining(", "));
            throw new ParameterException(
                    spec.commandLine(),
                    "no benchmark is named " + String.join(", ", unknown) + "; there are: " + known);
        }
        return all.stream()
                .filter(benchmark -> names.isEmpty() || names.contains(benchmark.name()))
                .toList();
    }

    private static int badUsage(ParameterException exception, String[] arguments) {
        report(Arrays.asList(arguments).contains("--json")).failed("usage", exception.getMessage());
        return 2;
    }

    private static Report report(boolean isJson) {
        return isJson ? new JsonReport(System.out) : new TextReport(System.out, System.err);
    }
}
