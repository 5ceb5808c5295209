package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A TURN server of the coturn project on a host of the lab, for one user, over UDP and TCP. */
public final class Coturn implements AutoCloseable {
    /** Its port for both. */
    public static final int PORT = 3479;

    private static final String READY = "Total General servers";

    private final Process process;
    private final String address;

    private Coturn(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** Whether this machine has it. */
    public static boolean isInstalled() {
        try {
            Shell.run("turnserver", "--version");
            return true;
        } catch (UncheckedIOException | IllegalStateException e) {
            return false;
        }
    }

    /**
     * Starts it.
     *
     * @param folder for its files
     * @param options further ones of the command {@code turnserver}
     * @throws IllegalStateException if it does not come up
     */
    public static Coturn start(Host host, Path folder, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "turnserver",
                "-n",
                "--listening-ip=" + host.address(),
                "--listening-port=" + PORT,
                "--relay-ip=" + host.address(),
                "--min-port=49152",
                "--max-port=49407",
                "--lt-cred-mech",
                "--realm=floe.test",
                "--user=floe:secret",
                "--no-tls",
                "--no-dtls",
                "--no-cli",
                "--relay-threads=1",
                "--userdb=" + folder.resolve("turndb"),
                "--pidfile=" + folder.resolve("turnserver.pid"),
                "--log-file=stdout",
                "--simple-log"));
        command.addAll(List.of(options));
        Process process = host.start(command);
        awaitReady(process);
        return new Coturn(process, host.address());
    }

    /** The value of {@code --turn} for this server. */
    public String option(String transport) {
        return "turn:floe:secret@" + address + ":" + PORT + "?transport=" + transport;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private static void awaitReady(Process process) {
        StringBuilder said = new StringBuilder();
        BufferedReader reader = process.inputReader(UTF_8);
        try {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                said.append(line).append('\n');
                if (line.contains(READY)) {
                    Thread drain = new Thread(() -> reader.lines().forEach(ignored -> {}), "coturn-output");
                    drain.setDaemon(true);
                    drain.start();
                    return;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("coturn did not come up:\n" + said);
    }
}
