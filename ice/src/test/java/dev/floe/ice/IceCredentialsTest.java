package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IceCredentialsTest {

    private static final String PASSWORD = "p".repeat(22);

    @Test
    void randomCredentialsDifferAndAreLongEnough() {
        SplittableRandom random = new SplittableRandom(1);
        IceCredentials first = IceCredentials.random(random);
        IceCredentials second = IceCredentials.random(random);

        assertThat(first).isNotEqualTo(second);
        assertThat(first.usernameFragment()).hasSize(8).matches("[A-Za-z0-9+/]+");
        assertThat(first.password()).hasSize(24).matches("[A-Za-z0-9+/]+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "ab:cd", "ab cd", "abcd\n", "äöüß"})
    void badUsernameFragmentIsRefused(String fragment) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IceCredentials(fragment, PASSWORD))
                .withMessageContaining("username fragment");
    }

    @Test
    void lengthsAreThoseOfTheRfc() {
        assertThat(new IceCredentials("abcd", PASSWORD).password()).hasSize(22);
        assertThat(new IceCredentials("a".repeat(256), "p".repeat(256)).usernameFragment())
                .hasSize(256);
        assertThatIllegalArgumentException().isThrownBy(() -> new IceCredentials("a".repeat(257), PASSWORD));
        assertThatIllegalArgumentException().isThrownBy(() -> new IceCredentials("abcd", "p".repeat(257)));
        assertThatIllegalArgumentException().isThrownBy(() -> new IceCredentials("abcd", "p".repeat(21)));
    }

    @Test
    void whatOthersSendOutsideIceCharIsTaken() {
        assertThat(new IceCredentials("ab-_", "=".repeat(22)).usernameFragment())
                .isEqualTo("ab-_");
    }

    @Test
    void passwordIsNotShown() {
        assertThat(new IceCredentials("abcd", "secret".repeat(4)).toString())
                .contains("abcd")
                .doesNotContain("secret");
    }
}
