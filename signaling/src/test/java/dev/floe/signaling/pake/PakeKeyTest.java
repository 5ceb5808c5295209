package dev.floe.signaling.pake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.pake.PakeKey.Judgement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PakeKeyTest {

    private static final PakeId ALICE = PakeId.random();
    private static final PakeId BOB = PakeId.random();
    private static final PakeKey ALICES = new PakeKey(PakeRole.INITIATOR, ALICE, BOB, new byte[32]);
    private static final PakeKey BOBS = new PakeKey(PakeRole.RESPONDER, BOB, ALICE, new byte[32]);
    private static final Description SAID =
            new Description("user", "an-ice-password-0123456789", "0123456789abcdef".repeat(4), List.of("one", "two"));
    private static final Description SIGNED = ALICES.sign(SAID);

    static Stream<Description> changes() {
        return Stream.of(
                changed("userx", SAID.password(), SAID.fingerprint(), SAID.options()),
                changed(SAID.username(), "another-password-0123456789", SAID.fingerprint(), SAID.options()),
                changed(SAID.username(), SAID.password(), "f".repeat(64), SAID.options()),
                changed(SAID.username(), SAID.password(), null, SAID.options()),
                changed(SAID.username(), SAID.password(), SAID.fingerprint(), List.of("one")),
                changed(SAID.username(), SAID.password(), SAID.fingerprint(), List.of("two", "one")),
                changed(SAID.username(), SAID.password(), SAID.fingerprint(), List.of("onetwo")),
                changed("use", "r" + SAID.password(), SAID.fingerprint(), SAID.options()),
                SIGNED.withProof(null),
                SIGNED.withProof(""),
                SIGNED.withProof("no base64!"),
                SIGNED.withProof(SIGNED.proof() + "AAAA"),
                SIGNED.withProof("A".repeat(1 << 16)));
    }

    @Test
    void whatIsSignedIsGenuineToTheOtherSideAlone() {
        assertThat(BOBS.judge(SIGNED)).isEqualTo(Judgement.GENUINE);
        assertThat(ALICES.judge(SIGNED)).isEqualTo(Judgement.STALE);
        assertThat(ALICES.judge(BOBS.sign(SAID))).isEqualTo(Judgement.GENUINE);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void whateverIsChangedIsNoticed(Description changed) {
        assertThat(BOBS.judge(changed)).isEqualTo(Judgement.CHANGED);
    }

    @Test
    void whatWasSignedInAnotherRunIsStale() {
        PakeKey another = new PakeKey(PakeRole.RESPONDER, PakeId.random(), ALICE, new byte[32]);

        assertThat(another.judge(SIGNED)).isEqualTo(Judgement.STALE);
    }

    @Test
    void anotherKeyIsAWrongOne() {
        byte[] bytes = new byte[32];
        bytes[31] = 1;

        assertThat(new PakeKey(PakeRole.RESPONDER, BOB, ALICE, bytes).judge(SIGNED))
                .isEqualTo(Judgement.WRONG_KEY);
    }

    // In the same roles, with the names turned round: the tag says whose it is.
    @Test
    void ownTagSaidBackIsAWrongOne() {
        PakeKey mirrored = new PakeKey(PakeRole.INITIATOR, BOB, ALICE, new byte[32]);

        assertThat(mirrored.judge(SIGNED)).isEqualTo(Judgement.WRONG_KEY);
    }

    private static Description changed(String username, String password, String fingerprint, List<String> options) {
        return new Description(username, password, fingerprint, options, SIGNED.proof());
    }
}
