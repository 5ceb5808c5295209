package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static dev.floe.signaling.SignalingFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PakeLoopbackTest {

    private static final String ROOM = "floe-42";
    private static final String WORDS = "cedar-ruler-planet";

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
    void twoWhoKnowThePasswordTrustEachOthersDescriptions() throws Exception {
        SignalingClient sender = fixture.joinRoom(ROOM);
        HeardCandidates heardBySender = new HeardCandidates();
        TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaaa", heardBySender);
        SignalingClient receiver = fixture.joinRoom(ROOM);
        HeardCandidates heardByReceiver = new HeardCandidates();
        TrickleExchange.Session receiving = begin(receiver, PakeRole.RESPONDER, "bbbb", heardByReceiver);
        Candidate late = Candidate.parse(Descriptions.REFLEXIVE).orElseThrow();
        receiving.add(late);
        receiving.end();

        IceDescription heard = await(sending.remote());
        assertThat(heard.credentials()).isEqualTo(Descriptions.bare("bbbb").credentials());
        assertThat(heard.fingerprint()).isEqualTo(Descriptions.bare("bbbb").fingerprint());
        assertThat(await(receiving.remote()).credentials())
                .isEqualTo(Descriptions.bare("aaaa").credentials());

        sending.add(late);
        sending.end();
        assertThat(await(heardByReceiver.all)).containsExactly(late);
        await(heardBySender.all);
        assertThat(heard.candidates().isEmpty())
                .isNotEqualTo(heardBySender.all.getNow().isEmpty());
        assertThat(sender.dropped() + receiver.dropped()).isZero();
    }

    @Test
    void responderMayBeThereFirst() throws Exception {
        SignalingClient receiver = fixture.joinRoom(ROOM);
        TrickleExchange.Session receiving = begin(receiver, PakeRole.RESPONDER, "bbbb");
        TrickleExchange.Session sending = begin(fixture.joinRoom(ROOM), PakeRole.INITIATOR, "aaaa");

        await(receiving.remote());
        await(sending.remote());
    }

    @Test
    void wrongCodeIsToldToBothSidesAndSpendsTheRightOne() throws Exception {
        SignalingClient sender = fixture.joinRoom(ROOM);
        TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaaa");
        SignalingClient guesser = fixture.joinRoom(ROOM);
        TrickleExchange.Session guessing =
                guesser.trickle(PakeRole.RESPONDER, "cedar-ruler-plane").begin(Descriptions.bare("bbbb"), ignoring());

        assertThat(code(guessing)).isEqualTo(SignalingException.WRONG_CODE);
        assertThat(code(sending)).isEqualTo(SignalingException.WRONG_CODE);
        assertThat(code(begin(sender, PakeRole.INITIATOR, "cccc"))).isEqualTo(SignalingException.WRONG_CODE);
    }

    @Test
    void passwordNeedsCharactersAndARoom() {
        assertThatThrownBy(() -> fixture.joinRoom(ROOM).trickle(PakeRole.INITIATOR, ""))
                .hasMessageContaining("empty password");
        assertThatThrownBy(() -> fixture.joinRelay(RelayRole.OFFERER).trickle(PakeRole.INITIATOR, WORDS))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void newcomerTakesThePlaceOfOneWhoDiedAtAnyStep() throws Exception {
        SignalingClient sender = fixture.joinRoom(ROOM);
        TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaaa");
        for (int messages = 1; messages <= 3; messages++) {
            dieAfter(messages);
        }
        TrickleExchange.Session receiving = begin(fixture.joinRoom(ROOM), PakeRole.RESPONDER, "bbbb");

        await(receiving.remote());
        assertThat(await(sending.remote()).credentials())
                .isEqualTo(Descriptions.bare("bbbb").credentials());
    }

    @Test
    void eachNewSessionOfTheSameTwoIsRunAnew() throws Exception {
        SignalingClient sender = fixture.joinRoom(ROOM);
        SignalingClient receiver = fixture.joinRoom(ROOM);
        for (int i = 0; i < 3; i++) {
            TrickleExchange.Session receiving = begin(receiver, PakeRole.RESPONDER, "bbb" + i);
            TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaa" + i);

            assertThat(await(sending.remote()).credentials())
                    .isEqualTo(Descriptions.bare("bbb" + i).credentials());
            assertThat(await(receiving.remote()).credentials())
                    .isEqualTo(Descriptions.bare("aaa" + i).credentials());
        }
    }

    @Test
    void restartedInitiatorFindsTheWaitingResponder() throws Exception {
        SignalingClient receiver = fixture.joinRoom(ROOM);
        SignalingClient first = fixture.joinRoom(ROOM);
        TrickleExchange.Session receiving = begin(receiver, PakeRole.RESPONDER, "bbb1");
        await(begin(first, PakeRole.INITIATOR, "aaa1").remote());
        await(receiving.remote());
        TrickleExchange.Session receivingAgain = begin(receiver, PakeRole.RESPONDER, "bbb2");
        first.close();
        await(first.closed());
        TrickleExchange.Session sending = begin(fixture.joinRoom(ROOM), PakeRole.INITIATOR, "aaa2");

        assertThat(await(receivingAgain.remote()).credentials())
                .isEqualTo(Descriptions.bare("aaa2").credentials());
        await(sending.remote());
    }

    @Test
    void handshakeGoesOnWhenConnectionsAreLostAndWhenTheServerHasForgottenTheRoom() throws Exception {
        SignalingFixture next = new SignalingFixture();
        try (FlakyProxy proxy = new FlakyProxy(fixture.group, fixture.server.address())) {
            SignalingClient sender = await(SignalingClient.joinRoom(fixture.group, proxy.uri(), ROOM));
            TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaaa");
            proxy.redirect(next.server.address());
            HeardMessages heard = new HeardMessages();
            TrickleExchange.Session receiving = begin(join(proxy.uri(), heard), PakeRole.RESPONDER, "bbbb");
            until(() -> heard.all().stream().anyMatch(SignalMessage.Pake.class::isInstance));
            proxy.cut();

            await(receiving.remote());
            assertThat(await(sending.remote()).credentials())
                    .isEqualTo(Descriptions.bare("bbbb").credentials());
        } finally {
            next.stop();
        }
    }

    @Test
    void peerWithoutAPasswordIsNotTaken() throws Exception {
        SignalingClient plain = fixture.joinRoom(ROOM);
        plain.trickle(Descriptions.bare("pppp"), ignoring());
        SignalingClient sender = fixture.joinRoom(ROOM);
        TrickleExchange.Session sending = begin(sender, PakeRole.INITIATOR, "aaaa");
        until(() -> sender.dropped() > 0);
        assertThat(sending.remote().isDone()).isFalse();
    }

    /** Dies on hearing the message, before it can say what that message calls for. */
    private void dieAfter(int messages) throws Exception {
        CompletableFuture<SignalingClient> begun = new CompletableFuture<>();
        AtomicInteger heard = new AtomicInteger();
        SignalingClient dying = join(fixture.uri(), message -> {
            if (message instanceof SignalMessage.Pake && heard.incrementAndGet() == messages) {
                begun.thenAccept(SignalingClient::close);
            }
        });
        TrickleExchange.Session session = begin(dying, PakeRole.RESPONDER, "dead");
        begun.complete(dying);
        await(dying.closed());
        assertThat(session.remote().isDone()).isTrue();
    }

    private SignalingClient join(URI server, Consumer<SignalMessage> listener) throws Exception {
        return await(SignalingClient.joinRoom(
                fixture.group, List.of(server), ROOM, SignalingClientConfig.DEFAULT, listener));
    }

    private static TrickleExchange.Session begin(SignalingClient client, PakeRole role, String name) {
        return begin(client, role, name, ignoring());
    }

    private static TrickleExchange.Session begin(
            SignalingClient client, PakeRole role, String name, TrickleExchange.Candidates theirs) {
        return client.trickle(role, WORDS).begin(Descriptions.bare(name), theirs);
    }

    private static String code(TrickleExchange.Session session) throws Exception {
        return ((SignalingException) failure(session.remote())).code();
    }

    private static TrickleExchange.Candidates ignoring() {
        return new TrickleExchange.Candidates() {
            @Override
            public void add(Candidate candidate) {}

            @Override
            public void end() {}
        };
    }
}
