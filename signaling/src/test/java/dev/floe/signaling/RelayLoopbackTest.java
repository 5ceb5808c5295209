package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.wire.RelayJson;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayLoopbackTest {

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
    void whateverOneSaysEveryOtherHears() throws Exception {
        WebSocketPeer a = joined();
        WebSocketPeer b = joined(a);
        WebSocketPeer c = joined(a, b);

        a.say("no JSON at all");
        a.sayInTwo("in two ", "pieces");
        a.sayBinary(new byte[3]);
        b.assertHears("no JSON at all", "in two pieces", "binary 3");
        c.assertHears("no JSON at all", "in two pieces", "binary 3");
        b.say("from b");
        a.assertHears("from b");
    }

    @Test
    void offererAndAnswererFindEachOther() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);
        Future<IceDescription> offer = answerer.exchange(Descriptions.named("answer"));

        assertThat(await(offer)).isEqualTo(Descriptions.named("offer"));
        assertThat(await(answer)).isEqualTo(Descriptions.named("answer"));
        assertThat(offerer.peerLeft().isDone()).isFalse();
    }

    @Test
    void trickleOverTheRelayWaitsForTheLastCandidateAndTellsAll() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        HeardCandidates heard = new HeardCandidates();
        TrickleExchange.Session session = offerer.trickle(Descriptions.bare("offer"), heard);
        Descriptions.named("offer").candidates().forEach(session::add);
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);
        Future<IceDescription> offer = answerer.exchange(Descriptions.named("answer"));
        assertThat(offer.isDone()).isFalse();
        session.end();

        assertThat(await(offer)).isEqualTo(Descriptions.named("offer"));
        assertThat(await(session.remote())).isEqualTo(Descriptions.named("answer"));
        assertThat(await(heard.all)).isEmpty();
    }

    @Test
    void offerHeardBeforeTheAnswererIsReadyIsAnswered() throws Exception {
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);
        WebSocketPeer offerer = joined();
        offerer.say(RelayJson.write(Descriptions.named("older")));
        offerer.say(RelayJson.write(Descriptions.named("offer")));
        offerer.say("that was all");
        SignalingFixture.until(() -> answerer.dropped() == 1);

        assertThat(await(answerer.exchange(Descriptions.named("answer")))).isEqualTo(Descriptions.named("offer"));
        offerer.assertHears(RelayJson.write(Descriptions.named("answer")));
    }

    @Test
    void offererRepeatsItselfUntilItIsAnswered() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        WebSocketPeer answerer = joined();
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));
        String offer = "{\"candidates\":[\"" + Descriptions.CANDIDATE + "\",\"" + Descriptions.REFLEXIVE
                + "\"],\"username\":\"offer\",\"password\":\"password-of-offer-0123456789\",\"fingerprint\":\""
                + "0123456789abcdef".repeat(4) + "\",\"options\":[\"renomination\"]}";

        answerer.assertHears(offer, offer);
        answerer.say("{\"candidates\":[],\"username\":\"abcd\",\"password\":\"0123456789012345678901\"}");
        IceDescription bare = await(answer);
        assertThat(bare.candidates()).isEmpty();
        assertThat(bare.options()).isEmpty();
        assertThat(bare.certificateFingerprint()).isEmpty();
    }

    @Test
    void answererSaysItAgainWhenTheOfferComesAgain() throws Exception {
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);
        Future<IceDescription> offer = answerer.exchange(Descriptions.named("answer"));
        WebSocketPeer offerer = joined();
        String said = RelayJson.write(Descriptions.named("offer"));
        String answered = RelayJson.write(Descriptions.named("answer"));

        offerer.say(said);
        offerer.assertHears(answered);
        await(offer);
        offerer.say(said);
        offerer.assertHears(answered);
        Future<IceDescription> next = answerer.exchange(Descriptions.named("answer2"));
        offerer.say(said);
        offerer.assertHears(answered);
        assertThat(next.isDone()).isFalse();
        offerer.say(RelayJson.write(Descriptions.named("offer2")));
        offerer.assertHears(RelayJson.write(Descriptions.named("answer2")));
        assertThat(await(next)).isEqualTo(Descriptions.named("offer2"));
    }

    @Test
    void junkEchoesAndOldAnswersAreIgnored() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        WebSocketPeer other = joined();
        other.say(RelayJson.write(Descriptions.named("early")));
        SignalingFixture.until(() -> offerer.dropped() == 1);
        Future<IceDescription> first = offerer.exchange(Descriptions.named("offer"));
        other.say("junk");
        other.say("{\"candidates\":[]}");
        other.say("{\"candidates\":\"none\",\"username\":\"abcd\",\"password\":\"0123456789012345678901\"}");
        other.sayBinary(new byte[] {(byte) 0xff, 0});
        other.say(RelayJson.write(Descriptions.named("offer")));
        other.say(RelayJson.write(Descriptions.named("first")));
        assertThat(await(first)).isEqualTo(Descriptions.named("first"));

        Future<IceDescription> second = offerer.exchange(Descriptions.named("offer2"));
        other.say(RelayJson.write(Descriptions.named("first")));
        other.sayBinary(RelayJson.write(Descriptions.named("second")).getBytes(StandardCharsets.UTF_8));
        assertThat(await(second)).isEqualTo(Descriptions.named("second"));
        assertThat(offerer.dropped()).isEqualTo(7);
    }

    @Test
    void descriptionWithUselessCredentialsFailsTheExchange() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));
        joined().say("{\"candidates\":[],\"username\":\"a b c\",\"password\":\"0123456789012345678901\"}");

        assertThat(failure(answer))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("bad-message"))
                .hasMessageContaining("characters other than visible ASCII");
    }

    /** A peer that the relay knows: the others hear it. */
    private WebSocketPeer joined(WebSocketPeer... others) throws Exception {
        WebSocketPeer peer = fixture.raw("/");
        if (others.length > 0) {
            peer.say("here");
        }
        for (WebSocketPeer other : others) {
            other.assertHears("here");
        }
        return peer;
    }
}
