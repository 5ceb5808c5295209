package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static dev.floe.signaling.SignalingFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.redis.RedisServer;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that share their rooms over a real Redis. */
class ManyNodesLoopbackTest {

    private static final SignalingClientConfig PATIENT =
            SignalingClientConfig.DEFAULT.withReconnectTimeout(Duration.ofSeconds(30));

    private RedisServer redis;
    private SignalingFixture one;
    private SignalingFixture other;

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.start();
        one = new SignalingFixture(config -> config.redis(redis.uri()).graceTime(Duration.ofSeconds(20)));
        other = new SignalingFixture(config -> config.redis(redis.uri()).graceTime(Duration.ofSeconds(20)));
    }

    @AfterEach
    void stop() throws Exception {
        other.stop();
        one.stop();
        redis.close();
    }

    @Test
    void peersOnDifferentNodesMeet() throws Exception {
        SignalingClient a = one.joinRoom("room");
        Future<IceDescription> heardByA = a.exchange(Descriptions.named("aaaa"));
        SignalingClient b = other.joinRoom("room");
        Future<IceDescription> heardByB = b.exchange(Descriptions.named("bbbb"));

        assertThat(await(heardByA)).isEqualTo(Descriptions.named("bbbb"));
        assertThat(await(heardByB)).isEqualTo(Descriptions.named("aaaa"));
        assertThat(failure(SignalingClient.joinRoom(one.group, other.uri(), "room")))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("room-full"));
        b.close();
        await(a.peerLeft());
    }

    @Test
    void passwordVouchesForPeersOnDifferentNodes() throws Exception {
        TrickleExchange.Session sending = one.joinRoom("room")
                .trickle(PakeRole.INITIATOR, "words")
                .begin(Descriptions.bare("aaaa"), new HeardCandidates());
        TrickleExchange.Session receiving = other.joinRoom("room")
                .trickle(PakeRole.RESPONDER, "words")
                .begin(Descriptions.bare("bbbb"), new HeardCandidates());

        assertThat(await(sending.remote())).isEqualTo(Descriptions.bare("bbbb"));
        assertThat(await(receiving.remote())).isEqualTo(Descriptions.bare("aaaa"));
    }

    @Test
    void messagesThatCrossComeInOrderAndOnce() throws Exception {
        Stream a = new Stream(one, "room", List.of(one.uri()));
        Stream b = new Stream(other, "room", List.of(other.uri()));
        for (int i = 0; i < 300; i++) {
            a.sayNext();
            b.sayNext();
        }
        a.assertHeardAll(b);
        b.assertHeardAll(a);
    }

    @Test
    void clientsOfANodeThatStopsGoOnAtAnother() throws Exception {
        SignalingFixture third = new SignalingFixture(config -> config.redis(redis.uri()));
        try {
            Stream a = new Stream(one, "room", List.of(one.uri()));
            Stream b = new Stream(other, "room", List.of(third.uri(), other.uri()));
            a.sayNext();
            b.sayNext();
            a.awaitHeard(1);
            third.server.close();
            a.sayNext();
            b.sayNext();
            await(third.server.closed());
            a.sayNext();
            b.sayNext();
            a.assertHeardAll(b);
            b.assertHeardAll(a);
        } finally {
            third.stop();
        }
    }

    @Test
    void whileRedisIsGoneThePeersStayAndNewRoomsAreRefusedAndThenAllIsWellAgain() throws Exception {
        Stream a = new Stream(one, "room", List.of(one.uri()));
        Stream b = new Stream(other, "room", List.of(other.uri()));
        a.sayNext();
        b.awaitHeard(1);

        redis.kill();
        until(() -> codeOfJoin(one.uri()).equals("unavailable"));
        a.sayNext();
        b.sayNext();
        assertThat(a.client.closed().isDone()).isFalse();

        redis.startAgain();
        a.sayNext();
        b.sayNext();
        a.assertHeardAll(b);
        b.assertHeardAll(a);
        until(() -> codeOfJoin(one.uri()).isEmpty());
        assertThat(a.heard.welcomes() + b.heard.welcomes()).isEqualTo(2);
    }

    @Test
    void redisThatIsFrozenIsAsGoodAsGone() throws Exception {
        Stream a = new Stream(one, "room", List.of(one.uri()));
        Stream b = new Stream(other, "room", List.of(other.uri()));
        redis.freeze();
        assertThat(codeOfJoin(other.uri())).isEqualTo("unavailable");
        a.sayNext();
        b.sayNext();
        redis.thaw();
        a.sayNext();
        b.sayNext();
        a.assertHeardAll(b);
        b.assertHeardAll(a);
    }

    @Test
    void pongsThatNobodyHasAskedForAreNoWork() throws Exception {
        WebSocketPeer a = one.raw("/v1/rooms/room");
        a.hear();
        WebSocketPeer b = other.raw("/v1/rooms/room");
        b.hear();
        a.hear();
        long before = redis.scripts();
        for (int i = 0; i < 500; i++) {
            a.pong(i % 3);
        }
        a.say("{\"type\":\"bye\"}");
        b.assertHears("{\"type\":\"bye\"}");
        assertThat(redis.scripts() - before).isLessThan(50);
    }

    @Test
    void serverWhoseRedisIsNotThereSaysSo() {
        assertThat(SignalingServer.start(
                                one.group,
                                SignalingServerConfig.builder(one.server.address())
                                        .redis(URI.create("redis://127.0.0.1:1"))
                                        .build())
                        .awaitUninterruptibly()
                        .cause())
                .hasMessage("Redis at 127.0.0.1 port 1 cannot be reached");
    }

    /** Empty if it is let in. */
    private String codeOfJoin(URI uri) {
        var joining = SignalingClient.joinRoom(one.group, uri, "new").awaitUninterruptibly();
        if (joining.isSuccess()) {
            joining.getNow().close();
            return "";
        }
        return ((SignalingException) joining.cause()).code();
    }

    /** A peer that says numbered candidates, and remembers which it has heard. */
    private static final class Stream {

        private final HeardMessages heard = new HeardMessages();
        private final SignalingClient client;
        private int said;

        Stream(SignalingFixture fixture, String room, List<URI> servers) throws Exception {
            client = await(SignalingClient.joinRoom(fixture.group, servers, room, PATIENT, heard));
        }

        void sayNext() {
            client.say(new SignalMessage.CandidateLine(String.valueOf(said++)));
        }

        void awaitHeard(int count) throws Exception {
            until(() -> heard.candidates().size() >= count);
        }

        void assertHeardAll(Stream from) throws Exception {
            awaitHeard(from.said);
            assertThat(heard.candidates())
                    .containsExactlyElementsOf(IntStream.range(0, from.said)
                            .mapToObj(String::valueOf)
                            .toList());
        }
    }
}
