package dev.floe.demo.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Many live connections at one UDP port: a thousand that each send 100 bytes a second and have them echoed, and ten
 * thousand that say nothing but what consent takes (RFC 7675), or as many as the machine connects in a minute and a half. The port and the far ends, each of those with a socket of
 * its own, are a process each; one address and so one candidate pair each.
 */
final class ManyBenchmark implements Benchmark {

    private static final int TALKING = 1_000;
    private static final int IDLE = 10_000;
    private static final int OWN_PORTS = 500;
    private static final int SECONDS = 20;
    private static final int SHORT_SECONDS = 5;
    private static final int PATIENCE_SECONDS = 30;

    @Override
    public String name() {
        return "many";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        Map<String, Double> ownPorts = measure(OWN_PORTS, false, false, SHORT_SECONDS);
        report.step(name(), Map.copyOf(ownPorts));
        Map<String, Double> talking = measure(TALKING, true, true, SECONDS);
        report.step(name(), Map.copyOf(talking));
        Map<String, Double> idle = measure(IDLE, true, false, SECONDS);
        report.step(name(), Map.copyOf(idle));
        String each = " for each that is idle";
        return List.of(
                Figure.of("many_connections", count(talking, "connections"), "live connections at one UDP port, 100 bytes a second echoed on each"),
                Figure.of("many_connects_per_s", talking.get("connects_per_s"), "of them made a second, both ends on this machine"),
                Figure.of("many_cpu", talking.get("cpu"), "processors used by the port's process"),
                Figure.of("many_bytes_each", count(talking, "heap_each"), "bytes of Java heap each"),
                Figure.of("many_rss_each", count(talking, "rss_each"), "bytes of memory each in all (RSS)"),
                Figure.of("many_echoes", count(talking, "echoes"), "echoes in " + SECONDS + " s"),
                Figure.of("many_echo_p50_ms", talking.get("p50"), "ms from sending to the echo, median"),
                Figure.of("many_echo_p99_ms", talking.get("p99"), "the same, 99th percentile"),
                Figure.of("many_checks_sent", count(talking, "checks_sent"), "consent checks sent meanwhile"),
                Figure.of("many_checks_answered", count(talking, "checks_answered"), "of them answered"),
                Figure.of("many_idle_connections", count(idle, "connections"), "live connections at one UDP port that carry nothing"),
                Figure.of("many_failed", count(idle, "failed") + count(talking, "failed"), "of both that did not come about within 30 s"),
                Figure.of("many_idle_connects_per_s", idle.get("connects_per_s"), "of them made a second, both ends on this machine"),
                Figure.of("many_idle_cpu", idle.get("cpu"), "processors used by the port's process while they are idle"),
                Figure.of("many_idle_bytes_each", count(idle, "heap_each"), "bytes of Java heap" + each),
                Figure.of("many_idle_rss_each", count(idle, "rss_each"), "bytes of memory in all (RSS)" + each),
                Figure.of("many_idle_checks_sent", count(idle, "checks_sent"), "consent checks sent in " + SECONDS + " s"),
                Figure.of("many_idle_checks_answered", count(idle, "checks_answered"), "of them answered"),
                Figure.of("many_own_port_bytes_each", count(ownPorts, "heap_each"), "bytes of Java heap each where each has a port of its own"),
                Figure.of("many_own_port_rss_each", count(ownPorts, "rss_each"), "bytes of memory in all (RSS), the same"));
    }

    private static long count(Map<String, Double> outcome, String name) {
        return Math.round(outcome.get(name));
    }

    private static Map<String, Double> measure(int connections, boolean isOnePort, boolean isTalking, int seconds)
            throws Exception {
        Process port = start(ManyPort.class, connections, isOnePort, isTalking, seconds);
        Process far = null;
        try {
            BufferedReader out = port.inputReader();
            far = start(ManyFarEnds.class, Integer.parseInt(line(out)));
            Map<String, Double> outcome = new HashMap<>();
            for (String line = line(out); !line.isEmpty(); line = line(out)) {
                String[] field = line.split("=", 2);
                outcome.put(field[0], Double.parseDouble(field[1]));
            }
            far.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return outcome;
        } finally {
            port.destroyForcibly();
            if (far != null) {
                far.destroyForcibly();
            }
        }
    }

    private static String line(BufferedReader out) throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new IOException("a process of the connections' has ended");
        }
        return line;
    }

    /** The port's with a collector that gives memory back, so that what is resident is what is in use. */
    private static Process start(Class<?> main, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (main.equals(ManyPort.class)) {
            command.addAll(List.of("-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10", "-Xms32m"));
        }
        command.addAll(List.of("-Xmx4g", "-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        if (main.equals(ManyFarEnds.class)) {
            // A QUIC codec reads the system's authorities, which nobody asks here: those of the far ends are spared it.
            process.environment().putAll(Map.of("SSL_CERT_FILE", "/dev/null", "SSL_CERT_DIR", "/nonexistent"));
        }
        return process.start();
    }
}
