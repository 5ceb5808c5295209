package dev.floe.signaling.pake;

import static dev.floe.signaling.pake.InMemoryPeer.WORDS;
import static dev.floe.signaling.pake.InMemoryPeer.talk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.pake.PakeMessage.Acceptance;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeMessage.Proof;
import dev.floe.signaling.pake.PakeMessage.Reason;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import dev.floe.signaling.pake.PakeMessage.Round1;
import dev.floe.signaling.pake.PakeMessage.Round2;
import dev.floe.signaling.pake.PakeMessage.SecondPass;
import dev.floe.signaling.pake.PakeMessage.ThirdPass;
import java.math.BigInteger;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bouncycastle.crypto.agreement.jpake.JPAKEPrimeOrderGroups;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PakeHandshakeTest {

    private static final BigInteger P = JPAKEPrimeOrderGroups.NIST_3072.getP();
    private static final BigInteger Q = JPAKEPrimeOrderGroups.NIST_3072.getQ();
    private static final BigInteger G = JPAKEPrimeOrderGroups.NIST_3072.getG();

    private final PakeGuesses guesses = new PakeGuesses();
    private final InMemoryPeer initiator = new InMemoryPeer(PakeRole.INITIATOR);
    private final InMemoryPeer responder = new InMemoryPeer(PakeRole.RESPONDER, WORDS, guesses);

    @Test
    void bothEndWithWhatTheOtherHasSaid() {
        initiator.handshake.begin();
        talk(initiator, responder);

        assertOutcomes("complete", "complete");
        assertThat(initiator.accepted)
                .singleElement()
                .satisfies(heard -> assertThat(heard.withProof(null)).isEqualTo(responder.own));
        assertThat(responder.accepted)
                .singleElement()
                .satisfies(heard -> assertThat(heard.withProof(null)).isEqualTo(initiator.own));
    }

    @Test
    void initiatorShowsNothingToOneWithAnotherPassword() {
        InMemoryPeer guesser = new InMemoryPeer(PakeRole.RESPONDER, "cedar-ruler-planes", new PakeGuesses());
        initiator.handshake.begin();
        talk(initiator, guesser);

        assertThat(initiator.outcome()).isEqualTo(SignalingException.WRONG_CODE);
        assertThat(guesser.outcome()).isEqualTo(SignalingException.WRONG_CODE);
        assertThat(initiator.accepted).isEmpty();
        assertThat(initiator.failure).hasMessageNotContaining("cedar");
    }

    @Test
    void responderRefusesAnInitiatorThatGuessesAndPretendsNotToNotice() {
        PakeRun guess = PakeRun.open(new PakeSecret(PakeRole.INITIATOR, "a-wrong-guess", InMemoryPeer.ROOM));
        responder.hear(guess.first());
        PakeRun.Agreed agreed = agree(guess, responder.next(SecondPass.class));
        responder.hear(agreed.third());
        responder.next(Description.class);
        responder.hear(agreed.key().sign(initiator.own));

        assertThat(responder.outcome()).isEqualTo(SignalingException.WRONG_CODE);
        assertThat(responder.next(Refusal.class).reason()).isEqualTo(Reason.WRONG_CODE);
    }

    @Test
    void changedDescriptionOfTheResponderIsToldToBoth() {
        untilDescribed(PakeHandshakeTest::withAnotherFingerprint);
        talk(initiator, responder);

        assertOutcomes(SignalingException.FINGERPRINT_MISMATCH, SignalingException.FINGERPRINT_MISMATCH);
        assertThat(initiator.accepted).isEmpty();
    }

    @Test
    void changedDescriptionOfTheInitiatorIsToldToBoth() {
        untilDescribed(UnaryOperator.identity());
        responder.hear(withAnotherFingerprint(initiator.next(Description.class)));
        talk(initiator, responder);

        assertOutcomes(SignalingException.FINGERPRINT_MISMATCH, SignalingException.FINGERPRINT_MISMATCH);
        assertThat(responder.accepted).isEmpty();
    }

    static Stream<BigInteger> strangeElements() {
        return Stream.of(BigInteger.ZERO, BigInteger.ONE, P.subtract(BigInteger.ONE), P.add(G), BigInteger.TWO, G);
    }

    @ParameterizedTest
    @MethodSource("strangeElements")
    void elementsThatAreNoneAreRefusedInTheFirstPass(BigInteger element) {
        initiator.handshake.begin();
        FirstPass first = initiator.next(FirstPass.class);
        Round1 round = first.round1();
        responder.hear(new FirstPass(first.from(), new Round1(round.gx1(), round.proof1(), element, round.proof2())));
        talk(initiator, responder);

        assertOutcomes(SignalingException.BAD_MESSAGE, SignalingException.BAD_MESSAGE);
    }

    @ParameterizedTest
    @MethodSource("strangeElements")
    void elementsThatAreNoneAreRefusedInTheSecondPass(BigInteger element) {
        initiator.handshake.begin();
        responder.hear(initiator.next(FirstPass.class));
        SecondPass second = responder.next(SecondPass.class);
        initiator.hear(new SecondPass(
                second.from(),
                second.to(),
                second.round1(),
                new Round2(element, second.round2().proof())));
        talk(initiator, responder);

        assertOutcomes(SignalingException.BAD_MESSAGE, SignalingException.BAD_MESSAGE);
    }

    @ParameterizedTest
    @MethodSource("strangeElements")
    void elementsThatAreNoneAreRefusedInTheThirdPass(BigInteger element) {
        initiator.handshake.begin();
        responder.hear(initiator.next(FirstPass.class));
        initiator.hear(responder.next(SecondPass.class));
        ThirdPass third = initiator.next(ThirdPass.class);
        responder.hear(new ThirdPass(
                third.from(), third.to(), new Round2(element, third.round2().proof())));
        talk(initiator, responder);

        assertOutcomes(SignalingException.BAD_MESSAGE, SignalingException.BAD_MESSAGE);
    }

    // RFC 8236 §2.2: a private key of zero would take the password out of the other side's second round.
    @Test
    void neutralElementIsRefusedWithAValidProof() {
        PakeRun honest = PakeRun.open(new PakeSecret(PakeRole.INITIATOR, WORDS, InMemoryPeer.ROOM));
        Round1 round = honest.first().round1();
        // With x = 0 the response is the commitment's own exponent, whatever the challenge.
        Proof proof = new Proof(G.modPow(BigInteger.TEN, P), BigInteger.TEN);
        responder.hear(new FirstPass(honest.id(), new Round1(round.gx1(), round.proof1(), BigInteger.ONE, proof)));

        assertThat(responder.outcome()).isEqualTo(SignalingException.BAD_MESSAGE);
    }

    @Test
    void responseOfTheProofMustFit() {
        initiator.handshake.begin();
        FirstPass first = initiator.next(FirstPass.class);
        Round1 round = first.round1();
        Proof wrong = new Proof(
                round.proof1().commitment(),
                round.proof1().response().add(BigInteger.ONE).mod(Q));
        responder.hear(new FirstPass(first.from(), new Round1(round.gx1(), wrong, round.gx2(), round.proof2())));

        assertThat(responder.outcome()).isEqualTo(SignalingException.BAD_MESSAGE);
    }

    @Test
    void ownWordsSaidBackProveNothing() {
        initiator.handshake.begin();
        FirstPass own = initiator.next(FirstPass.class);
        initiator.hear(own);
        assertThat(initiator.outcome()).isEqualTo("waiting");

        Round1 round = own.round1();
        initiator.hear(new SecondPass(PakeId.random(), own.from(), round, new Round2(round.gx1(), round.proof1())));
        assertThat(initiator.outcome()).isEqualTo(SignalingException.BAD_MESSAGE);
    }

    @Test
    void ownDescriptionSaidBackIsNotTheOthers() {
        untilDescribed(UnaryOperator.identity());
        Description own = initiator.next(Description.class);
        initiator.hear(own);

        assertThat(initiator.outcome()).isEqualTo("waiting");
    }

    @Test
    void whatWasSaidInAnotherRunMeansNothing() {
        initiator.handshake.begin();
        FirstPass first = initiator.next(FirstPass.class);
        responder.hear(first);
        SecondPass second = responder.next(SecondPass.class);
        initiator.hear(second);
        ThirdPass third = initiator.next(ThirdPass.class);
        responder.hear(third);
        Description described = responder.next(Description.class);
        initiator.hear(described);
        Description answered = initiator.next(Description.class);
        responder.hear(answered);
        Acceptance acceptance = responder.next(Acceptance.class);

        InMemoryPeer nextInitiator = new InMemoryPeer(PakeRole.INITIATOR);
        nextInitiator.handshake.begin();
        InMemoryPeer nextResponder = new InMemoryPeer(PakeRole.RESPONDER);
        nextResponder.hear(nextInitiator.said.peek());
        for (Object replayed : List.of(second, described, acceptance, third, answered)) {
            nextInitiator.hear(replayed);
            nextResponder.hear(replayed);
        }
        talk(nextInitiator, nextResponder);

        assertThat(nextInitiator.outcome()).isEqualTo("complete");
        assertThat(nextResponder.outcome()).isEqualTo("complete");
    }

    @Test
    void replayedFirstPassLeadsNowhere() {
        initiator.handshake.begin();
        FirstPass old = initiator.next(FirstPass.class);
        responder.hear(old);
        responder.next(SecondPass.class);
        responder.hear(old);

        assertThat(responder.said).isEmpty();
        assertThat(responder.outcome()).isEqualTo("waiting");
    }

    @Test
    void messagesOutOfTurnMeanNothing() {
        ThirdPass third = new ThirdPass(PakeId.ANYBODY, PakeId.ANYBODY, new Round2(G, new Proof(G, G)));
        responder.hear(third);
        initiator.hear(new SecondPass(
                PakeId.ANYBODY, PakeId.ANYBODY, new Round1(G, new Proof(G, G), G, new Proof(G, G)), third.round2()));
        initiator.hear(new Acceptance(PakeId.ANYBODY, PakeId.ANYBODY));
        responder.hear(responder.own);
        responder.hear(new Refusal(PakeId.random(), PakeId.random(), Reason.WRONG_CODE));

        assertOutcomes("waiting", "waiting");
    }

    @Test
    void newcomerGetsARunOfItsOwn() {
        initiator.handshake.begin();
        FirstPass first = initiator.next(FirstPass.class);
        responder.hear(first);
        initiator.hear(responder.next(SecondPass.class));
        ThirdPass third = initiator.next(ThirdPass.class);

        InMemoryPeer newcomer = new InMemoryPeer(PakeRole.RESPONDER);
        newcomer.hear(first);
        newcomer.hear(third);
        talk(initiator, newcomer);

        assertThat(initiator.outcome()).isEqualTo("complete");
        assertThat(newcomer.outcome()).isEqualTo("complete");
    }

    @Test
    void breakingOffAfterTheResponderHasShownItsProofIsLetGoTwice() {
        for (int i = 0; i < 1 + PakeGuesses.MAX_BROKEN_OFF; i++) {
            PakeRun guess = PakeRun.open(new PakeSecret(PakeRole.INITIATOR, "guess " + i, InMemoryPeer.ROOM));
            responder.hear(guess.first());
            responder.hear(agree(guess, responder.next(SecondPass.class)).third());
            responder.next(Description.class);
        }
        initiator.handshake.begin();
        talk(initiator, responder);

        assertOutcomes(SignalingException.WRONG_CODE, SignalingException.WRONG_CODE);
    }

    @Test
    void guessesCountOverSessions() {
        for (int i = 0; i < 1 + PakeGuesses.MAX_BROKEN_OFF; i++) {
            InMemoryPeer session = new InMemoryPeer(PakeRole.RESPONDER, WORDS, guesses);
            PakeRun guess = PakeRun.open(new PakeSecret(PakeRole.INITIATOR, "guess " + i, InMemoryPeer.ROOM));
            session.hear(guess.first());
            session.hear(agree(guess, session.next(SecondPass.class)).third());
        }
        initiator.handshake.begin();
        talk(initiator, responder);

        assertThat(responder.outcome()).isEqualTo(SignalingException.WRONG_CODE);
    }

    @Test
    void rightPeersCostNoGuesses() {
        for (int i = 0; i < 5; i++) {
            InMemoryPeer one = new InMemoryPeer(PakeRole.INITIATOR);
            InMemoryPeer other = new InMemoryPeer(PakeRole.RESPONDER, WORDS, guesses);
            one.handshake.begin();
            talk(one, other);
            assertThat(other.outcome()).isEqualTo("complete");
        }
    }

    @Test
    void nobodyMakesTheOtherSideCalculateForEver() {
        for (int i = 0; i < 100 && responder.isWanted(); i++) {
            responder.hear(PakeRun.open(new PakeSecret(PakeRole.INITIATOR, WORDS, InMemoryPeer.ROOM))
                    .first());
        }

        assertThat(responder.outcome()).isEqualTo(SignalingException.BAD_MESSAGE);
        assertThat(responder.said).hasSizeLessThan(20);
    }

    /** As far as the initiator's judgement of the responder's description. */
    private void untilDescribed(UnaryOperator<Description> change) {
        initiator.handshake.begin();
        responder.hear(initiator.next(FirstPass.class));
        initiator.hear(responder.next(SecondPass.class));
        responder.hear(initiator.next(ThirdPass.class));
        initiator.hear(change.apply(responder.next(Description.class)));
    }

    private void assertOutcomes(String ofInitiator, String ofResponder) {
        assertThat(List.of(initiator.outcome(), responder.outcome())).containsExactly(ofInitiator, ofResponder);
    }

    private static PakeRun.Agreed agree(PakeRun run, SecondPass second) {
        try {
            return run.hear(second);
        } catch (SignalingException e) {
            throw new AssertionError(e);
        }
    }

    private static Description withAnotherFingerprint(Description said) {
        return new Description(said.username(), said.password(), "f".repeat(64), said.options(), said.proof());
    }
}
