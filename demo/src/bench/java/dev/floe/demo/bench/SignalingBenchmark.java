package dev.floe.demo.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The signaling server in a process of its own, with a heap of 512 MiB: ten thousand clients that wait, then the same
 * clients in five thousand rooms telling each other descriptions, 32 at a time. Beside it a relay in Python, which tells
 * everybody everything and so cannot do that: it and the server do the same for 32 pairs, and for one, which is a
 * relay's best case. All get the same bytes, as many at a time, from the same load client, in turns.
 */
final class SignalingBenchmark implements Benchmark {

    private static final int CLIENTS = 10_000;
    private static final int AT_A_TIME = 32;
    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    static final Duration ROUND = Duration.ofMillis(1500);
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
            Exchanges rooms = new Exchanges(load, crowd, AT_A_TIME);
            Exchanges few = new Exchanges(load, crowd.subList(0, 2 * AT_A_TIME), AT_A_TIME);
            Exchanges one = new Exchanges(load, crowd.subList(0, 2), AT_A_TIME);
            for (Exchanges warmUp : List.of(rooms, few, one)) {
                warmUp.run(floe, WARM_UP);
            }
            if (canRunPython()) {
                figures.addAll(besidePython(floe, rooms, few, one, load, report));
            } else {
                Rounds alone = new Rounds("floe, 5000 rooms", floe, rooms);
                for (int round = 0; round < ROUNDS; round++) {
                    alone.runOne(report, name());
                }
                figures.addAll(alone.figures("signaling", "5000 rooms"));
            }
        }
        return figures;
    }

    private List<Figure> besidePython(
            ServerProcess floe, Exchanges rooms, Exchanges few, Exchanges one, LoadClient load, Report report)
            throws Exception {
        try (ServerProcess relay = ServerProcess.start(List.of(python(), "-c", PYTHON_RELAY));
                ServerProcess lonely = ServerProcess.start(List.of(python(), "-c", PYTHON_RELAY))) {
            Exchanges fewOnRelay = new Exchanges(load, load.connectRelay(relay.port(), 2 * AT_A_TIME), AT_A_TIME);
            Exchanges oneOnRelay = new Exchanges(load, load.connectRelay(lonely.port(), 2), AT_A_TIME);
            List<Rounds> all = List.of(
                    new Rounds("floe, 5000 rooms", floe, rooms),
                    new Rounds("floe, 32 rooms", floe, few),
                    new Rounds("python, 32 pairs", relay, fewOnRelay),
                    new Rounds("floe, 1 room", floe, one),
                    new Rounds("python, 1 pair", lonely, oneOnRelay));
            for (int round = 0; round < ROUNDS; round++) {
                for (Rounds rounds : all) {
                    rounds.runOne(report, name());
                }
            }
            return figures(all);
        }
    }

    private static List<Figure> figures(List<Rounds> all) {
        Rounds rooms = all.get(0);
        Rounds few = all.get(1);
        Rounds fewOnRelay = all.get(2);
        Rounds one = all.get(3);
        Rounds oneOnRelay = all.get(4);
        return Stream.of(
                        rooms.figures("signaling", "5000 rooms"),
                        few.figures("signaling_few", "32 rooms"),
                        fewOnRelay.figures("signaling_python_few", "relay in Python, 32 pairs"),
                        one.figures("signaling_one", "1 room"),
                        oneOnRelay.figures("signaling_python_one", "relay in Python, 1 pair"),
                        List.of(
                                Figure.of(
                                        "signaling_msgs_ratio",
                                        few.rate() / fewOnRelay.rate(),
                                        "to the relay in Python, 32 pairs at a time on both"),
                                Figure.of(
                                        "signaling_one_ratio",
                                        one.rate() / oneOnRelay.rate(),
                                        "the same with 1 pair, the best case of a relay")))
                .flatMap(List::stream)
                .toList();
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
