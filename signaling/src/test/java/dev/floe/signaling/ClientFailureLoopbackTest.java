package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.IceDescription;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFailureLoopbackTest {

    private static final SignalingClientConfig IMPATIENT = new SignalingClientConfig(
            Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofSeconds(20), 65_536, Duration.ZERO);
    private static final SignalingClientConfig ALERT = new SignalingClientConfig(
            Duration.ofSeconds(20), Duration.ofMillis(100), Duration.ofMillis(250), 65_536, Duration.ZERO);

    private SignalingFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture(
                config -> config.pingInterval(Duration.ofMillis(200)).idleTimeout(Duration.ofMillis(1200)));
    }

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    @Test
    void refusedConnectionIsOneClearLine() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }

        assertLost(
                SignalingClient.joinRoom(fixture.group, SignalingFixture.uri(port), "room"),
                "signaling server ws://127.0.0.1:" + port + " cannot be reached: connection refused");
    }

    @Test
    void unknownHostIsOneClearLine() throws Exception {
        assertLost(
                SignalingClient.joinRoom(fixture.group, URI.create("ws://no-such-host.invalid:1"), "room"),
                "signaling server ws://no-such-host.invalid:1 is not known: no address for this host name");
    }

    @Test
    void serverThatNeverAnswersTheHandshakeIsGivenUp() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = SignalingFixture.uri(mute.getLocalPort());
            assertLost(
                    SignalingClient.joinRoom(fixture.group, uri, "room", IMPATIENT),
                    "signaling server " + uri + " did not answer within 0.5 s");
        }
    }

    @Test
    void serverThatNeverWelcomesIsGivenUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = SignalingFixture.uri(server.getLocalPort());
            Future<SignalingClient> joining = SignalingClient.joinRoom(fixture.group, uri, "room", IMPATIENT);
            try (Socket socket = server.accept()) {
                upgrade(socket);
                assertLost(joining, "signaling server " + uri + " did not answer within 0.5 s");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 502 Bad Gateway", "HTTP/1.1 403 Forbidden", "HTTP/1.1 200 OK"})
    void serverThatAnswersSomethingElseIsNamedWithItsStatus(String status) throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Future<SignalingClient> joining =
                    SignalingClient.joinRoom(fixture.group, SignalingFixture.uri(other.getLocalPort()), "room");
            try (Socket socket = other.accept()) {
                readHead(socket);
                socket.getOutputStream()
                        .write((status + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                assertLost(
                        joining,
                        "signaling server ws://127.0.0.1:" + other.getLocalPort() + " answers "
                                + status.substring("HTTP/1.1 ".length()) + " instead of a WebSocket");
            }
        }
    }

    @Test
    void serverThatHangsUpOnTheHandshakeIsOneClearLine() throws Exception {
        try (ServerSocket rude = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = SignalingFixture.uri(rude.getLocalPort());
            Future<SignalingClient> joining = SignalingClient.joinRoom(fixture.group, uri, "room");
            try (Socket socket = rude.accept()) {
                readHead(socket);
            }
            assertLost(joining, "signaling server " + uri + " closed the connection");
        }
    }

    @Test
    void wrongPrefixIsAnsweredByTheServer() throws Exception {
        assertLost(
                SignalingClient.joinRoom(fixture.group, URI.create(fixture.uri() + "/elsewhere"), "room"),
                "signaling server " + fixture.uri() + " answers 404 Not Found instead of a WebSocket");
    }

    @Test
    void wrongArgumentsAreRefusedAtOnce() {
        assertThatThrownBy(() -> SignalingClient.joinRoom(fixture.group, fixture.uri(), "no room"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        SignalingClient.joinRelay(fixture.group, URI.create("http://localhost"), RelayRole.OFFERER))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hostIsReachedAtWhicheverOfItsAddressesAnswers() throws Exception {
        URI uri = URI.create("ws://localhost:" + fixture.server.address().getPort());
        try (SignalingClient client = await(SignalingClient.joinRoom(fixture.group, uri, "room"))) {
            assertThat(client.closed().isDone()).isFalse();
        }
    }

    @Test
    void silentPeersLiveOnByPings() throws Exception {
        SignalingClient quiet = fixture.joinRoom("room");
        WebSocketPeer alsoQuiet = fixture.raw("/v1/rooms/room");
        WebSocketPeer measure = fixture.raw("/");
        try (RawSocket deaf = RawSocket.upgraded(fixture.server.address(), "/v1/rooms/measure")) {
            // Gets its pings, answers none, and is given up: by then the others have been silent as long.
            assertThat(deaf.readToEnd()).contains("\u0089\0");
        }
        alsoQuiet.assertHears("{\"type\":\"joined\",\"peers\":1}");
        assertThat(alsoQuiet.hasHeardMore()).isFalse();
        assertThat(measure.hasHeardMore()).isFalse();
        assertThat(quiet.closed().isDone()).isFalse();
    }

    @Test
    void serverThatFallsSilentIsNoticed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = SignalingFixture.uri(server.getLocalPort());
            Future<SignalingClient> joining = SignalingClient.joinRelay(fixture.group, uri, RelayRole.ANSWERER, ALERT);
            try (Socket socket = server.accept()) {
                upgrade(socket);
                SignalingClient client = await(joining);
                Future<IceDescription> exchange = client.exchange(Descriptions.named("aaaa"));
                assertLost(exchange, "signaling server " + uri + " has fallen silent");
                assertLost(client.closed(), "signaling server " + uri + " has fallen silent");
            }
        }
    }

    @Test
    void serverThatTalksNonsenseIsBorne() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Future<SignalingClient> joining =
                    SignalingClient.joinRoom(fixture.group, SignalingFixture.uri(server.getLocalPort()), "room");
            try (Socket socket = server.accept()) {
                upgrade(socket);
                for (String text : new String[] {"nonsense", "{\"type\":\"news\"}", "{\"type\":\"joined\"}"}) {
                    say(socket, text);
                }
                assertThat(await(joining).dropped()).isEqualTo(2);
            }
        }
    }

    @Test
    void serverThatKnowsNoKeyExchangeIsOneClearLine() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Future<SignalingClient> joining =
                    SignalingClient.joinRoom(fixture.group, SignalingFixture.uri(server.getLocalPort()), "room");
            try (Socket socket = server.accept()) {
                upgrade(socket);
                say(socket, "{\"type\":\"joined\"}");
                Future<IceDescription> remote = await(joining)
                        .trickle(PakeRole.INITIATOR, "words")
                        .begin(Descriptions.bare("aaaa"), new HeardCandidates())
                        .remote();
                say(socket, "{\"type\":\"error\",\"code\":\"unknown-type\",\"message\":\"?\"}");
                assertThat(failure(remote)).hasMessage("the signaling server knows no passwords: it is too old");
            }
        }
    }

    @Test
    void addressInUseIsOneClearLine() throws Exception {
        Throwable cause = failure(SignalingServer.start(
                fixture.group,
                SignalingServerConfig.builder(fixture.server.address()).build()));

        assertThat(cause)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("io"))
                .hasMessageContaining("port " + fixture.server.address().getPort())
                .hasMessageContaining("Address already in use");
    }

    private static void assertLost(Future<?> future, String message) throws Exception {
        assertThat(failure(future))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("signaling-lost"))
                .hasMessage(message);
    }

    /** At most 125 characters. */
    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(0x81);
        socket.getOutputStream().write(text.length());
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void upgrade(Socket socket) throws Exception {
        String key = readHead(socket)
                .lines()
                .filter(line -> line.startsWith("sec-websocket-key: "))
                .findFirst()
                .orElseThrow()
                .substring("sec-websocket-key: ".length());
        byte[] accept = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream()
                .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: "
                                + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static String readHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return head.toString();
    }
}
