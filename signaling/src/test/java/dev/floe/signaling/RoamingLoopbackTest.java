package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two peers that know each other, and what the networks between them and the server do to them. */
class RoamingLoopbackTest {

    private static final String ROOM = "/v1/rooms/room";

    /** Would lose its patience with the first connection that is lost. */
    private static final SignalingClientConfig IMPATIENT =
            SignalingClientConfig.DEFAULT.withReconnectTimeout(Duration.ZERO);

    private SignalingFixture fixture;
    private FlakyProxy wayOfA;
    private FlakyProxy wayOfB;
    private Peer a;
    private Peer b;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture();
        wayOfA = new FlakyProxy(fixture.group, fixture.server.address());
        wayOfB = new FlakyProxy(fixture.group, fixture.server.address());
        a = new Peer(wayOfA.uri(), "aaaa");
        b = new Peer(wayOfB.uri(), "bbbb");
        await(a.session.remote());
        await(b.session.remote());
        a.session.end();
        b.session.end();
    }

    @AfterEach
    void stop() throws Exception {
        wayOfA.close();
        wayOfB.close();
        fixture.stop();
    }

    @Test
    void connectionThatHasGoneDeadIsGivenUpAtOnce() throws Exception {
        wayOfA.die();
        a.sayNext();
        b.sayNext();
        wayOfA.revive();
        a.session.networkChanged();

        assertBothHearAll();
        assertThat(wayOfA.connections()).isEqualTo(2);
    }

    @Test
    void attemptThatHangsInTheOldNetworkIsGivenUpToo() throws Exception {
        wayOfA.die();
        a.session.networkChanged();
        until(() -> wayOfA.connections() == 2);
        a.sayNext();
        b.sayNext();
        wayOfA.revive();
        a.session.networkChanged();

        assertBothHearAll();
        assertThat(wayOfA.connections()).isEqualTo(3);
    }

    @Test
    void waitingForTheNextAttemptEndsWhenTheNetworkChanges() throws Exception {
        wayOfA.shut();
        a.sayNext();
        b.sayNext();
        wayOfA.open();
        a.session.networkChanged();

        assertBothHearAll();
        a.sayNext();
        b.sayNext();
        assertBothHearAll();
        assertThat(a.messages.welcomes()).isEqualTo(wayOfA.connections()).isEqualTo(2);
    }

    @Test
    void manyChangesAtOnceAreFewConnections() throws Exception {
        for (int i = 0; i < 1000; i++) {
            a.session.networkChanged();
        }
        a.sayNext();
        b.sayNext();
        assertBothHearAll();
        assertThat(wayOfA.connections()).isLessThan(20);
    }

    @Test
    void candidatesAfterTheEndComeInOrderAndOnceHoweverOftenBothRoam() throws Exception {
        for (int i = 0; i < 100; i++) {
            a.sayNext();
            b.sayNext();
            if (i % 20 == 5) {
                a.session.networkChanged();
            }
            if (i % 20 == 15) {
                b.session.networkChanged();
                wayOfA.cut();
            }
        }
        assertBothHearAll();
        assertThat(a.heard.ends).isEqualTo(1);
        assertThat(a.messages.all()).doesNotContain(new SignalMessage.PeerLeft());
    }

    @Test
    void serverThatComesBackWithoutItsRoomsIsJoinedAgainHoweverLongItWasAway() throws Exception {
        a.sayNext();
        b.sayNext();
        assertBothHearAll();
        SignalingFixture next = new SignalingFixture();
        try {
            wayOfA.shut();
            wayOfB.shut();
            a.sayNext();
            b.sayNext();
            wayOfA.redirect(next.server.address());
            wayOfB.redirect(next.server.address());
            wayOfA.open();
            until(() -> a.messages.welcomes() == 2);
            a.sayNext();
            wayOfB.open();
            until(() -> b.messages.welcomes() == 2);
            a.sayNext();
            b.sayNext();
            // What was said before is said again, since nobody knows who has heard it.
            until(() -> a.heard.distinct().equals(b.said) && b.heard.distinct().equals(a.said));
        } finally {
            a.client.close();
            b.client.close();
            next.stop();
        }
    }

    @Test
    void peerThatWasAwayForTooLongFindsTheOtherAgain() throws Exception {
        stayAwayForTooLong();
        b.sayNext();
        wayOfA.open();
        a.sayNext();

        assertBothHearAll();
        a.sayNext();
        b.sayNext();
        assertBothHearAll();
    }

    @Test
    void farewellOfOneThatGoesOnIsBorne() throws Exception {
        a.client.say(new SignalMessage.Bye());
        await(b.client.peerLeft());
        a.sayNext();
        b.sayNext();
        assertBothHearAll();
    }

    @Test
    void peerWhosePlaceWasTakenComesBackWhenItIsFree() throws Exception {
        stayAwayForTooLong();
        SignalingClient stranger = fixture.joinRoom("room");
        Future<IceDescription> strange = stranger.exchange(Descriptions.named("strange"));
        wayOfA.open();
        until(() -> a.messages.all().stream()
                .anyMatch(message -> message instanceof SignalMessage.ServerError error
                        && error.code().equals(SignalingException.ROOM_FULL)));
        assertThat(strange.isDone()).isFalse();
        stranger.close();
        await(stranger.closed());
        a.session.networkChanged();
        a.sayNext();
        b.sayNext();

        assertBothHearAll();
        assertThat(a.client.closed().isDone()).isFalse();
    }

    @Test
    void peerThatComesBackIsNotTakenForTheNextOne() throws Exception {
        HeardCandidates ofNext = new HeardCandidates();
        TrickleExchange.Session next = b.client.trickle(Descriptions.bare("next"), ofNext);
        stayAwayForTooLong();
        b.sayNext();
        wayOfA.open();
        a.sayNext();
        assertBothHearAll();
        assertThat(next.remote().isDone()).isFalse();

        a.client.close();
        await(a.client.closed());
        Peer c = new Peer(fixture.uri(), "cccc");
        assertThat(await(next.remote()).credentials())
                .isEqualTo(Descriptions.named("cccc").credentials());
        c.sayNext();
        c.session.end();
        assertThat(await(ofNext.all)).hasSize(1);
    }

    @Test
    void peerThatComesBackAfterTheNextOneIsNotTakenForAThird() throws Exception {
        TrickleExchange.Session next = b.client.trickle(Descriptions.bare("next"), new HeardCandidates());
        stayAwayForTooLong();
        Peer c = new Peer(fixture.uri(), "cccc");
        await(next.remote());
        TrickleExchange.Session third = b.client.trickle(Descriptions.bare("third"), new HeardCandidates());
        c.client.close();
        await(c.client.closed());
        wayOfA.open();
        a.session.networkChanged();
        a.sayNext();

        until(() -> b.heard.ports.equals(a.said) || third.remote().isDone());
        assertThat(b.heard.ports).isEqualTo(a.said);
        assertThat(third.remote().isDone()).isFalse();
    }

    @Test
    void candidatesWithoutEndAreBounded() throws Exception {
        a.client.close();
        await(a.client.closed());
        b.client.close();
        await(b.client.closed());
        Peer victim = new Peer(fixture.uri(), "victim");
        WebSocketPeer hostile = fixture.raw(ROOM);
        hostile.say("{\"type\":\"description\",\"username\":\"evil\",\"password\":\"0123456789012345678901\"}");
        await(victim.session.remote());
        for (int i = 1; i <= 2000; i++) {
            hostile.say(
                    "{\"type\":\"candidate\",\"candidate\":\"" + candidate(i).toSdp() + "\"}");
        }
        until(() -> victim.heard.ports.size() + victim.client.dropped() == 2000);
        assertThat(victim.heard.ports).hasSizeBetween(CandidateBudget.AT_ONCE, 1000);
    }

    private void stayAwayForTooLong() throws Exception {
        Future<Void> left = b.client.peerLeft();
        wayOfA.shut();
        await(left);
    }

    private void assertBothHearAll() throws Exception {
        until(() -> a.heard.ports.size() >= b.said.size() && b.heard.ports.size() >= a.said.size());
        assertThat(a.heard.ports).isEqualTo(b.said);
        assertThat(b.heard.ports).isEqualTo(a.said);
    }

    private static Candidate candidate(int port) {
        return Candidate.parse("f 1 udp 1 192.0.2.1 " + port + " typ host").orElseThrow();
    }

    private final class Peer {
        final HeardMessages messages = new HeardMessages();
        final Heard heard = new Heard();
        final List<Integer> said = new ArrayList<>();
        final SignalingClient client;
        final TrickleExchange.Session session;

        Peer(URI uri, String name) throws Exception {
            client = await(SignalingClient.joinRoom(fixture.group, List.of(uri), "room", IMPATIENT, messages));
            session = client.trickle(Descriptions.bare(name), heard);
        }

        void sayNext() {
            said.add(said.size() + 1);
            session.add(candidate(said.size()));
        }
    }

    /** The ports of all candidates heard, in order. */
    private static final class Heard implements TrickleExchange.Candidates {
        final List<Integer> ports = new CopyOnWriteArrayList<>();
        volatile int ends;

        List<Integer> distinct() {
            return ports.stream().distinct().toList();
        }

        @Override
        public void add(Candidate candidate) {
            assertThat(candidate.usernameFragment()).isNull();
            ports.add(candidate.address().getPort());
        }

        @Override
        public synchronized void end() {
            ends++;
        }
    }
}
