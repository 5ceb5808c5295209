package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.wire.SignalJson;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two peers with one password, and a signaling server that is not on their side: each believes to be in one room. */
class HostileServerLoopbackTest {

    private static final String ROOM = "floe-42";
    private static final String WORDS = "cedar-ruler-planet";
    private static final String FOREIGN = "f".repeat(64);

    private SignalingFixture sendersServer;
    private SignalingFixture receiversServer;
    private TrickleExchange.Session sending;
    private TrickleExchange.Session receiving;
    private final HeardCandidates heardBySender = new HeardCandidates();

    @BeforeEach
    void start() throws Exception {
        sendersServer = new SignalingFixture();
        receiversServer = new SignalingFixture();
    }

    @AfterEach
    void stop() throws Exception {
        sendersServer.stop();
        receiversServer.stop();
    }

    @Test
    void serverThatPassesEverythingOnLearnsNothingThatMatters() throws Exception {
        HeardMessages seen = new HeardMessages();
        between(
                message -> {
                    seen.accept(message);
                    return message;
                },
                message -> {
                    seen.accept(message);
                    return message;
                });

        assertThat(await(sending.remote()).fingerprint())
                .isEqualTo(Descriptions.bare("bbbb").fingerprint());
        await(receiving.remote());
        assertThat(seen.all())
                .isNotEmpty()
                .allSatisfy(message ->
                        assertThat(plain(message)).doesNotContain("cedar").doesNotContain("planet"));
    }

    /** All that a server can read of it. */
    private static String plain(SignalMessage message) {
        String payload = message instanceof Pake pake
                ? new String(Base64.getUrlDecoder().decode(pake.payload()), StandardCharsets.ISO_8859_1)
                : "";
        return SignalJson.write(message) + payload;
    }

    @Test
    void swappedFingerprintOfTheReceiverIsNoticedByBoth() throws Exception {
        between(UnaryOperator.identity(), HostileServerLoopbackTest::withForeignFingerprint);

        assertCodes(SignalingException.FINGERPRINT_MISMATCH);
    }

    @Test
    void swappedFingerprintOfTheSenderIsNoticedByBoth() throws Exception {
        between(HostileServerLoopbackTest::withForeignFingerprint, UnaryOperator.identity());

        assertCodes(SignalingException.FINGERPRINT_MISMATCH);
    }

    @Test
    void descriptionOfSomebodyElseIsNoticedByBoth() throws Exception {
        between(
                UnaryOperator.identity(),
                message -> message instanceof Description
                        ? new Description("mmmm", "password-of-somebody-in-between", FOREIGN, List.of())
                        : message);

        assertCodes(SignalingException.FINGERPRINT_MISMATCH);
    }

    @Test
    void serverThatGuessesSpendsTheCodeOfBoth() throws Exception {
        SignalingClient guessingReceiver = sendersServer.joinRoom(ROOM);
        guessingReceiver
                .trickle(PakeRole.RESPONDER, "wrong-wrong-wrong")
                .begin(Descriptions.bare("mmmm"), heardBySender);
        SignalingClient guessingSender = receiversServer.joinRoom(ROOM);
        guessingSender.trickle(PakeRole.INITIATOR, "wrong-wrong-wrong").begin(Descriptions.bare("nnnn"), heardBySender);
        beginBoth();

        assertCodes(SignalingException.WRONG_CODE);
    }

    @Test
    void keyExchangeThatIsMeddledWithIsNoticedByBoth() throws Exception {
        between(
                UnaryOperator.identity(),
                message ->
                        message instanceof Pake pake ? new Pake(pake.payload().substring(4)) : message);

        assertThat(code(sending)).isEqualTo(SignalingException.BAD_MESSAGE);
        assertThat(code(receiving)).isEqualTo(SignalingException.BAD_MESSAGE);
    }

    @Test
    void madeUpCandidatesAreOnlyPlacesToLookAt() throws Exception {
        between(
                UnaryOperator.identity(),
                message -> message instanceof EndOfCandidates
                        ? new CandidateLine("f9 1 udp 2130706431 192.0.2.99 9 typ host")
                        : message);

        IceDescription heard = await(sending.remote());
        assertThat(heard.fingerprint()).isEqualTo(Descriptions.bare("bbbb").fingerprint());
        await(receiving.remote());
    }

    /** Begins, with a server that passes on what it likes. */
    private void between(UnaryOperator<SignalMessage> toReceiver, UnaryOperator<SignalMessage> toSender)
            throws Exception {
        Ear atSender = new Ear(toReceiver);
        Ear atReceiver = new Ear(toSender);
        atReceiver.mouth = join(sendersServer, atSender);
        atSender.mouth = join(receiversServer, atReceiver);
        beginBoth();
    }

    private void beginBoth() throws Exception {
        sending = sendersServer
                .joinRoom(ROOM)
                .trickle(PakeRole.INITIATOR, WORDS)
                .begin(Descriptions.bare("aaaa"), new Ignored());
        receiving = receiversServer
                .joinRoom(ROOM)
                .trickle(PakeRole.RESPONDER, WORDS)
                .begin(Descriptions.bare("bbbb"), new Ignored());
        receiving.end();
    }

    private void assertCodes(String code) throws Exception {
        assertThat(List.of(code(sending), code(receiving))).containsExactly(code, code);
    }

    private static String code(TrickleExchange.Session session) throws Exception {
        return ((SignalingException) failure(session.remote())).code();
    }

    private static SignalingClient join(SignalingFixture server, Ear ear) throws Exception {
        return await(SignalingClient.joinRoom(
                server.group, List.of(server.uri()), ROOM, SignalingClientConfig.DEFAULT, ear));
    }

    private static SignalMessage withForeignFingerprint(SignalMessage message) {
        return message instanceof Description said
                ? new Description(said.username(), said.password(), FOREIGN, said.options(), said.proof())
                : message;
    }

    /** Hears what one of the two says, and says it to the other in its own way. */
    private static final class Ear implements Consumer<SignalMessage> {
        private final UnaryOperator<SignalMessage> change;
        private volatile SignalingClient mouth;

        Ear(UnaryOperator<SignalMessage> change) {
            this.change = change;
        }

        @Override
        public void accept(SignalMessage message) {
            boolean isPeers = message instanceof Description
                    || message instanceof Pake
                    || message instanceof CandidateLine
                    || message instanceof EndOfCandidates;
            if (isPeers) {
                mouth.say(change.apply(message));
            }
        }
    }

    private static final class Ignored implements TrickleExchange.Candidates {
        @Override
        public void add(Candidate candidate) {}

        @Override
        public void end() {}
    }
}
