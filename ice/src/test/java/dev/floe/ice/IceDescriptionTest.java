package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IceDescriptionTest {

    private static final IceCredentials CREDENTIALS = new IceCredentials("frag", "a-password-of-22-chars");

    @Test
    void fingerprintOfSixtyFourLowerCaseDigitsIsTaken() {
        String fingerprint = "0123456789abcdef".repeat(4);

        assertThat(new IceDescription(CREDENTIALS, fingerprint, Set.of(), List.of()).certificateFingerprint())
                .contains(fingerprint);
        assertThat(new IceDescription(CREDENTIALS, null, Set.of(), List.of()).certificateFingerprint())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "AB:CD", "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    void otherFingerprintIsRefused(String fingerprint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IceDescription(CREDENTIALS, fingerprint, Set.of(), List.of()))
                .withMessageContaining("64");
    }

    @Test
    void tooManyOptionsAreRefused() {
        Set<String> options =
                IntStream.range(0, 33).mapToObj(i -> "option-" + i).collect(Collectors.toSet());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IceDescription(CREDENTIALS, null, options, List.of()))
                .withMessageContaining("33");
    }

    @Test
    void pacingIsReadFromItsOption() {
        assertThat(withOption("ice-pacing:20").icePacing()).hasValue(20);
        assertThat(withOption(IceDescription.icePacing(5)).icePacing()).hasValue(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ice-pacing", "ice-pacing:", "ice-pacing:-5", "ice-pacing:x", "ice-pacing:12345"})
    void pacingThatMakesNoSenseIsNone(String option) {
        assertThat(withOption(option).icePacing()).isEmpty();
    }

    @Test
    void laterChangesOfTheArgumentsChangeNothing() {
        List<Candidate> candidates = new ArrayList<>();
        IceDescription description = new IceDescription(CREDENTIALS, null, Set.of(), candidates);
        candidates.add(Candidate.parse("1 1 udp 1 192.0.2.1 5000 typ host").orElseThrow());

        assertThat(description.candidates()).isEmpty();
    }

    private static IceDescription withOption(String option) {
        return new IceDescription(CREDENTIALS, null, Set.of(option), List.of());
    }
}
