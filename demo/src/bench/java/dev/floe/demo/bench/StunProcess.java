package dev.floe.demo.bench;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** A STUN server on loopback in a process of its own. */
record StunProcess(Process process, InetSocketAddress address) implements AutoCloseable {

    /** {@code floe server}, whose limit of requests for each source is that of a public server. */
    static StunProcess floe() throws IOException {
        int port = freePort();
        return start(
                port,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.floe.demo.Floe",
                "server",
                "--host=127.0.0.1",
                "--port=0",
                "--stun-port=" + port);
    }

    /** Coturn as a STUN server and nothing else, and with no more in its answers than it must have. */
    static StunProcess coturn() throws IOException {
        int port = freePort();
        return start(
                port,
                "turnserver",
                "-n",
                "--stun-only",
                "--no-auth",
                "--listening-ip=127.0.0.1",
                "--listening-port=" + port,
                "--no-tcp",
                "--no-tls",
                "--no-dtls",
                "--no-cli",
                "--no-rfc5780",
                "--no-stun-backward-compatibility",
                "--response-origin-only-with-rfc5780",
                "--no-software-attribute",
                "--pidfile=",
                "--log-file=stdout",
                "--simple-log");
    }

    /** Whether this machine has it. */
    static boolean hasCoturn() throws InterruptedException {
        try {
            new ProcessBuilder("turnserver", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The processor time of all its threads. */
    long cpuNanos() {
        return process.toHandle().info().totalCpuDuration().orElseThrow().toNanos();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private static StunProcess start(int port, String... command) throws IOException {
        Process process = new ProcessBuilder(List.of(command))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new StunProcess(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
