package dev.floe.demo;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.report.Event;
import dev.floe.demo.report.EventWatch;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.RelayedPeer;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.Scene;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The demo's story between processes in a {@link NatLab}: signaling and STUN, and TURN where coturn is installed, on the
 * internet; an offerer and an answerer, each behind its NAT.
 */
final class LabDemo {

    private static final String ROOM = "demo";

    private static final Failure NO_RELAY = new Failure(
            "no-path", "these two NATs leave no direct way; the lab would have a relay with Debian's package coturn");

    private final NatLab lab;
    private final Path folder;
    private final Function<String, List<String>> options;
    private final Report report;

    private LabDemo(NatLab lab, Path folder, Function<String, List<String>> options, Report report) {
        this.lab = lab;
        this.folder = folder;
        this.options = options;
        this.report = report;
    }

    /**
     * Builds the lab, blocks until both peers have ended, and takes the lab down.
     *
     * @param isRoaming whether the offerer changes its network in the middle
     * @param options those of a peer's process, by the peer's name
     * @throws IOException if this machine cannot have a lab; its message says why
     */
    static Event.Result play(
            LabNats nats, boolean isRoaming, Function<String, List<String>> options, Report report, StopSignal stop)
            throws IOException {
        try {
            NatLab.require();
            return build(nats, isRoaming, options, report, stop);
        } catch (IOException | RuntimeException e) {
            // Ctrl-C ends the commands that build the lab, too.
            if (stop.isGiven()) {
                return Event.Result.failure(Failure.STOPPED);
            }
            throw e;
        }
    }

    private static Event.Result build(
            LabNats nats, boolean isRoaming, Function<String, List<String>> options, Report report, StopSignal stop)
            throws IOException {
        Path folder = Files.createTempDirectory("floe-lab-");
        try (NatLab lab = NatLab.build(nats.offerer(), nats.answerer())) {
            stop.then(lab::close);
            Event.Result result = new LabDemo(lab, folder, options, report).play(nats, isRoaming);
            return stop.isGiven() ? result.with(Failure.STOPPED) : result;
        } finally {
            delete(folder);
        }
    }

    /** The picture of the network. */
    static Scene scene(LabNats nats) {
        String offerer = "offerer   10.1.0.2 ── %s 198.51.100.2 ──".formatted(box(nats.offerer()));
        String answerer = "answerer  10.2.0.2 ── %s 203.0.113.2 ──".formatted(box(nats.answerer()));
        String services = Coturn.isInstalled() ? "signaling, STUN, TURN" : "signaling, STUN";
        int width = Math.max(offerer.length(), answerer.length());
        return new Scene(
                List.of(
                        offerer + "─".repeat(width - offerer.length()) + "┐",
                        " ".repeat(width) + "├── server 192.0.2.10: " + services,
                        answerer + "─".repeat(width - answerer.length()) + "┘",
                        ""),
                true,
                "The offerer went from WiFi to LTE in the middle of a stream");
    }

    private static String box(NatKind kind) {
        return switch (kind) {
            case NONE -> "router without NAT,";
            case UDP_BLOCKED -> "NAT that blocks UDP,";
            default -> kind.word() + " NAT,";
        };
    }

    private Event.Result play(LabNats nats, boolean isRoaming) {
        EventWatch watch = new EventWatch();
        report.observe(watch);
        CompletableFuture<Void> listening = watch.first(Event.Listening.class);
        LabProcess server = LabProcess.start(
                lab.server(),
                new RelayedPeer(report, null),
                ServerCommand.class,
                List.of("--host", lab.serverAddress()));
        CompletableFuture.anyOf(listening, server.ended()).join();
        if (server.ended().isDone()) {
            return server.ended().join();
        }
        List<String> shared = shared(nats);
        LabProcess offerer = peer(lab.a(), "offerer", OfferCommand.class, shared);
        LabProcess answerer = peer(
                lab.b(),
                "answerer",
                AnswerCommand.class,
                isRoaming ? Stream.concat(shared.stream(), Stream.of("--talk")).toList() : shared);
        if (isRoaming) {
            new Roam(() -> lab.roam(lab.a()), answerer::endInput).play(watch, answerer.ended());
        }
        Event.Result answered = answerer.ended().join();
        Event.Result offered = offerer.ended().join();
        Event.Result result = offered.ok() ? answered : offered;
        return isRelayMissing(result) ? result.with(NO_RELAY) : result;
    }

    private static boolean isRelayMissing(Event.Result result) {
        return NO_RELAY.error().equals(result.error()) && !Coturn.isInstalled();
    }

    /** What both peers are told. */
    private List<String> shared(LabNats nats) {
        List<String> arguments =
                new ArrayList<>(List.of(ROOM, "--observations", "--signal", "ws://" + lab.serverAddress() + ":8765"));
        if (Coturn.isInstalled()) {
            Coturn turn = Coturn.start(lab.server(), folder);
            arguments.addAll(List.of("--turn", turn.option("udp")));
            if (nats.isAny(NatKind.UDP_BLOCKED)) {
                arguments.addAll(List.of("--turn", turn.option("tcp")));
            }
        }
        return arguments;
    }

    private LabProcess peer(Host host, String name, Class<?> command, List<String> shared) {
        List<String> arguments = new ArrayList<>(shared);
        arguments.addAll(List.of("--identity", folder.resolve(name).toString()));
        arguments.addAll(options.apply(name));
        return LabProcess.start(host, new RelayedPeer(report, name), command, arguments);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
