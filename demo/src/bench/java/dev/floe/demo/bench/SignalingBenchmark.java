package dev.floe.demo.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The signaling server in a process of its own, with a heap of 512 MiB: ten thousand clients that wait, then the same
 * clients in five thousand rooms telling each other descriptions, beside a relay in Python that does the same for the
 * one pair that a relay can serve. Both get the same bytes, as many at a time, from the same load client, in turns.
 */
final class SignalingBenchmark implements Benchmark {

    private static final int CLIENTS = 10_000;
    private static final int EXCHANGES_AT_A_TIME = 32;
    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofSeconds(5);

    /** A relay as simple as can be; it prints its port. */
    private static final String PYTHON_RELAY =
            """
            import asyncio
            import websockets

            clients = set()

            async def relay(socket, path=None):
                clients.add(socket)
                try:
                    async for message in socket:
                        for other in clients - {socket}:
                            await other.send(message)
                finally:
                    clients.discard(socket)

            async def main():
                async with websockets.serve(relay, "127.0.0.1", 0) as server:
                    print(list(server.sockets)[0].getsockname()[1], flush=True)
                    await asyncio.Future()

            asyncio.run(main())
            """;

    @Override
    public String name() {
        return "signaling";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        List<Figure> figures = new ArrayList<>();
        try (ServerProcess floe = ServerProcess.floe();
                LoadClient load = new LoadClient()) {
            long heapBefore = floe.liveHeapBytes();
            List<LoadSocket> crowd = load.connectRooms(floe.port(), CLIENTS);
            long heapAfter = floe.liveHeapBytes();
            Thread.sleep(IDLE.toMillis());
            long still = crowd.stream().filter(LoadSocket::isOpen).count();
            figures.add(Figure.of("signaling_clients", still, "clients connected and idle, heap of 512 MiB"));
            figures.add(Figure.of(
                    "signaling_bytes_each", (heapAfter - heapBefore) / CLIENTS, "bytes of live heap for each"));
            floe.residentBytes()
                    .ifPresent(bytes ->
                            figures.add(Figure.of("signaling_resident_mib", bytes >> 20, "MiB, the whole process")));
            List<Exchanges.Rates> ours = new ArrayList<>();
            List<Exchanges.Rates> theirs = new ArrayList<>();
            exchange(floe, crowd, load, ours, theirs, report);
            figures.addAll(figures(ours, theirs));
        }
        return figures;
    }

    private void exchange(
            ServerProcess floe,
            List<LoadSocket> crowd,
            LoadClient load,
            List<Exchanges.Rates> ours,
            List<Exchanges.Rates> theirs,
            Report report)
            throws Exception {
        Exchanges rooms = new Exchanges(load, crowd, EXCHANGES_AT_A_TIME);
        rooms.run(floe, WARM_UP);
        if (!canRunPython()) {
            for (int round = 0; round < ROUNDS; round++) {
                ours.add(told(report, "floe", rooms.run(floe, ROUND)));
            }
            return;
        }
        try (ServerProcess python = ServerProcess.start(List.of(python(), "-c", PYTHON_RELAY))) {
            Exchanges pair = new Exchanges(load, load.connectRelay(python.port(), 2), EXCHANGES_AT_A_TIME);
            pair.run(python, ROUND);
            for (int round = 0; round < ROUNDS; round++) {
                ours.add(told(report, "floe", rooms.run(floe, ROUND)));
                theirs.add(told(report, "python", pair.run(python, ROUND)));
            }
        }
    }

    private Exchanges.Rates told(Report report, String server, Exchanges.Rates rates) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("server", server);
        fields.put("msgs_s", Math.round(rates.messagesPerSecond()));
        fields.put("p99_ms", Math.round(rates.p99Millis() * 1_000) / 1_000.0);
        fields.put("server_cpus", Math.round(rates.serverCpus() * 100) / 100.0);
        fields.put("client_cpus", Math.round(rates.clientCpus() * 100) / 100.0);
        report.step(name(), fields);
        return rates;
    }

    private static List<Figure> figures(List<Exchanges.Rates> ours, List<Exchanges.Rates> theirs) {
        double rate = median(ours, Exchanges.Rates::messagesPerSecond);
        double perCpu = median(ours, Exchanges.Rates::messagesPerCpuSecond);
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.of(
                        "signaling_msgs_s", Math.round(rate), "messages/s, 5000 rooms exchanging descriptions, median of " + ROUNDS),
                Figure.of("signaling_p99_ms", median(ours, Exchanges.Rates::p99Millis), "99th percentile of a description's way"),
                Figure.of("signaling_server_cpus", median(ours, Exchanges.Rates::serverCpus), "processors that the server used"),
                Figure.of("signaling_client_cpus", median(ours, Exchanges.Rates::clientCpus), "processors that the load client used")));
        if (!theirs.isEmpty()) {
            double theirRate = median(theirs, Exchanges.Rates::messagesPerSecond);
            figures.add(Figure.of("signaling_msgs_ratio", rate / theirRate, "to a relay in Python that serves one pair"));
            figures.add(Figure.of(
                    "signaling_cpu_ratio",
                    perCpu / median(theirs, Exchanges.Rates::messagesPerCpuSecond),
                    "the same for each second of the servers' processor time"));
            figures.add(Figure.of("signaling_python_msgs_s", Math.round(theirRate), "messages/s, the relay in Python"));
            figures.add(Figure.of("signaling_python_p99_ms", median(theirs, Exchanges.Rates::p99Millis), "its 99th percentile"));
            figures.add(Figure.of("signaling_python_client_cpus", median(theirs, Exchanges.Rates::clientCpus), "processors that the load client used meanwhile"));
        }
        return figures;
    }

    private static double median(List<Exchanges.Rates> rounds, ToDoubleFunction<Exchanges.Rates> figure) {
        return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }

    private static boolean canRunPython() throws Exception {
        try {
            return new ProcessBuilder(python(), "-c", "import websockets")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** The system's, which has Debian's python3-websockets, before any other. */
    private static String python() {
        return Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
    }
}
