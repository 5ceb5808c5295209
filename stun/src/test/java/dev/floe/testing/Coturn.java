package dev.floe.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A real coturn on loopback, in a folder of its own, on free ports, which it keeps when it is killed and restarted. Its
 * user is {@link #USERNAME} with {@link #PASSWORD}.
 */
public final class Coturn implements AutoCloseable {
    public static final String USERNAME = "alice";
    public static final String PASSWORD = "open sesame";

    private static final String REALM = "floe.test";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path folder;
    private final List<String> command;
    private final int port;
    private final int tlsPort;
    private Process process;

    private Coturn(Path folder, List<String> command, int port, int tlsPort) {
        this.folder = folder;
        this.command = command;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /**
     * Starts one that listens on 127.0.0.1 and ::1 for UDP and TCP. Skips the test if this machine has no coturn; fails it
     * instead if the environment has {@code CI=true}.
     *
     * @param options further ones of the command {@code turnserver}; with {@code --cert} and {@code --pkey} it listens for
     *     TLS too
     */
    public static Coturn start(String... options) {
        Requirement.runs("coturn", "which", "turnserver");
        try {
            Path folder = Files.createTempDirectory("coturn");
            int port = freePort();
            int tlsPort = freePort();
            List<String> command = new ArrayList<>(List.of(
                    "turnserver",
                    "-n",
                    "--no-cli",
                    "--no-dtls",
                    "--lt-cred-mech",
                    "--allow-loopback-peers",
                    "--relay-threads=1",
                    "--listening-ip=127.0.0.1",
                    "--listening-ip=::1",
                    "--listening-port=" + port,
                    "--tls-listening-port=" + tlsPort,
                    "--realm=" + REALM,
                    "--user=" + USERNAME + ":" + PASSWORD,
                    "--userdb=" + folder.resolve("db"),
                    "--pidfile=" + folder.resolve("pid"),
                    "--log-file=" + folder.resolve("log"),
                    "--simple-log",
                    "--verbose",
                    "--no-stdout-log"));
            command.addAll(List.of(options));
            Coturn coturn = new Coturn(folder, command, port, tlsPort);
            coturn.restart();
            return coturn;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens for UDP and TCP. */
    public InetSocketAddress address() {
        return new InetSocketAddress(loopback(127, 0, 0, 1), port);
    }

    /** The same on IPv6. */
    public InetSocketAddress addressIpv6() {
        return new InetSocketAddress(loopback(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), port);
    }

    /** Where it listens for TLS, by its name. */
    public InetSocketAddress tlsAddress() {
        return InetSocketAddress.createUnresolved("localhost", tlsPort);
    }

    /** Kills it without giving it time to say good-bye. */
    public void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("coturn outlives its killing");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while coturn was killed", e);
        }
    }

    /** Starts it again with nothing remembered, and returns once it listens. */
    public void restart() {
        try {
            Files.deleteIfExists(folder.resolve("log"));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("UDP listener opened on: 127.0.0.1:" + port);
        await("Total General servers");
    }

    /** What it has logged since it was started. */
    public String log() {
        try {
            Path log = folder.resolve("log");
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns once the log holds {@code text}. */
    public void await(String text) {
        long start = System.nanoTime();
        while (!log().contains(text)) {
            if (!process.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("coturn does not say '" + text + "' but:\n" + log() + output());
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Kills it and deletes its folder. */
    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("out"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetAddress loopback(int... octets) {
        byte[] ip = new byte[octets.length];
        for (int i = 0; i < ip.length; i++) {
            ip[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + ip.length + " bytes", e);
        }
    }

    /**
     * One that is free for UDP and TCP, and the next one too, which coturn takes as well. Below those that systems give
     * to clients, so that nobody gets it while coturn is restarted.
     */
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            if (isFree(port) && isFree(port + 1)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
            return tcp.isBound() && udp.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
