package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StunKeyTest {
    private static final StunMessage.Builder REQUEST =
            StunMessage.request(StunMethod.BINDING, TransactionId.random(new Random(1)));

    /** The composed and the decomposed letter; a no-break, an ideographic and an ogham space. */
    @ParameterizedTest
    @CsvSource({"e\u0301t\u00e9, \u00e9te\u0301", "a\u00a0b, a b", "a\u3000b, a b", "a\u1680b, a b"})
    void passwordsThatLookTheSameAreTheSame(String one, String other) {
        StunMessage signed = REQUEST.sign(StunKey.shortTerm(one)).build();

        assertThat(signed.isSignedBy(StunKey.shortTerm(other))).isTrue();
    }

    @Test
    void caseAndSpacesMatter() {
        StunMessage signed = REQUEST.sign(StunKey.shortTerm("Pass word")).build();

        assertThat(signed.isSignedBy(StunKey.shortTerm("pass word"))).isFalse();
        assertThat(signed.isSignedBy(StunKey.shortTerm("Pass word "))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\0", "\u007f", "\u0085"})
    void controlCharactersAreRefused(String password) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StunKey.shortTerm(password))
                .withMessage("the password has a control character");
    }

    @Test
    void emptyPartsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StunKey.shortTerm(""))
                .withMessage("the password is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StunKey.longTerm("", "r", "p", PasswordAlgorithm.MD5))
                .withMessage("the user name is empty");
    }

    @Test
    void unknownAlgorithmIsRefused() {
        PasswordAlgorithm unknown = new PasswordAlgorithm(3, OctetString.of());

        assertThatIllegalArgumentException().isThrownBy(() -> StunKey.longTerm("u", "r", "p", unknown));
    }
}
