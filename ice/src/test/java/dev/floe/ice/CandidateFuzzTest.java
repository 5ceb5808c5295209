package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

class CandidateFuzzTest {

    @FuzzTest
    void anyTextIsRefusedInOneLineOrReadAndWrittenAgain(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Optional<Candidate> parsed;
        try {
            parsed = Candidate.parse(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(2 * Candidate.MAX_LENGTH);
            return;
        }
        parsed.ifPresent(candidate -> {
            assertThat(text).hasSizeLessThanOrEqualTo(Candidate.MAX_LENGTH);
            assertThat(Candidate.parse(candidate.toSdp())).contains(candidate);
        });
    }
}
