package dev.floe.demo;

import static dev.floe.demo.lab.NatKind.FULL_CONE;
import static dev.floe.demo.lab.NatKind.NONE;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static dev.floe.demo.lab.NatKind.SYMMETRIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class LabNatsTest {

    private final LabNats.Converter converter = new LabNats.Converter();

    @Test
    void namesAreReadInAnyForm() {
        assertThat(converter.convert("full-cone,symmetric")).isEqualTo(new LabNats(FULL_CONE, SYMMETRIC));
        assertThat(converter.convert("NONE, Port_Restricted")).isEqualTo(new LabNats(NONE, PORT_RESTRICTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "none,none,none", "none,", "none,cone"})
    void allElseIsRefused(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining(text.isEmpty() ? "expected" : "', expected ");
    }
}
