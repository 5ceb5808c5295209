package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/rfc-map.md} names exists. */
class RfcMapTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile("\\| (§\\S+) \\| (.+) \\| (.+) \\| (.+) \\|");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final List<Path> SOURCES = sources();

    /** One requirement. */
    record Row(String section, String requirement, List<String> classes, List<String> tests) {
        @Override
        public String toString() {
            return section + " " + requirement;
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void classesAndTestsOfTheRowExist(Row row) {
        assertThat(row.classes())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(source("main", name)).isNotEmpty());
        assertThat(row.tests()).isNotEmpty().allSatisfy(RfcMapTest::assertTestExists);
    }

    @Test
    void everyLineOfEveryTableIsARow() throws IOException {
        long lines = map().takeWhile(line -> !line.equals("## Departures"))
                .filter(line -> line.startsWith("| ") && !line.startsWith("| section"))
                .filter(line -> !ROW.matcher(line).matches())
                .count();
        assertThat(lines).isZero();
        assertThat(rows()).hasSizeGreaterThan(50);
    }

    static List<Row> rows() throws IOException {
        return map().map(ROW::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher ->
                        new Row(matcher.group(1), matcher.group(2), names(matcher.group(3)), names(matcher.group(4))))
                .toList();
    }

    private static void assertTestExists(String name) {
        String[] parts = name.split("#");
        assertThat(parts).as(name).hasSize(2);
        assertThat(source("test", parts[0]))
                .singleElement()
                .satisfies(file -> assertThat(Files.readString(file))
                        .containsPattern("\\n    (public )?void " + Pattern.quote(parts[1]) + "\\("));
    }

    private static Stream<String> map() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/rfc-map.md")).stream();
    }

    private static List<String> names(String cell) {
        return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    private static List<Path> source(String kind, String className) {
        Path file = Path.of(className + ".java");
        return SOURCES.stream()
                .filter(path -> path.endsWith(file) && path.toString().contains("/src/" + kind + "/"))
                .toList();
    }

    private static List<Path> sources() {
        return Stream.of("stun", "ice", "quic-glue", "demo")
                .map(module -> ROOT.resolve(module).resolve("src"))
                .flatMap(RfcMapTest::javaFiles)
                .toList();
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
