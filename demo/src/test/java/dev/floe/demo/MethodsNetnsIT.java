package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;
import static dev.floe.demo.lab.NatKind.FULL_CONE;
import static dev.floe.demo.lab.NatKind.NONE;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static dev.floe.demo.lab.NatKind.SYMMETRIC;
import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.demo.lab.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code floe offer --method M} and {@code floe answer --method M} behind each pair of the kernel's NATs, two peers 40 ms
 * from each other and back: where there is a direct way they find it, and where there is none they say so in time. Prints
 * a table of what it took, which docs/methods.md shows.
 */
@Timeout(300)
class MethodsNetnsIT {

    private static final List<NatKind> KINDS = List.of(NONE, FULL_CONE, ADDRESS_RESTRICTED, PORT_RESTRICTED, SYMMETRIC);

    /** Of each link, of which there are four on the way from one peer to the other and back. */
    private static final Duration DELAY = Duration.ofMillis(10);

    private static final double ROUND_TRIP_MS = 4.0 * DELAY.toMillis();

    /** Most of the time a pair of processes waits: for a clock, for the other one, for a network. */
    private static final int LABS = 4;

    private static final Comparator<Pair> BY_NATS =
            comparing((Pair pair) -> KINDS.indexOf(pair.a())).thenComparing(pair -> KINDS.indexOf(pair.b()));

    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final List<Row> TABLE = new ArrayList<>();
    private static final List<NatLab> OPEN = new ArrayList<>();
    private static final Map<NatLab, Coturn> RELAYS = new ConcurrentHashMap<>();

    @TempDir
    private static Path folder;

    private static ExecutorService runners;

    private record Pair(NatKind a, NatKind b) {
        /** Whether there is a way without a relay, and without guessing ports. */
        boolean isDirect() {
            return !(a == SYMMETRIC && (b == PORT_RESTRICTED || b == SYMMETRIC))
                    && !(a == PORT_RESTRICTED && b == SYMMETRIC);
        }

        @Override
        public String toString() {
            return a.word() + " × " + b.word();
        }
    }

    /** One cell of the table; without a direct way it has only the time that it took to say so. */
    private record Row(String method, Pair pair, boolean isDirect, double millis, long datagrams) {

        @Override
        public String toString() {
            return isDirect
                    ? String.format(Locale.ROOT, "%.0f ms, %.1f, %d", millis, millis / ROUND_TRIP_MS, datagrams)
                    : String.format(
                            Locale.ROOT, method.equals("draft") ? "relays (%.1f s)" : "no (%.0f s)", millis / 1e3);
        }
    }

    /** The two peers of one connection, and what they have seen. */
    private record Run(String method, Pair pair, NatLab lab, ProcessPeer offerer, ProcessPeer answerer, Path capture) {

        Row row() throws InterruptedException {
            return method.equals("draft") ? drafted() : agreed();
        }

        /** By the draft a connection is there before its direct way, and stays over the relays where there is none. */
        private Row drafted() throws InterruptedException {
            double until = 0;
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                JsonNode moved = pair.isDirect()
                        ? peer.awaitEvent("nominated", this::isDirectPair, LIMIT)
                        : peer.awaitEvent("candidate", this::isNamed, LIMIT);
                until = Math.max(until, moved.path("epoch_ms").asDouble());
            }
            answerer.endInput();
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                JsonNode result = peer.result();
                assertThat(result.path("ok").asBoolean()).as("%s", peer).isTrue();
                assertThat(result.path("path").asString())
                        .as("%s", peer)
                        .isEqualTo(pair.isDirect() ? "direct" : "relay");
                assertThat(isDirectPair(peer.events("nominated").get(0)))
                        .as("%s", peer)
                        .isFalse();
            }
            double since = Math.max(begin(offerer), begin(answerer));
            double relayed = Math.max(epoch(offerer, "quic-connected"), epoch(answerer, "quic-connected"));
            return pair.isDirect()
                    ? new Row(method, pair, true, until - since, datagrams())
                    : new Row(method, pair, false, relayed - since, 0);
        }

        private boolean isDirectPair(JsonNode nominated) {
            return !nominated.path("remote").asString().startsWith(lab.serverAddress() + ":");
        }

        /** An address that has come by the draft's frames, or by a check that they have led to. */
        private boolean isNamed(JsonNode candidate) {
            return candidate.path("side").asString().equals("remote")
                    && !candidate.path("type").asString().equals("relay");
        }

        private Row agreed() throws InterruptedException {
            JsonNode offered = offerer.result();
            JsonNode answered = answerer.result();
            assertThat(offered.path("ok").asBoolean())
                    .as("%s by %s: %s", pair, method, offerer)
                    .isEqualTo(pair.isDirect());
            assertThat(answered.path("ok").asBoolean())
                    .as("%s by %s: %s", pair, method, answerer)
                    .isEqualTo(pair.isDirect());
            return pair.isDirect() ? connected() : refused();
        }

        private Row connected() {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                assertThat(last(peer, "result").path("path").asString()).isEqualTo("direct");
                assertThat(peer.events("echo")).hasSize(1);
            }
            assertThat(role(offerer)).isNotEqualTo(role(answerer));
            double since = Math.max(begin(offerer), begin(answerer));
            double until = Math.max(epoch(offerer, "quic-connected"), epoch(answerer, "quic-connected"));
            return new Row(method, pair, true, until - since, datagrams());
        }

        private Row refused() {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                assertThat(last(peer, "result").path("error").asString()).isEqualTo("no-path");
                assertThat(peer.events("quic-connected")).isEmpty();
            }
            double since = Math.max(begin(offerer), begin(answerer));
            double until = Math.max(epoch(offerer, "result"), epoch(answerer, "result"));
            assertThat(until - since).isLessThan((double) LIMIT.toMillis());
            return new Row(method, pair, false, until - since, 0);
        }

        /** How many each has sent to the other before the first that either has heard of QUIC. */
        private long datagrams() {
            List<WireLog.Sighting> seen = Stream.of("offer", "answer")
                    .flatMap(command -> WireLog.of(path(command)).stream())
                    .filter(sighting -> !sighting.other().equals(lab.serverAddress()))
                    .sorted(comparing(WireLog.Sighting::epochNanos))
                    .toList();
            long firstUseful = seen.stream()
                    .filter(sighting -> !sighting.isOutbound() && sighting.isQuic())
                    .findFirst()
                    .orElseThrow()
                    .epochNanos();
            long sent = seen.stream()
                    .filter(sighting -> sighting.isOutbound() && sighting.epochNanos() < firstUseful)
                    .count();
            return sent - 1;
        }

        private Path path(String command) {
            return capture.resolve(command + ".pcapng");
        }

        /** When the two could have begun: each has the other's description. */
        private static double begin(ProcessPeer peer) {
            return peer.events().stream()
                    .filter(event -> event.path("event").asString().equals("signaled")
                            || event.path("what").asString("").equals("punch-attempt"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(peer.toString()))
                    .path("epoch_ms")
                    .asDouble();
        }

        private static double epoch(ProcessPeer peer, String event) {
            return last(peer, event).path("epoch_ms").asDouble();
        }

        private static String role(ProcessPeer peer) {
            return last(peer, "quic-connected").path("role").asString();
        }

        private static JsonNode last(ProcessPeer peer, String event) {
            List<JsonNode> events = peer.events(event);
            assertThat(events).as("%s of %s", event, peer).isNotEmpty();
            return events.get(events.size() - 1);
        }
    }

    @BeforeAll
    static void buildLabs() throws Exception {
        assumeLab();
        assumeCoturn();
        runners = Executors.newFixedThreadPool(LABS);
        for (int i = 0; i < LABS; i++) {
            NatLab lab = NatLab.build(NONE, NONE, new Wire(DELAY, 100));
            OPEN.add(lab);
            RELAYS.put(lab, Coturn.start(lab.server(), Files.createTempDirectory(folder, "turn")));
            ProcessPeer.floe(lab.server(), "server")
                    .awaitEvent(
                            "listening", event -> event.path("what").asString().equals("stun"), LIMIT);
        }
    }

    @AfterAll
    static void printTableAndCloseLabs() {
        RELAYS.values().forEach(Coturn::close);
        OPEN.forEach(NatLab::close);
        if (runners != null) {
            runners.shutdownNow();
        }
        printTable();
    }

    /** A line for each pair, a column for each method. */
    private static void printTable() {
        List<String> methods = TABLE.stream().map(Row::method).distinct().toList();
        System.out.println("| offerer × answerer | " + String.join(" | ", methods) + " |");
        System.out.println("|---".repeat(methods.size() + 1) + "|");
        TABLE.stream().map(Row::pair).distinct().sorted(BY_NATS).forEach(pair -> {
            String cells = methods.stream()
                    .map(method -> TABLE.stream()
                            .filter(row ->
                                    row.method().equals(method) && row.pair().equals(pair))
                            .map(Row::toString)
                            .findFirst()
                            .orElse(""))
                    .collect(Collectors.joining(" | "));
            System.out.println("| " + pair + " | " + cells + " |");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"ice", "punch", "draft"})
    void directWayIsFoundWhereThereIsOne(String method) throws Exception {
        // Those first that take longest.
        Queue<Pair> waiting = new ConcurrentLinkedQueue<>(KINDS.stream()
                .flatMap(a -> KINDS.stream().map(b -> new Pair(a, b)))
                .sorted(comparing(Pair::isDirect))
                .toList());
        List<Row> rows = Collections.synchronizedList(new ArrayList<>());
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Callable<Void>> work = new ArrayList<>();
        for (NatLab lab : OPEN) {
            work.add(() -> {
                for (Pair pair = waiting.poll(); pair != null; pair = waiting.poll()) {
                    try {
                        rows.add(connect(lab, method, pair));
                    } catch (AssertionError | Exception e) {
                        failures.add(e);
                    }
                }
                return null;
            });
        }
        runners.invokeAll(work);
        TABLE.addAll(rows);
        assertThat(failures).isEmpty();
        assertThat(rows).hasSize(KINDS.size() * KINDS.size());
    }

    private static Row connect(NatLab lab, String method, Pair pair) throws Exception {
        lab.nat(lab.a(), pair.a());
        lab.nat(lab.b(), pair.b());
        Path capture =
                folder.resolve(method + "-" + pair.a().word() + "-" + pair.b().word());
        Files.createDirectories(capture);
        try (ProcessPeer offerer = start(lab.a(), lab, "offer", method, capture);
                ProcessPeer answerer = start(lab.b(), lab, "answer", method, capture)) {
            return new Run(method, pair, lab, offerer, answerer, capture).row();
        }
    }

    private static ProcessPeer start(Host host, NatLab lab, String command, String method, Path capture) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                capture.getFileName().toString(),
                "--method",
                method,
                "--observations",
                "--signal",
                "ws://" + lab.serverAddress() + ":8765",
                "--timeout",
                String.valueOf(LIMIT.toSeconds()),
                "--identity",
                folder.resolve(command + lab.hashCode()).toString(),
                "--pcap",
                capture.resolve(command + ".pcapng").toString()));
        if (method.equals("draft")) {
            arguments.addAll(List.of("--turn", RELAYS.get(lab).option("udp")));
            if (command.equals("answer")) {
                arguments.add("--talk");
            }
        }
        return ProcessPeer.floe(host, arguments.toArray(String[]::new));
    }
}
