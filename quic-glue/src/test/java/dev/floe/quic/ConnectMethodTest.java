package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectMethodTest {

    @Test
    void iceGoesWithoutSayingAndOthersAreNamed() {
        assertThat(ConnectMethod.ICE.addedTo(Set.of("trickle"))).containsExactly("trickle");
        assertThat(ConnectMethod.PUNCH.addedTo(Set.of("trickle"))).containsExactly("trickle", "method:punch");
        assertThat(ConnectMethod.DRAFT.addedTo(Set.of())).containsExactly("method:draft");
    }

    @ParameterizedTest
    @EnumSource
    void eachGoesWithItselfAlone(ConnectMethod method) {
        for (ConnectMethod other : ConnectMethod.values()) {
            IceDescription remote = description(other.addedTo(Set.of("trickle")));
            if (other == method) {
                assertThatCode(() -> method.requireOf(remote)).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(() -> method.requireOf(remote))
                        .isInstanceOf(MethodMismatchException.class)
                        .hasMessageContaining("'" + other.word() + "'")
                        .hasMessageContaining("'" + method.word() + "'");
            }
        }
    }

    @Test
    void methodThatIsNotKnownIsNamedInOneShortPrintableLine() {
        IceDescription remote = description(Set.of("method:" + "\u001b\n".repeat(1000)));
        assertThatThrownBy(() -> ConnectMethod.ICE.requireOf(remote))
                .isInstanceOf(MethodMismatchException.class)
                .message()
                .hasSizeLessThan(200)
                .matches("[ -~]+");
    }

    private static IceDescription description(Set<String> options) {
        return new IceDescription(new IceCredentials("user", "a-password-of-22-chars"), null, options, List.of());
    }
}
