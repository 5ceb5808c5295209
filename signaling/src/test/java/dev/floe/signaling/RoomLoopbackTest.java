package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoomLoopbackTest {

    private static final String JOINED_EMPTY = "{\"type\":\"joined\",\"peers\":0}";
    private static final String JOINED_ONE = "{\"type\":\"joined\",\"peers\":1}";
    private static final String PEER_JOINED = "{\"type\":\"peer-joined\"}";
    private static final String PEER_LEFT = "{\"type\":\"peer-left\"}";
    private static final String END = "{\"type\":\"end-of-candidates\"}";
    private static final String BYE = "{\"type\":\"bye\"}";

    private static final SignalingClientConfig RESIGNED =
            SignalingClientConfig.DEFAULT.withReconnectTimeout(Duration.ZERO);

    private SignalingFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    @Test
    void twoClientsExchangeTheirDescriptions() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Function<IceDescription, Future<IceDescription>> exchange = a::exchange;
        Future<IceDescription> heardByA = exchange.apply(Descriptions.named("aaaa"));
        SignalingClient b = fixture.joinRoom("room");
        Future<IceDescription> heardByB = b.exchange(Descriptions.named("bbbb"));

        assertThat(await(heardByA)).isEqualTo(Descriptions.named("bbbb"));
        assertThat(await(heardByB)).isEqualTo(Descriptions.named("aaaa"));

        b.close();
        await(a.peerLeft());
        await(b.closed());
        assertThat(b.peerLeft().isCancelled()).isTrue();
        assertThat(a.closed().isDone()).isFalse();
        assertThat(a.dropped()).isZero();
    }

    @Test
    void descriptionThatCameBeforeTheExchangeIsNotLost() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        say(b, "bbbb");
        b.say("{\"type\":\"bogus\"}");
        b.assertHears(JOINED_ONE);
        assertThat(b.hear()).contains("unknown-type");

        assertThat(await(a.exchange(Descriptions.named("aaaa")))).isEqualTo(Descriptions.named("bbbb"));
    }

    @Test
    void peersTellEachOtherExactlyWhatTheContractSays() throws Exception {
        SignalingClient a = fixture.joinRoom("röom");
        Future<IceDescription> heardByA = a.exchange(Descriptions.named("aaaa"));
        WebSocketPeer b = fixture.raw("/v1/rooms/r%C3%B6om");

        b.assertHears(
                JOINED_ONE,
                "{\"type\":\"description\",\"username\":\"aaaa\",\"password\":\"password-of-aaaa-0123456789\","
                        + "\"fingerprint\":\"" + "0123456789abcdef".repeat(4) + "\",\"options\":[\"renomination\"]}",
                candidate(Descriptions.CANDIDATE),
                candidate(Descriptions.REFLEXIVE),
                END);
        say(b, "bbbb");
        await(heardByA);
        a.close();
        b.assertHears(BYE, PEER_LEFT);
    }

    @Test
    void clientsThatTrickleLearnTheDescriptionFirstAndTheCandidatesAsTheyComeUp() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        HeardCandidates heardByA = new HeardCandidates();
        TrickleExchange.Session sessionOfA = a.trickle(Descriptions.bare("aaaa"), heardByA);
        SignalingClient b = fixture.joinRoom("room");
        HeardCandidates heardByB = new HeardCandidates();
        TrickleExchange.Session sessionOfB = b.trickle(Descriptions.bare("bbbb"), heardByB);

        assertThat(await(sessionOfA.remote())).isEqualTo(Descriptions.bare("bbbb"));
        assertThat(await(sessionOfB.remote())).isEqualTo(Descriptions.bare("aaaa"));
        for (Candidate candidate : Descriptions.named("aaaa").candidates()) {
            sessionOfA.add(candidate);
        }
        sessionOfA.end();
        sessionOfB.end();

        assertThat(await(heardByB.all)).isEqualTo(Descriptions.named("aaaa").candidates());
        assertThat(await(heardByA.all)).isEmpty();
    }

    @Test
    void clientThatTricklesAndOneThatWaitsForAllUnderstandEachOther() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        HeardCandidates heardByA = new HeardCandidates();
        TrickleExchange.Session sessionOfA = a.trickle(Descriptions.bare("aaaa"), heardByA);
        Descriptions.named("aaaa").candidates().forEach(sessionOfA::add);
        SignalingClient b = fixture.joinRoom("room");
        Future<IceDescription> heardByB = b.exchange(Descriptions.named("bbbb"));

        assertThat(await(sessionOfA.remote()).credentials())
                .isEqualTo(Descriptions.named("bbbb").credentials());
        await(heardByA.all);
        assertThat(heardByB.isDone()).isFalse();
        sessionOfA.end();
        assertThat(await(heardByB)).isEqualTo(Descriptions.named("aaaa"));
    }

    @Test
    void candidatesThatCameBeforeTheExchangeAreInTheDescription() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say(description("bbbb"));
        b.say(candidate(Descriptions.CANDIDATE));
        b.say("{\"type\":\"bogus\"}");
        b.assertHears(JOINED_ONE);
        assertThat(b.hear()).contains("unknown-type");

        HeardCandidates heard = new HeardCandidates();
        TrickleExchange.Session session = a.trickle(Descriptions.bare("aaaa"), heard);
        List<Candidate> early = new ArrayList<>(await(session.remote()).candidates());
        b.say(candidate(Descriptions.REFLEXIVE));
        b.say(END);
        early.addAll(await(heard.all));
        assertThat(early).isEqualTo(Descriptions.named("bbbb").candidates());
    }

    @Test
    void whatASessionStillFindsOnceBothKnowEachOtherNamesIt() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        TrickleExchange.Session first = a.trickle(Descriptions.bare("used"), new HeardCandidates());
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say(description("bbbb"));
        await(first.remote());
        TrickleExchange.Session second = a.trickle(Descriptions.bare("fresh"), new HeardCandidates());
        first.add(Descriptions.named("used").candidates().get(0));
        first.end();
        second.add(Descriptions.named("fresh").candidates().get(1));

        assertThat(b.hear()).isEqualTo(JOINED_ONE);
        assertThat(b.hear()).contains("\"username\":\"used\"");
        assertThat(b.hear()).contains("\"username\":\"fresh\"");
        b.assertHears(candidate(Descriptions.CANDIDATE + " ufrag used"), candidate(Descriptions.REFLEXIVE));
    }

    @Test
    void wordsThatTheServerDoesNotKnowReachTheSessionTheyAreOf() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        HeardCandidates heardByA = new HeardCandidates();
        TrickleExchange.Session sessionOfA = a.trickle(Descriptions.bare("aaaa"), heardByA);
        SignalingClient b = fixture.joinRoom("room");
        HeardCandidates heardByB = new HeardCandidates();
        TrickleExchange.Session sessionOfB = b.trickle(Descriptions.bare("bbbb"), heardByB);
        await(sessionOfA.remote());
        await(sessionOfB.remote());
        TrickleExchange.Session later = a.trickle(Descriptions.bare("next"), new HeardCandidates());
        byte[] longest = new byte[TrickleExchange.MAX_MESSAGE];
        longest[0] = -1;

        sessionOfB.message(longest);
        sessionOfB.message(new byte[0]);
        sessionOfA.message(new byte[] {7});

        assertThat(heardByA.messages.poll(5, TimeUnit.SECONDS)).isEqualTo(longest);
        assertThat(heardByA.messages.poll(5, TimeUnit.SECONDS)).isEmpty();
        assertThat(heardByB.messages.poll(5, TimeUnit.SECONDS)).containsExactly(7);
        assertThat(later.remote().isDone()).isFalse();
        assertThatThrownBy(() -> sessionOfA.message(new byte[TrickleExchange.MAX_MESSAGE + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wordsThatAreTooLongOrNoBase64OrNobodysAreDropped() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        HeardCandidates heard = new HeardCandidates();
        TrickleExchange.Session session = a.trickle(Descriptions.bare("aaaa"), heard);
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say(holePunch("bbbb", "AQ=="));
        b.say(description("bbbb"));
        await(session.remote());
        b.say(holePunch("cccc", "AQ=="));
        b.say(holePunch("bbbb", "!"));
        b.say(holePunch("bbbb", "A".repeat(8192)));
        b.say(holePunch("bbbb", "Ag=="));

        assertThat(heard.messages.poll(5, TimeUnit.SECONDS)).containsExactly(2);
        assertThat(a.dropped()).isEqualTo(4);
    }

    @Test
    void whatAnExchangeThatWasGivenUpStillFindsGoesUnsaid() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        TrickleExchange.Session first = a.trickle(Descriptions.bare("used"), new HeardCandidates());
        first.remote().cancel(false);
        TrickleExchange.Session second = a.trickle(Descriptions.bare("fresh"), new HeardCandidates());
        first.add(Descriptions.named("used").candidates().get(0));
        second.add(Descriptions.named("fresh").candidates().get(1));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");

        assertThat(b.hear()).isEqualTo(JOINED_ONE);
        String heard = b.hear();
        while (!heard.contains("\"username\":\"fresh\"")) {
            assertThat(heard).contains("\"username\":\"used\"");
            heard = b.hear();
        }
        b.assertHears(candidate(Descriptions.REFLEXIVE));
    }

    @Test
    void thirdPeerIsTurnedAwayWithACode() throws Exception {
        fixture.joinRoom("room");
        fixture.joinRoom("room");

        Throwable refusal = failure(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room"));
        assertThat(refusal)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("room-full"))
                .hasMessage("two peers are in the room already");

        WebSocketPeer raw = fixture.raw("/v1/rooms/room");
        raw.assertHears(
                "{\"type\":\"error\",\"code\":\"room-full\",\"message\":\"two peers are in the room already\"}",
                "closed 1008 room-full");
    }

    @Test
    void peerThatVanishesIsReportedAndTheNextFindsWhatTheRemainingOneSaid() throws Exception {
        WebSocketPeer a = fixture.raw("/v1/rooms/room");
        a.assertHears(JOINED_EMPTY);
        a.say(END);
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.assertHears(JOINED_ONE, END);
        b.say(candidate("of b"));
        b.vanish();
        a.assertHears(PEER_JOINED, candidate("of b"), PEER_LEFT);

        WebSocketPeer c = fixture.raw("/v1/rooms/room");
        c.assertHears(JOINED_ONE, END);
        c.leave();
        a.assertHears(PEER_JOINED, PEER_LEFT);
        c.assertHears("closed 1000 ");
    }

    @Test
    void oneClientServesPeerAfterPeerWithAFreshDescriptionEach() throws Exception {
        SignalingClient server = fixture.joinRoom("room");
        Future<IceDescription> next = server.exchange(Descriptions.named("serve0"));
        for (int i = 0; i < 5; i++) {
            SignalingClient peer = fixture.joinRoom("room");
            IceDescription heard = await(peer.exchange(Descriptions.named("peer" + i)));
            assertThat(heard).isEqualTo(Descriptions.named("serve" + i));
            assertThat(await(next)).isEqualTo(Descriptions.named("peer" + i));

            Future<Void> left = server.peerLeft();
            next = server.exchange(Descriptions.named("serve" + (i + 1)));
            peer.close();
            await(left);
        }
        assertThat(next.isDone()).isFalse();
    }

    @Test
    void descriptionThatHasServedIsTakenBackWhenItsPeerLeaves() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> first = a.exchange(Descriptions.named("used"));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        say(b, "bbbb");
        await(first);
        b.leave();
        await(a.peerLeft());

        Future<IceDescription> second = a.exchange(Descriptions.named("fresh"));
        WebSocketPeer c = fixture.raw("/v1/rooms/room");
        c.assertHears(JOINED_ONE);
        String described = c.hear();
        while (!described.contains("\"username\":\"fresh\"")) {
            // What was taken back may still be on its way to the server when c comes.
            described = c.hear();
        }
        say(c, "cccc");
        assertThat(await(second)).isEqualTo(Descriptions.named("cccc"));
    }

    @Test
    void halfADescriptionOfAPeerThatLeftIsForgotten() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> exchange = a.exchange(Descriptions.named("aaaa"));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say(description("bbbb"));
        b.say(candidate(Descriptions.CANDIDATE));
        b.leave();
        assertThat(b.hear()).isEqualTo(JOINED_ONE);
        WebSocketPeer c = joinWhenFree("/v1/rooms/room");
        c.say(END);
        say(c, "cccc");

        assertThat(await(exchange)).isEqualTo(Descriptions.named("cccc"));
        assertThat(a.peerLeft().isDone()).isFalse();
    }

    @Test
    void candidatesOfNoUseAreDroppedAndCounted() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> exchange = a.exchange(Descriptions.named("aaaa"));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say(candidate("before any description"));
        b.say(description("bbbb"));
        b.say(candidate("nonsense"));
        b.say(candidate("1 1 tcp 2130706431 192.0.2.7 5000 typ host"));
        b.say(candidate("1 1 udp 2130706431 c0ffee.local 5000 typ host"));
        b.say(candidate(Descriptions.CANDIDATE));
        b.say(candidate("candidate:" + Descriptions.REFLEXIVE));
        b.say(END);

        assertThat(await(exchange)).isEqualTo(Descriptions.named("bbbb"));
        assertThat(a.dropped()).isEqualTo(4);
    }

    @Test
    void descriptionWithUselessCredentialsFailsTheExchangeAndNotTheClient() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> exchange = a.exchange(Descriptions.named("aaaa"));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        b.say("{\"type\":\"description\",\"username\":\"bbbb\",\"password\":\"short\"}");

        assertThat(failure(exchange))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("bad-message"))
                .hasMessage("the other side's description is of no use: password has 5 characters, expected 22 to 256");

        say(b, "bbbb");
        assertThat(await(a.exchange(Descriptions.named("aaaa")))).isEqualTo(Descriptions.named("bbbb"));
    }

    @Test
    void fingerprintWithColonsAndCapitalsIsUnderstoodAndAFalseOneIsNot() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> exchange = a.exchange(Descriptions.named("aaaa"));
        WebSocketPeer b = fixture.raw("/v1/rooms/room");
        String start = "{\"type\":\"description\",\"username\":\"bbbb\",\"password\":\"0123456789012345678901\","
                + "\"fingerprint\":\"";
        b.say(start + "AB" + ":CD".repeat(31) + "\"}");
        b.say(END);
        assertThat(await(exchange).certificateFingerprint()).contains("ab" + "cd".repeat(31));

        exchange = a.exchange(Descriptions.named("aaaa"));
        b.say(start + "abcd\"}");
        assertThat(failure(exchange)).hasMessageContaining("expected 64 lower-case hexadecimal digits");
    }

    @Test
    void secondExchangeAtATimeIsRefusedUntilTheFirstIsCancelled() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> first = a.exchange(Descriptions.named("aaaa"));

        assertThat(failure(a.exchange(Descriptions.named("aaaa")))).isInstanceOf(IllegalStateException.class);

        first.cancel(false);
        Future<IceDescription> second = a.exchange(Descriptions.named("aaaa"));
        say(fixture.raw("/v1/rooms/room"), "bbbb");
        assertThat(await(second)).isEqualTo(Descriptions.named("bbbb"));
    }

    @Test
    void clientsOfAServerThatClosesLoseTheirSignaling() throws Exception {
        SignalingClient a = await(SignalingClient.joinRoom(fixture.group, fixture.uri(), "room", RESIGNED));
        Future<IceDescription> exchange = a.exchange(Descriptions.named("aaaa"));
        SignalingClient b = await(SignalingClient.joinRoom(fixture.group, fixture.uri(), "other", RESIGNED));
        WebSocketPeer raw = fixture.raw("/v1/rooms/room");
        String heard = raw.hear();
        while (!heard.equals(END)) {
            heard = raw.hear();
        }

        fixture.server.close();

        raw.assertHears("closed 1001 Endpoint unavailable");
        assertThat(failure(exchange))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("signaling-lost"))
                .hasMessage("signaling server " + fixture.uri() + " closed the connection: 1001 Endpoint unavailable");
        assertThat(failure(a.closed())).isInstanceOf(SignalingException.class);
        assertThat(failure(b.peerLeft())).isInstanceOf(SignalingException.class);
        assertThat(failure(b.exchange(Descriptions.named("bbbb")))).isInstanceOf(SignalingException.class);
        await(fixture.server.closed());
    }

    @Test
    void closedClientRefusesToExchange() throws Exception {
        SignalingClient a = fixture.joinRoom("room");
        Future<IceDescription> pending = a.exchange(Descriptions.named("aaaa"));
        a.close();
        a.close();
        await(a.closed());

        assertThat(pending.isCancelled()).isTrue();
        assertThat(failure(a.exchange(Descriptions.named("aaaa")))).hasMessageContaining("was closed here");
    }

    private WebSocketPeer joinWhenFree(String path) throws Exception {
        while (true) {
            WebSocketPeer peer = fixture.raw(path);
            if (peer.hear().equals(JOINED_ONE)) {
                return peer;
            }
        }
    }

    /** What {@link Descriptions#named} has, in messages. */
    private static void say(WebSocketPeer peer, String name) throws Exception {
        peer.say(description(name));
        peer.say(candidate(Descriptions.CANDIDATE));
        peer.say(candidate(Descriptions.REFLEXIVE));
        peer.say(END);
    }

    private static String description(String name) {
        return "{\"type\":\"description\",\"username\":\"" + name + "\",\"password\":\"password-of-" + name
                + "-0123456789\",\"fingerprint\":\"" + "0123456789abcdef".repeat(4)
                + "\",\"options\":[\"renomination\"]}";
    }

    private static String holePunch(String username, String payload) {
        return "{\"type\":\"hole-punch\",\"username\":\"" + username + "\",\"payload\":\"" + payload + "\"}";
    }

    private static String candidate(String sdp) {
        return "{\"type\":\"candidate\",\"candidate\":\"" + sdp + "\"}";
    }
}
