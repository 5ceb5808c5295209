package dev.floe.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.lab.Host;
import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.RelayedPeer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;

/** One of this program's commands as a process on a host of a lab; what it tells is told here. */
final class LabProcess {

    private final Process process;
    private final CompletableFuture<Event.Result> ended = new CompletableFuture<>();
    private volatile String lastError = "has ended without a word";

    private LabProcess(Process process) {
        this.process = process;
    }

    static LabProcess start(Host host, RelayedPeer peer, Class<?> command, List<String> arguments) {
        List<String> line = new ArrayList<>(Host.QUICK_JAVA);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), command.getName()));
        line.addAll(arguments);
        line.add("--json");
        LabProcess started = new LabProcess(host.start(line));
        inBackground(started::readErrors);
        inBackground(() -> started.read(peer));
        return started;
    }

    /** Completes with its result, or with a failure if it ends without one. */
    CompletableFuture<Event.Result> ended() {
        return ended;
    }

    /** Ends its standard input. */
    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(RelayedPeer peer) {
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            lines.lines().forEach(peer::line);
        } catch (IOException | UncheckedIOException | JacksonException e) {
            lastError = e.getMessage();
        }
        process.onExit().join();
        ended.complete(
                peer.result() == null ? Event.Result.failure(new Failure("internal", lastError)) : peer.result());
    }

    private void readErrors() {
        try (BufferedReader lines = process.errorReader(UTF_8)) {
            lines.lines().forEach(line -> lastError = line);
        } catch (IOException | UncheckedIOException e) {
            lastError = e.getMessage();
        }
    }

    private static void inBackground(Runnable reading) {
        Thread thread = new Thread(reading, "lab-process");
        thread.setDaemon(true);
        thread.start();
    }
}
