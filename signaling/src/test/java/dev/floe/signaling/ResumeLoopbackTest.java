package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static dev.floe.signaling.SignalingFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import dev.floe.signaling.SignalMessage.CandidateLine;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lost WebSocket is no lost session. */
class ResumeLoopbackTest {

    private static final String ROOM = "/v1/rooms/room";
    private static final String PEER_JOINED = "{\"type\":\"peer-joined\",\"seq\":1}";

    private SignalingFixture fixture;
    private FlakyProxy proxy;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture(config -> config.graceTime(Duration.ofSeconds(20)));
        proxy = new FlakyProxy(fixture.group, fixture.server.address());
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        fixture.stop();
    }

    @Test
    void welcomeCarriesATokenAndMessagesAreNumbered() throws Exception {
        WebSocketPeer a = fixture.raw(ROOM);
        assertThat(a.hearWhole())
                .matches("\\{\"type\":\"joined\",\"peers\":0,\"resume\":\"[\\w-]{22}\",\"received\":0}");
        WebSocketPeer b = fixture.raw(ROOM);
        b.say(candidate("1"));
        assertThat(a.hearWhole()).isEqualTo(PEER_JOINED);
        assertThat(a.hearWhole()).isEqualTo("{\"type\":\"candidate\",\"candidate\":\"1\",\"seq\":2}");
    }

    @Test
    void peerThatComesBackHearsWhatItHasNotHeard() throws Exception {
        WebSocketPeer a = fixture.raw(ROOM);
        String token = token(a.hearWhole());
        a.say(candidate("of a"));
        WebSocketPeer b = fixture.raw(ROOM);
        b.assertHears("{\"type\":\"joined\",\"peers\":1}", candidate("of a"));
        b.say(candidate("1"));
        a.assertHears("{\"type\":\"peer-joined\"}", candidate("1"));
        a.vanish();
        b.say(candidate("2"));

        WebSocketPeer again = fixture.raw(ROOM + "?resume=" + token + "&seq=1");
        assertThat(again.hearWhole())
                .isEqualTo("{\"type\":\"joined\",\"peers\":0,\"resume\":\"" + token + "\",\"received\":1}");
        again.assertHears(candidate("1"), candidate("2"));
        again.say(candidate("back"));
        b.assertHears(candidate("back"));
    }

    @Test
    void otherSideLearnsOnlyAfterTheGraceTimeThatAPeerIsGone() throws Exception {
        fixture.stop();
        fixture = new SignalingFixture(config -> config.graceTime(Duration.ofSeconds(2)));
        WebSocketPeer a = fixture.raw(ROOM);
        String token = token(a.hearWhole());
        WebSocketPeer b = fixture.raw(ROOM);
        assertThat(a.hearWhole()).isEqualTo(PEER_JOINED);
        long begin = System.nanoTime();
        a.vanish();
        b.assertHears("{\"type\":\"joined\",\"peers\":1}", "{\"type\":\"peer-left\"}");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1900));

        WebSocketPeer late = fixture.raw(ROOM + "?resume=" + token + "&seq=1");
        assertThat(late.hear()).contains("\"code\":\"session-lost\"");
        late.assertHears("closed 1008 session-lost");
    }

    @Test
    void closeWithoutAReasonIsAFarewellToo() throws Exception {
        try (RawSocket a = RawSocket.upgraded(fixture.server.address(), ROOM)) {
            WebSocketPeer b = fixture.raw(ROOM);
            b.assertHears("{\"type\":\"joined\",\"peers\":1}");
            a.sendFrame(true, 8, new byte[0]);
            b.assertHears("{\"type\":\"peer-left\"}");
        }
    }

    @Test
    void peerThatComesBackBeforeItsLossIsNoticedReplacesItself() throws Exception {
        WebSocketPeer a = fixture.raw(ROOM);
        String token = token(a.hearWhole());
        WebSocketPeer again = fixture.raw(ROOM + "?resume=" + token);
        again.assertHears("{\"type\":\"joined\",\"peers\":0}");
        assertThat(a.hear()).contains("\"code\":\"unavailable\"");
        WebSocketPeer b = fixture.raw(ROOM);
        b.assertHears("{\"type\":\"joined\",\"peers\":1}");
        again.assertHears("{\"type\":\"peer-joined\"}");
    }

    @Test
    void clientLosesNothingHoweverOftenItLosesItsConnection() throws Exception {
        HeardMessages heardByA = new HeardMessages();
        HeardMessages heardByB = new HeardMessages();
        SignalingClient a = join(proxy.uri(), heardByA);
        SignalingClient b = join(fixture.uri(), heardByB);
        for (int i = 0; i < 200; i++) {
            a.say(new CandidateLine(String.valueOf(i)));
            b.say(new CandidateLine(String.valueOf(i)));
            if (i % 50 == 25) {
                int welcomes = 2 + i / 50;
                proxy.cut();
                until(() -> heardByA.welcomes() == welcomes);
            }
        }
        List<String> all = IntStream.range(0, 200).mapToObj(String::valueOf).toList();
        until(() -> heardByB.candidates().size() >= 200 && heardByA.candidates().size() >= 200);
        assertThat(heardByA.candidates()).isEqualTo(all);
        assertThat(heardByB.candidates()).isEqualTo(all);
        assertThat(heardByB.all()).doesNotContain(new SignalMessage.PeerLeft());
    }

    @Test
    void allInALargerRoomHearEverythingInTheSameOrder() throws Exception {
        fixture.stop();
        fixture = new SignalingFixture(config -> config.roomCapacity(5));
        List<HeardMessages> heard =
                IntStream.range(0, 5).mapToObj(i -> new HeardMessages()).toList();
        List<SignalingClient> peers = new ArrayList<>();
        for (HeardMessages mine : heard) {
            peers.add(join(fixture.uri(), mine));
        }
        for (int i = 0; i < 100; i++) {
            for (int speaker = 0; speaker < 4; speaker++) {
                peers.get(speaker).say(new CandidateLine(speaker + "/" + i));
            }
        }
        HeardMessages listener = heard.get(4);
        until(() -> listener.candidates().size() == 400
                && heard.subList(0, 4).stream()
                        .allMatch(mine -> mine.candidates().size() == 300));
        for (int speaker = 0; speaker < 4; speaker++) {
            String own = speaker + "/";
            assertThat(heard.get(speaker).candidates())
                    .isEqualTo(listener.candidates().stream()
                            .filter(candidate -> !candidate.startsWith(own))
                            .toList());
            assertThat(heard.get(speaker).welcomes()).isEqualTo(1);
        }
    }

    @Test
    void exchangeGoesOnOverANewConnection() throws Exception {
        SignalingClient a = join(proxy.uri(), new HeardMessages());
        Future<IceDescription> heardByA = a.exchange(Descriptions.named("aaaa"));
        proxy.cut();
        SignalingClient b = fixture.joinRoom("room");
        Future<IceDescription> heardByB = b.exchange(Descriptions.named("bbbb"));

        assertThat(await(heardByA)).isEqualTo(Descriptions.named("bbbb"));
        assertThat(await(heardByB)).isEqualTo(Descriptions.named("aaaa"));
    }

    @Test
    void reconnectOnRequestIsAtOnceAndMissesNothing() throws Exception {
        HeardMessages heard = new HeardMessages();
        SignalingClient a = join(proxy.uri(), heard);
        SignalingClient b = fixture.joinRoom("room");
        a.reconnect();
        b.say(new CandidateLine("1"));
        until(() -> heard.candidates().size() == 1);
        until(() -> proxy.connections() == 2);
    }

    @Test
    void serverThatForgotTheRoomIsToldAgain() throws Exception {
        SignalingClient a = join(proxy.uri(), new HeardMessages());
        Future<IceDescription> heardByA = a.exchange(Descriptions.named("aaaa"));
        SignalingFixture next = new SignalingFixture();
        try {
            proxy.redirect(next.server.address());
            SignalingClient b = next.joinRoom("room");
            assertThat(await(b.exchange(Descriptions.named("bbbb")))).isEqualTo(Descriptions.named("aaaa"));
            assertThat(await(heardByA)).isEqualTo(Descriptions.named("bbbb"));
        } finally {
            next.stop();
        }
    }

    @Test
    void longestMessageThatAPeerMaySayIsHeard() throws Exception {
        HeardMessages heard = new HeardMessages();
        join(fixture.uri(), heard);
        WebSocketPeer b = fixture.raw(ROOM);
        String longest = "x".repeat(64 * 1024 - candidate("").length());
        b.say(candidate(longest));
        until(() -> heard.candidates().size() == 1);
        assertThat(heard.candidates()).containsExactly(longest);
        assertThat(heard.welcomes()).isEqualTo(1);
    }

    @Test
    void peerThatReadsStaysHoweverLongTheMessagesAre() throws Exception {
        WebSocketPeer a = fixture.raw(ROOM);
        a.hearWhole();
        WebSocketPeer b = fixture.raw(ROOM);
        b.hearWhole();
        String padding = "x".repeat(60_000);
        for (int i = 0; i < 30; i++) {
            String description = "{\"type\":\"description\",\"username\":\"" + i + padding + "\",\"password\":\"p\"}";
            a.say(description);
            b.assertHears(description);
        }
    }

    @Test
    void clientGivesUpOnceItHasNoMorePatience() throws Exception {
        SignalingClient a = await(SignalingClient.joinRoom(
                fixture.group,
                List.of(proxy.uri()),
                "room",
                SignalingClientConfig.DEFAULT.withReconnectTimeout(Duration.ofMillis(500)),
                message -> {}));
        proxy.close();

        assertThat(failure(a.closed()))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("signaling-lost"));
    }

    @Test
    void relayClientComesBackToo() throws Exception {
        SignalingClient offerer = await(SignalingClient.joinRelay(fixture.group, proxy.uri(), RelayRole.OFFERER));
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));
        proxy.cut();
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);

        assertThat(await(answerer.exchange(Descriptions.named("answer")))).isEqualTo(Descriptions.named("offer"));
        assertThat(await(answer)).isEqualTo(Descriptions.named("answer"));
    }

    private SignalingClient join(URI uri, HeardMessages heard) throws Exception {
        return await(
                SignalingClient.joinRoom(fixture.group, List.of(uri), "room", SignalingClientConfig.DEFAULT, heard));
    }

    private static String token(String joined) {
        Matcher token = Pattern.compile("\"resume\":\"([^\"]+)\"").matcher(joined);
        assertThat(token.find()).isTrue();
        return token.group(1);
    }

    private static String candidate(String sdp) {
        return "{\"type\":\"candidate\",\"candidate\":\"" + sdp + "\"}";
    }
}
