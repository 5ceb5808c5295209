package dev.floe.demo.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransferCodeTest {

    private static final TransferCode CODE = new TransferCode(42, List.of("cedar", "ruler", "planet"));

    @Test
    void roomSaysNothingOfTheWords() {
        assertThat(CODE).hasToString("42-cedar-ruler-planet");
        assertThat(CODE.room()).isEqualTo("floe-42");
        assertThat(CODE.password()).isEqualTo("cedar-ruler-planet");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "42-cedar-ruler-planet",
                " 42 Cedar  RULER planet\n",
                "0042-cedar-ruler-planet",
                "42 - cedar - ruler - planet.",
                "42‑cedar–ruler—planet",
                "42,cedar,ruler,planet"
            })
    void codeIsReadAsPeopleTypeIt(String typed) {
        assertThat(TransferCode.parse(typed)).isEqualTo(CODE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "42",
                "cedar-ruler-planet",
                "42-cedar-ruler",
                "42-cedar-ruler-planet-planet",
                "0-cedar-ruler-planet",
                "10000-cedar-ruler-planet",
                "-42-7-ruler-planet-x",
                "४२-cedar-ruler-planet"
            })
    void whatIsNoCodeIsRefusedWithAnExample(String typed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferCode.parse(typed))
                .withMessageContaining("42-cedar-ruler-planet")
                .withMessageNotContaining("\n");
    }

    @Test
    void unknownWordIsAnsweredWithTheNearest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferCode.parse("42-cedar-rular-planet"))
                .withMessageContaining("'rular'")
                .withMessageContaining("ruler");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferCode.parse("42-" + "x".repeat(100_000) + "-ruler-planet"))
                .withMessageNotContaining("xxxxxxxxxx");
    }

    @Test
    void newCodesCanBeReadAgainAndDiffer() {
        SecureRandom random = new SecureRandom();
        TransferCode code = TransferCode.random(random);
        assertThat(TransferCode.parse(code.toString())).isEqualTo(code).isNotEqualTo(TransferCode.random(random));
    }

    @Test
    void wordsAreManyShortAndNoTypingErrorApart() {
        List<String> words = WordList.words();
        assertThat(words)
                .hasSizeGreaterThanOrEqualTo(512)
                .allSatisfy(word -> assertThat(word).matches("[a-z]{3,9}"));
        for (int i = 0; i < words.size(); i++) {
            for (String other : words.subList(0, i)) {
                assertThat(WordList.distance(words.get(i), other))
                        .as("%s and %s", words.get(i), other)
                        .isGreaterThan(1);
            }
        }
    }
}
