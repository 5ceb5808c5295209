package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import java.io.IOException;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The {@code floe} command as a user runs it: processes on this machine. */
class CommandLineIT {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final List<String> EVENTS_OF_A_PEER = List.of(
            "candidate",
            "gathered",
            "signaled",
            "ice-connected",
            "nominated",
            "pipeline",
            "quic-connected",
            "echo",
            "closed",
            "result");

    @TempDir
    private static Path folder;

    private static ProcessPeer server;
    private static String signaling;
    private static String stun;

    @BeforeAll
    static void startServer() throws InterruptedException {
        server = ProcessPeer.floe(
                Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", anyUdpPort());
        signaling = "ws://127.0.0.1:" + listening("signaling");
        stun = "127.0.0.1:" + listening("stun");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void theDemoTellsItsStoryAndEndsWell() throws Exception {
        Process demo = Host.local().start(List.of(Host.JAVA, "-jar", System.getProperty("floe.jar"), "demo"));
        String story = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(demo.waitFor()).isZero();
        assertThat(demo.getErrorStream().readAllBytes()).isEmpty();
        assertThat(story)
                .contains("gathered", "signaled", "first pair", "nominated", "swap", "handshake", "echo")
                .contains("StunCodec → IceHandler → Timeline → QuicSwapHandler")
                .contains("IcePathHandler → QuicheQuicServerCodec", "IcePathHandler → QuicheQuicClientCodec")
                .doesNotContain(" - ");
    }

    @Test
    void theDemoSpeaksToProgramsAboutBothPeers() throws InterruptedException {
        try (ProcessPeer demo = ProcessPeer.floe(Host.local(), "demo")) {
            assertThat(demo.result().path("ok").asBoolean()).isTrue();
            assertThat(demo.exitCode()).isZero();
            for (String peer : List.of("offerer", "answerer")) {
                assertThat(names(demo.events().stream()
                                .filter(event -> event.path("peer").asString("").equals(peer))))
                        .containsAll(EVENTS_OF_A_PEER.subList(0, EVENTS_OF_A_PEER.size() - 1));
            }
        }
    }

    @Test
    void threeProcessesConnectAndKeepToTheContract() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "contract");
                ProcessPeer answerer = peer("answer", "contract", "--message", "Grüße!")) {
            assertContract(answerer, "client", 8);
            assertContract(offerer, "server", 8);
        }
    }

    @Test
    void earlyStartConnects() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "early", "--early");
                ProcessPeer answerer = peer("answer", "early", "--early")) {
            assertThat(answerer.result().path("ok").asBoolean()).isTrue();
            assertThat(offerer.result().path("ok").asBoolean()).isTrue();
        }
    }

    @Test
    void twoPeersConnectOverThePlainRelay() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "any", "--seed-signaling", "--stun", "127.0.0.1:1");
                ProcessPeer answerer = peer("answer", "any", "--seed-signaling")) {
            assertThat(answerer.result().path("ok").asBoolean()).isTrue();
            assertThat(offerer.result().path("ok").asBoolean()).isTrue();
        }
    }

    @Test
    void anOffererThatKeepsServesOnePeerAfterAnother() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "keep", "--keep")) {
            for (String name : List.of("peer-1", "peer-2")) {
                try (ProcessPeer answerer = peer("answer", "keep")) {
                    assertThat(answerer.result().path("ok").asBoolean()).isTrue();
                }
                offerer.awaitEvent("echo", echo -> echo.path("peer").asString().equals(name), LIMIT);
            }
        }
    }

    @Test
    void aThirdPeerFindsTheRoomFull() throws InterruptedException {
        try (ProcessPeer first = peer("offer", "full");
                ProcessPeer second = peer("offer", "full")) {
            first.awaitEvent("gathered", LIMIT);
            second.awaitEvent("gathered", LIMIT);
            try (ProcessPeer third = peer("answer", "full")) {
                assertFailure(third, "room-full", 1);
            }
        }
    }

    @Test
    void aWrongPinIsRefusedOnBothSides() throws InterruptedException {
        String wrong = "ab".repeat(32);
        try (ProcessPeer offerer = peer("offer", "pin");
                ProcessPeer answerer = peer("answer", "pin", "--pin", wrong)) {
            assertFailure(answerer, "fingerprint-mismatch", 1);
            offerer.awaitEvent("signaled", LIMIT);
        }
    }

    @SuppressWarnings("try") // the close in the middle is what is tried
    @Test
    void waitersAreToldWhenTheServerGoes() throws InterruptedException {
        try (ProcessPeer other =
                ProcessPeer.floe(Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", "0")) {
            String uri = "ws://127.0.0.1:"
                    + other.awaitEvent("listening", LIMIT).path("port").asInt();
            try (ProcessPeer offerer = ProcessPeer.floe(
                    Host.local(), "offer", "r", "--signal", uri, "--stun", stun, "--identity", identity("offer"))) {
                offerer.awaitEvent("gathered", LIMIT);
                other.close();
                assertFailure(offerer, "signaling-lost", 1);
            }
        }
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("timeout", 1, List.of("offer", "lonely", "--timeout", "3")),
                Arguments.of("signaling-lost", 1, List.of("answer", "r", "--signal", "ws://127.0.0.1:1")),
                Arguments.of("io", 1, List.of("answer", "r", "--trust-ca", "no-such-file.pem")),
                Arguments.of("io", 1, List.of("answer", "r", "--bind", "192.0.2.77")),
                Arguments.of("usage", 2, List.of("answer", "not a room")),
                Arguments.of("usage", 2, List.of("answer", "r", "--pin", "12:34")),
                Arguments.of("usage", 2, List.of("answer", "r", "--timeout", "0")),
                Arguments.of("usage", 2, List.of("answer", "r", "--bind", "nonsense")),
                Arguments.of("usage", 2, List.of("answer", "r", "--stun", "no-port")),
                Arguments.of("usage", 2, List.of("answer", "r", "--no-such-option")),
                Arguments.of("usage", 2, List.of("answer")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureHasItsWordItsLineAndItsExitCode(String error, int exitCode, List<String> arguments)
            throws InterruptedException {
        List<String> line = new ArrayList<>(arguments);
        if (!arguments.contains("--signal") && exitCode == 1) {
            line.addAll(List.of("--signal", signaling, "--identity", identity("offer")));
        }
        try (ProcessPeer peer = ProcessPeer.floe(Host.local(), line.toArray(String[]::new))) {
            assertFailure(peer, error, exitCode);
        }
    }

    private static void assertContract(ProcessPeer peer, String role, int bytes) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean()).as("%s", result).isTrue();
        assertThat(peer.exitCode()).isZero();
        assertThat(names(peer.events().stream()).distinct()).containsAll(EVENTS_OF_A_PEER);
        for (String once : List.of("gathered", "signaled", "ice-connected", "pipeline", "quic-connected", "echo")) {
            assertThat(peer.events(once)).as(once).hasSize(1);
        }
        double before = 0;
        for (JsonNode event : peer.events()) {
            assertThat(event.path("t_ms").asDouble()).isGreaterThanOrEqualTo(before);
            assertThat(event.path("epoch_ms").asDouble()).isGreaterThan(1.7e12);
            before = event.path("t_ms").asDouble();
        }
        JsonNode quic = peer.events("quic-connected").get(0);
        assertThat(quic.path("role").asString()).isEqualTo(role);
        assertThat(quic.path("remote_fingerprint").asString()).matches("[0-9a-f]{64}");
        JsonNode pipeline = peer.events("pipeline").get(0);
        assertThat(pipeline.path("before").toString()).contains("QuicSwapHandler");
        assertThat(pipeline.path("after").toString())
                .doesNotContain("QuicSwapHandler")
                .contains("IcePathHandler");
        assertThat(peer.events("echo").get(0).path("bytes").asInt()).isEqualTo(bytes);
        assertThat(result.path("path").asString()).isEqualTo("direct");
        for (String event : List.of("signaled", "echo")) {
            assertThat(result.path(event + "_ms").asDouble())
                    .isEqualTo(peer.events(event).get(0).path("t_ms").asDouble());
        }
        assertThat(result.path("quic_ms").asDouble())
                .isEqualTo(quic.path("t_ms").asDouble());
        assertThat(result.has("rtt_ms")
                        && result.has("ice_ms")
                        && result.has("quic_held")
                        && result.has("quic_dropped_unauthenticated")
                        && !result.has("error"))
                .isTrue();
    }

    private static void assertFailure(ProcessPeer peer, String error, int exitCode) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean(true)).isFalse();
        assertThat(result.path("error").asString()).as("%s", result).isEqualTo(error);
        assertThat(result.path("message").asString()).isNotBlank();
        assertThat(peer.exitCode()).isEqualTo(exitCode);
        assertThat(peer.stderr().lines()).hasSize(1);
    }

    private static Stream<String> names(Stream<JsonNode> events) {
        return events.map(event -> event.path("event").asString());
    }

    private static ProcessPeer peer(String command, String room, String... options) {
        List<String> line = new ArrayList<>(List.of(command, room, "--signal", signaling));
        if (!List.of(options).contains("--stun")) {
            line.addAll(List.of("--stun", stun));
        }
        line.addAll(List.of("--timeout", "40", "--identity", identity(command)));
        line.addAll(List.of(options));
        return ProcessPeer.floe(Host.local(), line.toArray(String[]::new));
    }

    private static String identity(String command) {
        return folder.resolve(command + ".pem").toString();
    }

    private static int listening(String what) throws InterruptedException {
        return server.awaitEvent(
                        "listening", event -> event.path("what").asString().equals(what), LIMIT)
                .path("port")
                .asInt();
    }

    private static String anyUdpPort() {
        try (DatagramSocket socket = new DatagramSocket()) {
            return String.valueOf(socket.getLocalPort());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
