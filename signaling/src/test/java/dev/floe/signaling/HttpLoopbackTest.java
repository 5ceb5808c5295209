package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server says to those who speak HTTP, and whom it lets in. */
class HttpLoopbackTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private SignalingFixture fixture;

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    @Test
    void browserGetsAPage() throws Exception {
        start(UnaryOperator.identity());
        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(page.body()).contains("<title>Floe signaling</title>", "/v1/rooms/ROOM", "fetch('/healthz')");
    }

    @Test
    void healthHasTheNumbersOfRoomsAndClients() throws Exception {
        start(UnaryOperator.identity());
        assertThat(get("/healthz").body()).isEqualTo("{\"status\":\"ok\",\"rooms\":0,\"clients\":0}\n");

        fixture.joinRoom("a");
        fixture.joinRoom("b");
        fixture.joinRelay(RelayRole.ANSWERER);
        assertThat(get("/healthz").body()).isEqualTo("{\"status\":\"ok\",\"rooms\":2,\"clients\":3}\n");
    }

    @Test
    void headIsAnsweredWithoutABody() throws Exception {
        start(UnaryOperator.identity());
        HttpResponse<String> head = await(HTTP.sendAsync(
                HttpRequest.newBuilder(http("/healthz"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString()));

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void metricsAreInTheFormatOfPrometheus() throws Exception {
        start(UnaryOperator.identity());
        SignalingClient a = fixture.joinRoom("room");
        HeardMessages heard = new HeardMessages();
        await(SignalingClient.joinRoom(
                fixture.group, List.of(fixture.uri()), "room", SignalingClientConfig.DEFAULT, heard));
        a.say(new SignalMessage.CandidateLine("1"));
        SignalingFixture.until(() -> heard.candidates().size() == 1);
        failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room"));

        assertThat(get("/metrics").body().lines())
                .contains(
                        "# TYPE floe_messages_received_total counter",
                        "floe_rooms 1.0",
                        "floe_messages_received_total 1.0",
                        "floe_messages_delivered_total 2.0",
                        "floe_refused_total{reason=\"room-full\"} 1.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"));
    }

    @Test
    void tokenIsAskedOfEverybodyButWatchersOfHealth() throws Exception {
        start(config -> config.token("correct"));
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").statusCode()).isEqualTo(401);
        assertThat(get("/metrics?token=correct").statusCode()).isEqualTo(200);
        assertThat(statusOf(socket("/", "X", "x"))).isEqualTo(401);
        assertThat(statusOf(socket("/v1/rooms/room?token=wrong", "X", "x"))).isEqualTo(401);
        assertThat(statusOf(socket("/v1/rooms/room?token=correct", "X", "x"))).isEqualTo(101);
        assertThat(statusOf(socket("/v1/rooms/room", "Authorization", "Bearer correct")))
                .isEqualTo(101);
        assertThat(failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room")))
                .hasMessageContaining("answers 401 Unauthorized");
        await(SignalingClient.joinRoom(fixture.group, URI.create(fixture.uri() + "?token=correct"), "mine"));
    }

    @Test
    void pagesOfOtherOriginsMayNotConnect() throws Exception {
        start(config -> config.origins(Set.of("https://good.example")));
        assertThat(statusOf(socket("/", "Origin", "https://good.example"))).isEqualTo(101);
        assertThat(statusOf(socket("/", "Origin", "https://bad.example"))).isEqualTo(403);
        fixture.joinRoom("no-browser");
    }

    @Test
    void roomWithASecretLetsInOnlyWhoKnowsIt() throws Exception {
        start(UnaryOperator.identity());
        URI knowing = URI.create(fixture.uri() + "?secret=s3cret");
        await(SignalingClient.joinRoom(fixture.group, knowing, "room"));

        assertThat(failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room")))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("wrong-secret"))
                .hasMessage("the room has another secret");
        await(SignalingClient.joinRoom(fixture.group, knowing, "room"));
    }

    @Test
    void addressHasOnlySoManyConnections() throws Exception {
        start(perAddress(3, 100, 100));
        for (int i = 0; i < 3; i++) {
            fixture.joinRoom("room" + i);
        }
        assertThat(failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room")))
                .hasMessageContaining("answers 429 Too Many Requests");
    }

    @Test
    void addressHasOnlySoManyPlacesInRooms() throws Exception {
        start(perAddress(100, 2, 100));
        SignalingClient first = fixture.joinRoom("room1");
        fixture.joinRoom("room2");
        assertThat(failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room3")))
                .hasMessage("too many rooms from one address");
        first.close();
        SignalingFixture.until(() -> SignalingClient.joinRoom(fixture.group, fixture.uri(), "room4")
                .awaitUninterruptibly()
                .isSuccess());
    }

    @Test
    void whoComesBackIsLetInWhileItsOldPlaceStillCounts() throws Exception {
        start(config -> perAddress(100, 1, 100).apply(config).graceTime(Duration.ofSeconds(20)));
        WebSocketPeer peer = fixture.raw("/v1/rooms/room");
        String token = peer.hearWhole().replaceFirst(".*\"resume\":\"([^\"]+)\".*", "$1");
        peer.vanish();
        fixture.raw("/v1/rooms/room?resume=" + token).assertHears("{\"type\":\"joined\",\"peers\":0}");
        assertThat(fixture.raw("/v1/rooms/other").hear()).contains("\"code\":\"too-many-rooms\"");
    }

    @Test
    void addressSaysOnlySoMuch() throws Exception {
        start(perAddress(100, 100, 1));
        WebSocketPeer peer = fixture.raw("/");
        WebSocketPeer other = fixture.raw("/");
        for (int i = 0; i < 12; i++) {
            peer.say("more");
        }
        peer.assertHears("closed 1008 too-much-said");
        other.assertHears("more");
    }

    @Test
    void proxySaysWhoTheClientIs() throws Exception {
        start(config -> perAddress(1, 100, 100).apply(config).behindProxy(true));
        assertThat(statusOf(socket("/", "X-Forwarded-For", "203.0.113.1"))).isEqualTo(101);
        assertThat(statusOf(socket("/", "X-Forwarded-For", "203.0.113.1"))).isEqualTo(429);
        assertThat(statusOf(socket("/", "X-Forwarded-For", "203.0.113.1, 203.0.113.2")))
                .isEqualTo(101);
    }

    private static UnaryOperator<SignalingServerConfig.Builder> perAddress(int clients, int rooms, int messages) {
        return config -> config.perAddress(new SignalingServerConfig.PerAddress(clients, rooms, messages, true));
    }

    private void start(UnaryOperator<SignalingServerConfig.Builder> config) throws Exception {
        fixture = new SignalingFixture(config);
    }

    private URI http(String path) {
        return URI.create(fixture.uri().toString().replace("ws:", "http:") + path);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return await(HTTP.sendAsync(HttpRequest.newBuilder(http(path)).build(), HttpResponse.BodyHandlers.ofString()));
    }

    private Future<WebSocket> socket(String path, String header, String value) {
        return HttpClient.newBuilder()
                .build()
                .newWebSocketBuilder()
                .header(header, value)
                .buildAsync(URI.create(fixture.uri() + path), new WebSocket.Listener() {});
    }

    private static int statusOf(Future<WebSocket> socket) throws Exception {
        try {
            await(socket);
            return 101;
        } catch (ExecutionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }
}
