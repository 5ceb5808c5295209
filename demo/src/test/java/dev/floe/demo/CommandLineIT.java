package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.demo.readme.ReadmeStory;
import dev.floe.quic.PeerIdentity;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The {@code floe} command on this machine, as people and programs see it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineIT {
    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final String NOBODY = "0".repeat(64);

    @TempDir
    private static Path folder;

    private static ProcessPeer server;
    private static String uri;
    private static int port;
    private static int stunPort;

    /** Loses its peer at the start, and is asked at the end. */
    private static ProcessPeer bereaved;

    @BeforeAll
    static void startServerAndLosePeer() throws Exception {
        stunPort = freeUdpPort();
        server = ProcessPeer.floe(
                Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", String.valueOf(stunPort));
        port = listening(server, "signaling").path("port").asInt();
        assertThat(listening(server, "stun").path("port").asInt()).isEqualTo(stunPort);
        uri = "ws://127.0.0.1:" + port;
        bereaved = peer("offer", "bereaved");
        ProcessPeer lingering = lingering("bereaved");
        lingering.awaitEvent("quic-connected", LIMIT);
        bereaved.awaitEvent("quic-connected", LIMIT);
        lingering.close();
    }

    @AfterAll
    static void stopServer() {
        Stream.of(server, bereaved).forEach(ProcessPeer::close);
    }

    @Test
    @Order(1)
    void serverSaysWhichPortsItGot() {
        assertThat(port).isPositive();
        EventContract.assertKept(server);
    }

    @Test
    @Order(1)
    void demoTellsAPersonTheWholeStory() throws Exception {
        Process demo = Host.local().start(ProcessPeer.command("demo"));
        String story = new String(demo.getInputStream().readAllBytes(), UTF_8);
        assertThat(demo.waitFor()).as(story).isZero();
        assertThat(story)
                .containsSubsequence(
                        "\ngathered ",
                        "\nsignaled ",
                        "\nfirst pair ",
                        "\nnominated ",
                        "\nswap ",
                        "\nhandshake ",
                        "\necho ",
                        "the offerer",
                        "  before  LocalSockets → StunCodec → IceHandler → ",
                        " → QuicSwapHandler",
                        "  after   LocalSockets → StunCodec → IceHandler → ",
                        " → IcePathHandler → QuicheQuicServerCodec",
                        "the answerer",
                        "  before  LocalSockets → StunCodec → IceHandler → ",
                        " → QuicSwapHandler",
                        "  after   LocalSockets → StunCodec → IceHandler → ",
                        " → IcePathHandler → QuicheQuicClientCodec",
                        "Hello!")
                .doesNotContain("\u001b");
        assertThat(ReadmeStory.linesOf(story)).containsExactlyInAnyOrderElementsOf(ReadmeStory.lines());
        assertThat(new String(demo.getErrorStream().readAllBytes(), UTF_8)).isEmpty();
    }

    @Test
    @Order(1)
    void demoTellsAProgramEachStepOfBothPeers() throws InterruptedException {
        try (ProcessPeer demo = ProcessPeer.floe(Host.local(), "demo")) {
            assertDemo(demo);
        }
    }

    /** What is told to those who look on is not printed. */
    @Test
    @Order(1)
    void demoShowsItsPageUntilItIsStoppedAndThenLeavesIt() throws Exception {
        Path file = folder.resolve("demo.html");
        try (ProcessPeer demo = ProcessPeer.floe(Host.local(), "demo", "--web", "--report", file.toString())) {
            demo.awaitEvent("result", LIMIT);
            String page =
                    "http://127.0.0.1:" + listening(demo, "web").path("port").asInt() + "/floe.html";
            HttpRequest request = HttpRequest.newBuilder(URI.create(page)).build();
            HttpResponse<String> kept = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            assertThat(kept.statusCode()).isEqualTo(200);
            assertThat(kept.body()).contains("\"event\":\"pipeline\"");
            demo.terminate();
            assertDemo(demo);
            assertThat(file)
                    .content()
                    .contains("\"event\":\"pair\"", "\"event\":\"sample\"", "\"event\":\"first-byte\"");
        }
    }

    @Test
    @Order(1)
    void demoNeedsNoInterfaceButLoopback() throws InterruptedException {
        assumeLab();
        List<String> command =
                new ArrayList<>(List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"));
        command.addAll(ProcessPeer.command("demo", "--json"));
        try (ProcessPeer demo = ProcessPeer.start(Host.local(), command)) {
            assertDemo(demo);
        }
    }

    @Test
    @Order(1)
    void demoGoesOnWhenOnePeerIsGivenAnotherPort() throws InterruptedException {
        try (ProcessPeer demo = ProcessPeer.floe(Host.local(), "demo", "--roam")) {
            assertRoam(demo);
        }
    }

    @Test
    @Order(1)
    void labThatThisMachineCannotHaveIsSaidSo() throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "PATH=/nowhere"));
        command.addAll(ProcessPeer.command("demo", "--lab", "none,none", "--json"));
        try (ProcessPeer demo = ProcessPeer.start(Host.local(), command)) {
            assertFailure(demo, 1, "io");
            assertThat(demo.stderr()).contains("a NAT lab ");
        }
        try (ProcessPeer demo = ProcessPeer.floe(Host.local(), "demo", "--lab", "none,cone")) {
            assertFailure(demo, 2, "usage");
            assertThat(demo.stderr()).contains("'cone', expected one of none, full-cone, ");
        }
    }

    @Test
    @Order(1)
    void threeProcessesTellEachStepOfTheirs() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "three");
                ProcessPeer answerer = peer("answer", "three", "--message", "Grüße")) {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                JsonNode result = peer.result();
                EventContract.assertKept(peer);
                EventContract.assertWholeStory(peer, "");
                EventContract.assertFigures(result, peer.events());
                assertThat(result.path("bytes").asInt()).isEqualTo("Grüße".getBytes(UTF_8).length);
                assertThat(peer.exitCode()).isZero();
                assertThat(peer.stderr()).isEmpty();
                assertThat(peer.events("gathered").get(0).path("candidates").asLong())
                        .isEqualTo(peer.events("candidate").stream()
                                .filter(candidate ->
                                        candidate.path("side").asString().equals("local"))
                                .count());
            }
            assertThat(offerer.events("quic-connected").get(0).path("role").asString())
                    .isEqualTo("server");
            assertThat(answerer.events("quic-connected").get(0).path("role").asString())
                    .isEqualTo("client");
        }
    }

    @Test
    @Order(1)
    void offererThatKeepsServingTellsItsPeersApart() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "keep", "--keep")) {
            for (int number = 1; number <= 2; number++) {
                String name = "peer-" + number;
                try (ProcessPeer answerer = peer("answer", "keep")) {
                    assertThat(answerer.result().path("ok").asBoolean()).isTrue();
                }
                offerer.awaitEvent(
                        "closed", event -> event.path("peer").asString().equals(name), LIMIT);
            }
            assertThat(offerer.events("echo"))
                    .extracting(echo -> echo.path("peer").asString())
                    .containsExactly("peer-1", "peer-2");
            assertThat(offerer.events("candidate"))
                    .filteredOn(candidate -> candidate.path("side").asString().equals("local"))
                    .extracting(candidate -> candidate.path("port").asInt())
                    .containsOnly(
                            offerer.events("candidate").get(0).path("port").asInt());
            EventContract.assertKept(offerer);
        }
    }

    @Test
    @Order(1)
    void stunServerThatIsSilentOrUnknownHoldsNobodyUpForLong() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                ProcessPeer offerer = peer("offer", "silent-stun", "--stun", "127.0.0.1:" + silent.getLocalPort());
                ProcessPeer answerer = peer("answer", "silent-stun", "--stun", "stun.invalid:3478")) {
            assertThat(offerer.result().path("ok").asBoolean()).isTrue();
            assertThat(answerer.result().path("ok").asBoolean()).isTrue();
        }
    }

    /** Whichever side pins: the TLS alert tells the other. */
    @Test
    @Order(1)
    void wrongPinEndsBothSides() throws InterruptedException {
        try (ProcessPeer strictOfferer = peer("offer", "strict-offerer", "--pin", NOBODY);
                ProcessPeer answerer = peer("answer", "strict-offerer");
                ProcessPeer offerer = peer("offer", "strict-answerer");
                ProcessPeer strictAnswerer = peer("answer", "strict-answerer", "--pin", NOBODY)) {
            assertFailure(strictOfferer, 1, "fingerprint-mismatch");
            assertFailure(strictAnswerer, 1, "fingerprint-mismatch");
            assertFailure(answerer, 1, "fingerprint-mismatch");
            assertFailure(offerer, 1, "fingerprint-mismatch");
        }
    }

    @Test
    @Order(1)
    void rightPinIsAccepted() throws Exception {
        Path identity = folder.resolve("pinned");
        try (ProcessPeer offerer = peer("offer", "right-pin", "--identity", identity.toString())) {
            offerer.awaitEvent("gathered", LIMIT);
            String fingerprint = fingerprint(identity);
            try (ProcessPeer answerer = peer("answer", "right-pin", "--pin", fingerprint)) {
                assertThat(answerer.result().path("ok").asBoolean()).isTrue();
                assertThat(answerer.events("quic-connected")
                                .get(0)
                                .path("remote_fingerprint")
                                .asString())
                        .isEqualTo(fingerprint);
                assertThat(offerer.result().path("ok").asBoolean()).isTrue();
            }
        }
    }

    @Test
    @Order(1)
    void thirdPeerFindsTheRoomFull() throws Exception {
        for (int guest = 0; guest < 2; guest++) {
            CountDownLatch welcomed = new CountDownLatch(1);
            HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create(uri + "/v1/rooms/full"), new WebSocket.Listener() {
                        @Override
                        public void onOpen(WebSocket socket) {
                            socket.request(1);
                            welcomed.countDown();
                        }
                    });
            assertThat(welcomed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        try (ProcessPeer third = peer("answer", "full")) {
            assertFailure(third, 1, "room-full");
        }
    }

    @Test
    @Order(1)
    void peerThatNobodyJoinsGivesUpInTime() throws InterruptedException {
        try (ProcessPeer alone = peer("answer", "nobody", "--timeout", "2")) {
            assertFailure(alone, 1, "timeout");
            assertThat(alone.events("gathered")).hasSize(1);
        }
    }

    @Test
    @Order(1)
    void signalingServerThatIsNotThereIsSaidSo() throws InterruptedException {
        try (ProcessPeer peer = ProcessPeer.floe(Host.local(), "offer", "room", "--signal", "ws://127.0.0.1:1")) {
            assertFailure(peer, 1, "signaling-lost");
        }
    }

    @ParameterizedTest
    @CsvSource({"--bind, 192.0.2.77", "--trust-ca, no-such-file.pem", "--identity, /dev/null/identity"})
    @Order(1)
    void whatTheSystemRefusesIsSaidSo(String option, String value) throws InterruptedException {
        try (ProcessPeer peer = peer("answer", "refused", option, value)) {
            assertFailure(peer, 1, "io");
        }
    }

    @Test
    @Order(1)
    void serverTakesItsPortFromTheEnvironmentAndSaysThatItIsTaken() throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "PORT=" + port));
        command.addAll(ProcessPeer.command("server", "--host", "127.0.0.1", "--json"));
        try (ProcessPeer second = ProcessPeer.start(Host.local(), command)) {
            assertFailure(second, 1, "io");
            assertThat(second.result().path("message").asString()).contains(String.valueOf(port));
        }
    }

    @Test
    @Order(1)
    void emptyPortInTheEnvironmentCountsAsNone() throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "PORT="));
        command.addAll(ProcessPeer.command("server", "--host", "192.0.2.77", "--json"));
        try (ProcessPeer nowhere = ProcessPeer.start(Host.local(), command)) {
            assertFailure(nowhere, 1, "io");
            assertThat(nowhere.result().path("message").asString()).contains("192.0.2.77 port 8765");
        }
    }

    @Test
    @Order(1)
    void redisThatIsNotThereIsSaidSo() throws InterruptedException {
        try (ProcessPeer lonely = ProcessPeer.floe(
                Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--redis", "redis://127.0.0.1:1")) {
            assertFailure(lonely, 1, "io");
        }
    }

    @Test
    @Order(1)
    void holePunchingConnectsAndTellsItsStory() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "punched", "--method", "punch");
                ProcessPeer answerer = peer("answer", "punched", "--method", "punch")) {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                assertThat(peer.result().path("ok").asBoolean()).as("%s", peer).isTrue();
                assertThat(peer.result().path("path").asString()).isEqualTo("direct");
                EventContract.assertKept(peer);
                // ICE takes over whenever it is ready.
                assertThat(peer.events())
                        .extracting(event -> event.path("event").asString())
                        .containsSubsequence("signaled", "pipeline", "quic-connected", "echo", "result");
            }
        }
    }

    @Test
    @Order(1)
    void twoThatConnectByDifferentMethodsAreToldOfIt() throws InterruptedException {
        try (ProcessPeer one = peer("offer", "methods", "--method", "punch");
                ProcessPeer other = peer("answer", "methods")) {
            assertFailure(one, 2, "usage");
            assertFailure(other, 2, "usage");
            assertThat(one.result().path("message").asString()).contains("'punch'", "'ice'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"offer", "answer"})
    @Order(1)
    void twoOfTheSameRoleAreToldOfIt(String role) throws InterruptedException {
        try (ProcessPeer one = peer(role, "two-" + role);
                ProcessPeer other = peer(role, "two-" + role)) {
            for (ProcessPeer peer : List.of(one, other)) {
                assertFailure(peer, 2, "usage");
                assertThat(peer.result().path("message").asString())
                        .isEqualTo("the other side %ss too; one side has to offer, the other to answer", role);
            }
        }
    }

    @Test
    @Order(1)
    void peerThatIsStoppedClosesInGoodOrder() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "stopped");
                ProcessPeer lingering = lingering("stopped")) {
            lingering.awaitEvent("quic-connected", LIMIT);
            offerer.awaitEvent("quic-connected", LIMIT);
            offerer.terminate();
            assertFailure(offerer, 1, "io");
            assertThat(offerer.events("closed").get(0).path("reason").asString())
                    .isEqualTo("closed by this side");
            assertThat(lingering.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"offer", "answer"})
    @Order(1)
    void waitingPeerThatIsStoppedSaysSo(String role) throws InterruptedException {
        try (ProcessPeer peer = peer(role, "waiting-" + role)) {
            peer.awaitEvent("gathered", LIMIT);
            peer.terminate();
            assertFailure(peer, 1, "io");
        }
    }

    @Test
    @Order(1)
    void peerThatIsStoppedWhileItLooksForTheServerSaysSo() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ProcessPeer peer = start("offer", "room", "--signal", "ws://127.0.0.1:" + silent.getLocalPort())) {
            silent.accept();
            peer.terminate();
            assertFailure(peer, 1, "io");
        }
    }

    @Test
    @Order(1)
    void offererThatKeepsServingEndsWellWhenItIsStoppedAndSaysFarewellToItsPeer() throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "keep-stopped", "--keep");
                ProcessPeer lingering = lingering("keep-stopped")) {
            lingering.awaitEvent("quic-connected", LIMIT);
            offerer.awaitEvent("quic-connected", LIMIT);
            offerer.terminate();
            assertThat(offerer.result().path("ok").asBoolean()).isTrue();
            assertThat(offerer.exitCode()).isZero();
            assertThat(lingering.exitCode()).isZero();
            EventContract.assertKept(offerer);
        }
    }

    @Test
    @Order(1)
    void waitingPeerLearnsThatTheServerHasBeenStopped() throws InterruptedException {
        try (ProcessPeer doomed =
                ProcessPeer.floe(Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", "0")) {
            int doomedPort = listening(doomed, "signaling").path("port").asInt();
            try (ProcessPeer waiting = start("offer", "waiting", "--signal", "ws://127.0.0.1:" + doomedPort)) {
                waiting.awaitEvent("gathered", LIMIT);
                doomed.terminate();
                assertFailure(waiting, 1, "signaling-lost");
                assertThat(doomed.exitCode()).isZero();
                assertThat(doomed.events("listening")).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "offer",
                "dance",
                "offer room --no-such-option",
                "answer a/b",
                "offer room --signal http://localhost",
                "offer room --bind here",
                "offer room --stun here",
                "answer room --pin 123",
                "answer room --timeout 0",
                "answer room --relay-only",
                "offer room --method walk",
                "answer room --method punch --seed-signaling",
                "offer room --method punch --no-peer-auth",
                "answer room --method draft",
                "answer room --method punch --relay-only --turn turn:u:p@127.0.0.1:3478",
                "offer room --keep --method punch --bind 127.0.0.1:4433",
                "offer room --pin 123 --no-peer-auth",
                "server --port 65536",
                "server --tls-cert cert.pem",
                "server --room-size 0"
            })
    @Order(1)
    void badUsageIsSaidInOneLine(String arguments) throws InterruptedException {
        try (ProcessPeer peer = ProcessPeer.floe(Host.local(), arguments.split(" "))) {
            assertFailure(peer, 2, "usage");
            assertThat(peer.stderr()).contains("--help");
        }
    }

    @Test
    @Order(2)
    void lossOfThePeerIsNoticedByConsent() throws InterruptedException {
        assertFailure(bereaved, 1, "consent-expired");
        assertThat(bereaved.events("closed")).hasSize(1);
    }

    /** The answerer has seen the offerer move, and all that it had said has come back. */
    static void assertRoam(ProcessPeer demo) throws InterruptedException {
        JsonNode result = demo.result();
        assertThat(demo.stderr()).isEmpty();
        EventContract.assertKept(demo);
        EventContract.assertWholeStory(demo, "answerer");
        List<JsonNode> answerer = demo.events().stream()
                .filter(event -> event.path("peer").asString("").equals("answerer"))
                .toList();
        EventContract.assertFigures(result, answerer);
        assertThat(result.path("max_gap_ms").isNumber()).isTrue();
        assertThat(answerer.stream()
                        .filter(event -> event.path("event").asString().equals("path-changed")))
                .hasSize(result.path("path_changes").asInt())
                .isNotEmpty();
    }

    private static void assertDemo(ProcessPeer demo) throws InterruptedException {
        JsonNode result = demo.result();
        assertThat(demo.exitCode()).isZero();
        assertThat(demo.stderr()).isEmpty();
        EventContract.assertKept(demo);
        EventContract.assertWholeStory(demo, "offerer");
        EventContract.assertWholeStory(demo, "answerer");
        EventContract.assertFigures(
                result,
                demo.events().stream()
                        .filter(event -> event.path("peer").asString("").equals("answerer"))
                        .toList());
    }

    /** The command ended so, said so in one line, and to a program in its last event. */
    private static void assertFailure(ProcessPeer peer, int exitCode, String error) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("error").asString()).as("%s", result).isEqualTo(error);
        assertThat(result.path("ok").asBoolean(true)).isFalse();
        assertThat(peer.exitCode()).isEqualTo(exitCode);
        assertThat(peer.stderr().lines())
                .singleElement()
                .asString()
                .startsWith("floe: " + result.path("message").asString());
        EventContract.assertKept(peer);
    }

    private static int freeUdpPort() throws SocketException {
        try (DatagramSocket socket = new DatagramSocket()) {
            return socket.getLocalPort();
        }
    }

    private static String fingerprint(Path identity) throws IOException {
        return PeerIdentity.load(identity).fingerprint();
    }

    private static JsonNode listening(ProcessPeer server, String what) throws InterruptedException {
        return server.awaitEvent(
                "listening", event -> event.path("what").asString().equals(what), LIMIT);
    }

    private static ProcessPeer lingering(String room) {
        return ProcessPeer.start(
                Host.local(),
                List.of(
                        Host.JAVA,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LingeringPeer.class.getName(),
                        uri,
                        room));
    }

    /** Starts a peer at the class's server. */
    private static ProcessPeer peer(String command, String room, String... options) {
        List<String> arguments = new ArrayList<>(List.of("--signal", uri, "--stun", "127.0.0.1:" + stunPort));
        arguments.addAll(List.of(options));
        return start(command, room, arguments.toArray(String[]::new));
    }

    private static ProcessPeer start(String command, String room, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command, room));
        arguments.addAll(List.of(options));
        if (!arguments.contains("--identity")) {
            arguments.addAll(List.of("--identity", folder.resolve(command).toString()));
        }
        return ProcessPeer.floe(Host.local(), arguments.toArray(String[]::new));
    }
}
