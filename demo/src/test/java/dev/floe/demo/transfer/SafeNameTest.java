package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "ü 日本.txt", "-rf", ".hidden", "...", "a..b", "aux.c", "~", "$HOME", "a b "})
    void harmlessNameStaysAsItIs(String name) {
        assertThat(SafeName.of(name, false)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "'', _",
        "., _",
        ".., _",
        "../../etc/passwd, .._.._etc_passwd",
        "/etc/passwd, _etc_passwd",
        "C:\\x, C:_x",
        "'a\u0000b', a_b",
        "'a\u001b[2Jb', a_[2Jb",
        "'a\nb', a_b",
        "'ann\u202etxt.exe', ann_txt.exe",
        "'a\ud800b', a_b"
    })
    void nameThatLeadsElsewhereLeadsNowhere(String name, String safe) {
        assertThat(SafeName.of(name, false)).isEqualTo(safe);
    }

    @ParameterizedTest
    @CsvSource({
        "con, _con",
        "NUL.txt, _NUL.txt",
        "com1 .x, _com1 .x",
        "LPT³, _LPT³",
        "console, console",
        "a:stream, a_stream",
        "what?, what_",
        "'dot. ', dot__",
        "'..', '_'"
    })
    void windowsGetsNoDeviceAndNoStream(String name, String safe) {
        String made = SafeName.of(name, true);
        assertThat(made.replaceAll("_+$", "_")).isEqualTo(safe.replaceAll("_+$", "_"));
    }

    @Test
    void longNameKeepsItsExtensionAndFits() {
        assertThat(SafeName.of("ä".repeat(300) + ".txt", false))
                .endsWith("ä.txt")
                .satisfies(SafeNameTest::fits);
        assertThat(SafeName.of("x".repeat(10) + "." + "y".repeat(300), false)).satisfies(SafeNameTest::fits);
        String emoji = SafeName.of("😀".repeat(100), false);
        assertThat(emoji).isEqualTo("😀".repeat(63));
        assertThat(SafeName.numbered("n".repeat(255), 12)).endsWith("n (12)").satisfies(SafeNameTest::fits);
    }

    @Test
    void numberStandsBeforeTheExtension() {
        assertThat(SafeName.numbered("a.txt", 0)).isEqualTo("a.txt");
        assertThat(SafeName.numbered("a.txt", 1)).isEqualTo("a (1).txt");
        assertThat(SafeName.numbered(".profile", 2)).isEqualTo(".profile (2)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "ü 日本+%41.txt", "a*b?#c", "😀"})
    void nameIsTheSameInAnyLocale(String name) {
        Path path = FileNames.in(Path.of("folder"), name);
        assertThat(path.getParent()).isEqualTo(Path.of("folder"));
        assertThat(FileNames.of(path.toAbsolutePath())).isEqualTo(name);
    }

    private static void fits(String name) {
        assertThat(name.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(255);
    }
}
