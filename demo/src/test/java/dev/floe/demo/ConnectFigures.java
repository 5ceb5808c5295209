package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.demo.lab.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Prints how long two cold processes take to connect, each behind an address-restricted cone NAT, 40 ms from peer to peer
 * and back: {@code mvn -B verify -Pfigures}, as root.
 */
class ConnectFigures {
    private static final Wire WIRE = new Wire(Duration.ofMillis(10), 20);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int RUNS = 5;
    private static final List<String> STEPS =
            List.of("ice-connected", "nominated", "pipeline", "quic-connected", "echo");
    private static final List<String> TABLE = new ArrayList<>();

    @TempDir
    private static Path folder;

    @BeforeAll
    static void assume() {
        assumeLab();
    }

    @AfterAll
    static void printTable() {
        System.out.println("| ms from the later signaled, median (worst) | " + String.join(" | ", STEPS) + " |\n|---|"
                + "---|".repeat(STEPS.size()));
        TABLE.forEach(System.out::println);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connect(boolean isEarly) throws InterruptedException {
        List<List<Double>> offerers = new ArrayList<>();
        List<List<Double>> answerers = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            connect(isEarly, offerers, answerers);
        }
        print("offerer" + (isEarly ? ", early" : ""), offerers);
        print("answerer" + (isEarly ? ", early" : ""), answerers);
    }

    private static void connect(boolean isEarly, List<List<Double>> offerers, List<List<Double>> answerers)
            throws InterruptedException {
        try (NatLab lab = NatLab.build(ADDRESS_RESTRICTED, ADDRESS_RESTRICTED, WIRE)) {
            ProcessPeer.floe(lab.server(), "server")
                    .awaitEvent(
                            "listening", event -> event.path("what").asString().equals("stun"), LIMIT);
            try (ProcessPeer offerer = start(lab, lab.a(), "offer", isEarly);
                    ProcessPeer answerer = start(lab, lab.b(), "answer", isEarly)) {
                offerer.result();
                answerer.result();
                double signaled = Math.max(millis(offerer, "signaled"), millis(answerer, "signaled"));
                offerers.add(after(signaled, offerer));
                answerers.add(after(signaled, answerer));
            }
        }
    }

    private static ProcessPeer start(NatLab lab, Host host, String command, boolean isEarly) {
        Stream<String> arguments = Stream.of(
                command,
                "figures",
                "--signal",
                "ws://" + lab.serverAddress() + ":8765",
                "--identity",
                folder.resolve(command).toString());
        return ProcessPeer.floe(
                host,
                Stream.concat(arguments, isEarly ? Stream.of("--early") : Stream.empty())
                        .toArray(String[]::new));
    }

    private static List<Double> after(double signaled, ProcessPeer peer) {
        return STEPS.stream().map(step -> millis(peer, step) - signaled).toList();
    }

    private static double millis(ProcessPeer peer, String event) {
        return peer.events(event).get(0).path("epoch_ms").asDouble();
    }

    private static void print(String who, List<List<Double>> runs) {
        String cells = Stream.iterate(0, column -> column < STEPS.size(), column -> column + 1)
                .map(column ->
                        runs.stream().map(run -> run.get(column)).sorted().toList())
                .map(sorted -> String.format(
                        Locale.ROOT, "%.0f (%.0f)", sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1)))
                .collect(Collectors.joining(" | "));
        TABLE.add("| " + who + " | " + cells + " |");
    }
}
