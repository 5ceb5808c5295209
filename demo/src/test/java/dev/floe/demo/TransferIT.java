package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code floe send} and {@code floe receive} as processes on this machine. */
class TransferIT {

    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final int SIZE = 150_000_000;

    @TempDir
    private static Path folder;

    private static ProcessPeer server;
    private static List<String> shared;
    private static Path file;
    private static String sha256;

    @BeforeAll
    static void startServer() throws Exception {
        int stunPort;
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            stunPort = socket.getLocalPort();
        }
        server = ProcessPeer.floe(
                Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", String.valueOf(stunPort));
        int port = server.awaitEvent(
                        "listening", event -> event.path("what").asString().equals("signaling"), LIMIT)
                .path("port")
                .asInt();
        shared = List.of("--signal", "ws://127.0.0.1:" + port, "--stun", "127.0.0.1:" + stunPort);
        byte[] content = new byte[SIZE];
        new Random().nextBytes(content);
        file = Files.write(folder.resolve("film.mkv"), content);
        sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void bothSidesMayBeKilledInTheMiddle() throws Exception {
        Path out = folder.resolve("killed");
        ProcessPeer sender = send(file);
        String code = code(sender);
        ProcessPeer receiver = receive(code, out);
        awaitShare(receiver, 0.3);
        receiver.close();
        long kept = kept(out);
        assertThat(kept).isGreaterThan(SIZE / 4);
        ProcessPeer secondReceiver = receive(code, out);
        assertThat(firstProgress(secondReceiver)).isGreaterThanOrEqualTo(kept);
        awaitShare(secondReceiver, 0.7);
        sender.close();
        ProcessPeer secondSender = send(file, "--code", code);
        for (ProcessPeer peer : List.of(secondReceiver, secondSender)) {
            assertWhole(peer);
            peer.close();
        }
        long sentAgain = firstProgress(secondSender);
        assertThat(sentAgain).isGreaterThan(SIZE / 2);
        assertThat(out.resolve("film.mkv")).hasSameBinaryContentAs(file);
        assertThat(names(out)).containsExactly("film.mkv");
        EventContract.assertKept(secondReceiver);
        EventContract.assertKept(secondSender);
    }

    @Test
    void wrongCodeCostsTheSendersCode() throws Exception {
        try (ProcessPeer sender = send(file)) {
            String code = code(sender);
            String wrong =
                    code.endsWith("-acorn") ? code.replaceAll("acorn$", "zebra") : code.replaceAll("[a-z]+$", "acorn");
            try (ProcessPeer receiver = receive(wrong, folder.resolve("wrong"))) {
                for (ProcessPeer peer : List.of(sender, receiver)) {
                    assertThat(peer.result().path("error").asString()).isEqualTo("wrong-code");
                    assertThat(peer.exitCode()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void folderThatCannotBeWrittenEndsBothSides() throws Exception {
        Path blocked = Files.writeString(folder.resolve("blocked"), "not a folder");
        try (ProcessPeer sender = send(file);
                ProcessPeer receiver = receive(code(sender), blocked)) {
            for (ProcessPeer peer : List.of(sender, receiver)) {
                JsonNode result = peer.result();
                assertThat(result.path("error").asString()).as("%s", peer).isEqualTo("io");
                assertThat(peer.stderr()).contains("cannot write");
            }
            assertThat(sender.stderr()).doesNotContain("blocked");
        }
    }

    private static ProcessPeer send(Path path, String... more) {
        return peer(Stream.concat(Stream.of("send", path.toString()), Stream.of(more)), "sender");
    }

    private static ProcessPeer receive(String code, Path out) {
        return peer(Stream.of("receive", code, "--out", out.toString()), "receiver");
    }

    private static ProcessPeer peer(Stream<String> arguments, String identity) {
        List<String> all = new ArrayList<>(arguments.toList());
        all.addAll(shared);
        all.addAll(List.of("--identity", folder.resolve(identity).toString()));
        return ProcessPeer.floe(Host.local(), all.toArray(String[]::new));
    }

    private static String code(ProcessPeer sender) throws InterruptedException {
        return sender.awaitEvent("code", LIMIT).path("code").asString();
    }

    private static void awaitShare(ProcessPeer peer, double share) throws InterruptedException {
        peer.awaitEvent("progress", event -> event.path("bytes").asLong() >= share * SIZE, LIMIT);
    }

    private static long firstProgress(ProcessPeer peer) throws InterruptedException {
        return peer.awaitEvent("progress", LIMIT).path("bytes").asLong();
    }

    private static void assertWhole(ProcessPeer peer) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean()).as("%s", peer).isTrue();
        assertThat(result.path("bytes").asLong()).isEqualTo(SIZE);
        assertThat(result.path("sha256").asString()).isEqualTo(sha256);
    }

    private static long kept(Path out) throws IOException {
        try (Stream<Path> all = Files.walk(out)) {
            return Files.size(
                    all.filter(path -> path.endsWith("film.mkv")).findFirst().orElseThrow());
        }
    }

    private static List<String> names(Path in) throws IOException {
        try (Stream<Path> all = Files.list(in)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }
}
