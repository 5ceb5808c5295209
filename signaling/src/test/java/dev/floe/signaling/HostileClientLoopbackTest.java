package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each test ends with the proof that the server still serves others. */
class HostileClientLoopbackTest {

    private static final String ROOM = "/v1/rooms/room";
    private static final int MAX_MESSAGE = 4096;

    /** Continuations, masked with zeros. */
    private static final byte[] EMPTY_FRAGMENTS = new byte[6 * 1000];

    static {
        for (int i = 1; i < EMPTY_FRAGMENTS.length; i += 6) {
            EMPTY_FRAGMENTS[i] = (byte) 0x80;
        }
    }

    private SignalingFixture fixture;
    private InetSocketAddress server;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture(config ->
                config.maxMessageBytes(MAX_MESSAGE).maxRooms(3).maxClients(6).handshakeTimeout(Duration.ofSeconds(3)));
        server = fixture.server.address();
    }

    @AfterEach
    void proveItStillServes() throws Exception {
        try {
            upgradedSoon().close();
        } finally {
            fixture.stop();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET /v1/rooms/room HTTP/1.1                          | 426 Upgrade Required
                    POST / HTTP/1.1                                      | 426 Upgrade Required
                    GET /favicon.ico HTTP/1.1                            | 404 Not Found
                    GET /v1/rooms HTTP/1.1                               | 404 Not Found
                    GET //v1/rooms/a HTTP/1.1                            | 404 Not Found
                    hello server                                         | 400 Bad Request
                    """)
    void plainHttpGetsOneLine(String request, String status) throws Exception {
        try (RawSocket socket = new RawSocket(server)) {
            socket.send(request + "\r\nHost: localhost\r\n\r\n");
            assertThat(socket.readToEnd())
                    .startsWith("HTTP/1.1 " + status + "\r\n")
                    .contains("connection: close")
                    .containsPattern("\r\n\r\n[^\n]+\n$");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/rooms/", "/v1/rooms/a%2Fb", "/v1/rooms/%zz", "/v1/rooms/a/b", "/v1/rooms/..", "/v2"})
    void wrongRoomIsAnsweredWithAnError(String path) {
        assertThatThrownBy(() -> RawSocket.upgraded(server, path))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("(?s)no upgrade: HTTP/1.1 40[04] .*");
    }

    @Test
    void endlessHeadersAreCutShort() throws Exception {
        try (RawSocket socket = new RawSocket(server)) {
            socket.send("GET / HTTP/1.1\r\nA: " + "a".repeat(20_000) + "\r\n\r\n");
            assertThat(socket.readToEnd()).startsWith("HTTP/1.1 400 ");
        } catch (IOException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    @Test
    void clientThatNeverAsksIsGivenUp() throws Exception {
        try (RawSocket socket = new RawSocket(server)) {
            socket.send("GET / HT");
            assertThat(socket.readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "{\"type\":\"joined\",\"peers\":7}",
                "{\"type\":\"error\",\"code\":\"a\",\"message\":\"b\"}",
                "{\"type\":\"description\"}",
                "[[[[[[[[[[[[[[[[[[[["
            })
    void messageThatMakesNoSenseIsAnsweredWithAnErrorAndTheEnd(String message) throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        WebSocketPeer other = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"peer-joined\"}");
        peer.say(message);
        assertThat(peer.hear()).startsWith("{\"type\":\"error\",\"code\":\"bad-message\",\"message\":\"");
        peer.assertHears("closed 1008 bad-message");
        other.assertHears("{\"type\":\"joined\",\"peers\":1}", "{\"type\":\"peer-left\"}");
    }

    @Test
    void binaryMessageToARoomIsAnsweredWithAnErrorAndTheEnd() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.sayBinary(new byte[10]);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        assertThat(peer.hear()).contains("binary message, expected text");
        peer.assertHears("closed 1008 bad-message");
    }

    @Test
    void messageInFragmentsIsWholeIfItIsShort() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        WebSocketPeer other = fixture.raw(ROOM);
        peer.sayInTwo("{\"type\":\"candid", "ate\",\"candidate\":\"c\"}");
        other.assertHears("{\"type\":\"joined\",\"peers\":1}", "{\"type\":\"candidate\",\"candidate\":\"c\"}");
    }

    @Test
    void messageThatGrowsTooLongInFragmentsIsRefused() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.sayInTwo("a".repeat(MAX_MESSAGE - 10), "a".repeat(20));
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}", "closed 1009 message too long");
    }

    @Test
    void frameThatClaimsToBeHugeIsRefusedBeforeItComes() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(server, ROOM)) {
            socket.sendFrameClaiming(Long.MAX_VALUE / 2, true, RawSocket.TEXT, new byte[0]);
            assertThat(socket.readToEnd()).contains("Max frame length of 4096 has been exceeded");
        }
    }

    @Test
    void invalidUtf8IsRefusedAlsoAcrossFragments() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(server, ROOM)) {
            socket.sendFrame(false, RawSocket.TEXT, new byte[] {'a', (byte) 0xc3});
            socket.sendFrame(true, RawSocket.CONTINUATION, new byte[] {'b'});
            assertThat(socket.readToEnd()).contains("bytes are not UTF-8");
        }
    }

    @Test
    void frameWithoutAMaskIsRefused() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(server, ROOM)) {
            socket.send(new byte[] {(byte) 0x81, 1, 'a'});
            assertThat(socket.readToEnd()).contains("received a frame that is not masked as expected");
        }
    }

    @Test
    void fragmentsWithoutEndAreRefusedOnceTheyAreTooLong() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(server, ROOM)) {
            socket.sendFrame(false, RawSocket.TEXT, new byte[] {'a'});
            try {
                for (int i = 0; i < 2 * MAX_MESSAGE; i++) {
                    socket.sendFrame(false, RawSocket.CONTINUATION, new byte[] {'a'});
                }
                assertThat(socket.readToEnd()).contains("message too long");
            } catch (IOException closed) {
                assertThat(closed).hasMessageMatching("(?i).*(reset|broken pipe|aborted).*");
            }
        }
    }

    @Test
    void emptyFragmentsWithoutEndTakeNoMemory() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(server, ROOM)) {
            socket.sendFrame(false, RawSocket.TEXT, new byte[0]);
            int sent = 0;
            try {
                while (sent < 200_000) {
                    socket.send(EMPTY_FRAGMENTS);
                    sent += EMPTY_FRAGMENTS.length;
                }
            } catch (IOException closed) {
                assertThat(closed).hasMessageMatching("(?i).*(reset|broken pipe|aborted).*");
            }
            upgradedSoon().close();
        }
    }

    @Test
    void deepJsonIsRefused() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        peer.say("{\"type\":\"bye\",\"a\":" + "[".repeat(1500) + "]".repeat(1500) + "}");
        assertThat(peer.hear()).contains("\"code\":\"bad-message\"");
        peer.assertHears("closed 1008 bad-message");
    }

    @Test
    void unknownTypeIsAnsweredAndBorne() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        WebSocketPeer other = fixture.raw(ROOM);
        peer.say("{\"type\":\"news\"}");
        peer.say("{\"type\":\"end-of-candidates\"}");
        other.assertHears("{\"type\":\"joined\",\"peers\":1}", "{\"type\":\"end-of-candidates\"}");
    }

    @Test
    void numberOfOnesOwnIsRefused() throws Exception {
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        peer.say("{\"type\":\"bye\",\"seq\":7}");
        assertThat(peer.hear()).contains("only the server says that");
    }

    @Test
    void compressionIsNotAgreedAndACompressedBombIsRefusedAsItCame() throws Exception {
        try (RawSocket socket = RawSocket.upgraded(
                server, ROOM, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")) {
            assertThat(socket.head()).doesNotContainIgnoringCase("sec-websocket-extensions");
            // A text frame with RSV1 set, which is what marks a compressed one (RFC 7692 §6).
            socket.send(new byte[] {(byte) 0xc1, (byte) 0x81, 0, 0, 0, 0, 'a'});
            assertThat(socket.readToEnd()).contains("RSV != 0");
        }
    }

    @Test
    void compressedRequestIsNotInflated() throws Exception {
        try (RawSocket socket = new RawSocket(server)) {
            socket.send("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
            assertThat(socket.readToEnd()).startsWith("HTTP/1.1 426 ");
        }
    }

    @Test
    void thousandConnectionsThatSayNothingKeepNobodyOut() throws Exception {
        fixture.stop();
        fixture = new SignalingFixture(config -> config.handshakeTimeout(Duration.ofSeconds(3)));
        server = fixture.server.address();
        List<RawSocket> mute = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            mute.add(new RawSocket(server));
        }
        WebSocketPeer peer = fixture.raw(ROOM);
        peer.assertHears("{\"type\":\"joined\",\"peers\":0}");
        for (RawSocket socket : mute) {
            assertThat(socket.readToEnd()).isEmpty();
            socket.close();
        }
        assertThat(peer.hasHeardMore()).isFalse();
    }

    @Test
    void roomBeyondTheLimitIsRefused() throws Exception {
        for (int i = 0; i < 3; i++) {
            fixture.raw("/v1/rooms/room" + i).assertHears("{\"type\":\"joined\",\"peers\":0}");
        }
        WebSocketPeer peer = fixture.raw("/v1/rooms/room3");
        assertThat(peer.hear()).contains("\"code\":\"too-many-rooms\"");
        peer.assertHears("closed 1008 too-many-rooms");
    }

    @Test
    void clientBeyondTheLimitIsRefused() throws Exception {
        RawSocket[] idle = new RawSocket[6];
        for (int i = 0; i < idle.length; i++) {
            idle[i] = RawSocket.upgraded(server, "/");
        }
        assertThatThrownBy(() -> RawSocket.upgraded(server, "/")).hasMessageContaining("503 Service Unavailable");
        for (RawSocket socket : idle) {
            socket.close();
        }
    }

    @Test
    void whoDoesNotReadIsCutOffAndOthersAreNot() throws Exception {
        WebSocketPeer speaker = fixture.raw("/");
        WebSocketPeer listener = fixture.raw("/");
        listener.say("here");
        speaker.assertHears("here");
        try (RawSocket deaf = RawSocket.upgraded(server, "/")) {
            deaf.sendFrame(true, RawSocket.TEXT, "deaf".getBytes(StandardCharsets.UTF_8));
            speaker.assertHears("deaf");
            listener.assertHears("deaf");
            String message = "m".repeat(MAX_MESSAGE);
            int count = 0;
            while (deaf.isOpen()) {
                speaker.say(message);
                listener.assertHears(message);
                count++;
            }
            assertThat(count).isGreaterThan(8);
        }
        speaker.say("still here");
        listener.assertHears("still here");
    }

    /** The server may not have noticed yet that others have gone. */
    private RawSocket upgradedSoon() throws Exception {
        RawSocket[] socket = new RawSocket[1];
        SignalingFixture.until(() -> {
            try {
                socket[0] = RawSocket.upgraded(server, "/");
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return socket[0];
    }
}
