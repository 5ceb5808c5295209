package dev.floe.signaling.redis;

import dev.floe.testing.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A redis-server of its own, without persistence, on a free port of loopback. */
public final class RedisServer implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 20;

    private final int port;
    private Process process;

    private RedisServer(int port) {
        this.port = port;
    }

    /** Skips the test if there is no redis-server; fails it instead if the environment has {@code CI=true}. */
    public static RedisServer start() throws Exception {
        RedisServer server = new RedisServer(freePort());
        server.startAgain();
        return server;
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + port);
    }

    /** How many scripts it has run. */
    public long scripts() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("INFO commandstats\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            String statistics = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher calls = Pattern.compile("cmdstat_eval:calls=([0-9]+)").matcher(statistics);
            return calls.find() ? Long.parseLong(calls.group(1)) : 0;
        }
    }

    /** With no memory of what was. */
    public void startAgain() throws Exception {
        try {
            process = new ProcessBuilder(
                            "redis-server",
                            "--port",
                            String.valueOf(port),
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "",
                            "--appendonly",
                            "no")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            Requirement.missing("needs redis-server (Debian: redis-server)", e);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!answers()) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                throw new AssertionError("redis-server does not answer");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** What it knew is lost. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** It neither answers nor hangs up. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    @Override
    public void close() {
        kill();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
