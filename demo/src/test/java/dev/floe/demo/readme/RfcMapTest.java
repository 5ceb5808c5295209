package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/rfc-map.md} names exists. */
class RfcMapTest {

    private static final Pattern ROW = Pattern.compile("\\| (§\\S+) \\| (.+) \\| (.+) \\| (.+) \\|");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

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
                .allSatisfy(name -> assertThat(Sources.of("main", name)).isNotEmpty());
        assertThat(row.tests()).isNotEmpty().allSatisfy(Sources::assertTestExists);
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

    private static Stream<String> map() throws IOException {
        return Files.readAllLines(Sources.ROOT.resolve("docs/rfc-map.md")).stream();
    }

    private static List<String> names(String cell) {
        return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
    }
}
