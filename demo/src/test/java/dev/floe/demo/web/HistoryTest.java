package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.Moment;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private final History history = new History();

    @Test
    void itHasWhatWasToldInOrder() {
        history.add(new Event.Started(), null, at(1));
        history.add(new Event.Gathered(2), null, at(2));
        assertThat(history.lines())
                .containsExactly(
                        "{\"event\":\"started\",\"t_ms\":1.0,\"epoch_ms\":1}",
                        "{\"event\":\"gathered\",\"t_ms\":2.0,\"epoch_ms\":2,\"candidates\":2}");
    }

    @Test
    void itDoesNotHaveACodeNorWhatSaysHowToGoOnWithOne() {
        Failure lost = new Failure("no-path", "go on with: floe send x --code 42-cedar-ruler-planet");
        assertThat(history.add(new Event.Code("42-cedar-ruler-planet"), null, at(1)))
                .isEmpty();
        assertThat(history.add(Event.Result.failure(lost), null, at(2)).orElseThrow())
                .contains("go on with: floe send x --code …\"")
                .doesNotContain("cedar", "ruler", "planet");
        assertThat(history.lines()).hasSize(1).noneMatch(line -> line.contains("cedar"));
    }

    /** A connection may last for months. */
    @Test
    void itStaysSmallAndKeepsTheBeginningAndTheEndOfTheFigures() {
        history.add(new Event.Signaled(), null, at(0));
        for (int i = 1; i <= 20_000; i++) {
            history.add(Event.Sample.of(i, i, i, 0), null, at(i));
        }
        List<String> lines = history.lines();
        assertThat(lines).hasSizeLessThanOrEqualTo(2_001);
        assertThat(lines.get(0)).contains("signaled");
        assertThat(lines.get(lines.size() - 1)).contains("\"sent\":20000,");
        assertThat(lines.get(1)).contains("\"sent\":1,");
    }

    @Test
    void itForgetsChecksBeforeAnythingElseAndNoneOfTheBeginning() {
        history.add(new Event.Started(), null, at(0));
        for (int i = 1; i <= 10_000; i++) {
            history.add(i % 100 == 0 ? new Event.PathChanged("a > b", "c > d", i) : check(i), null, at(i));
        }
        List<String> lines = history.lines();
        assertThat(lines).hasSize(4_000);
        assertThat(lines.get(0)).contains("started");
        assertThat(lines.get(1)).contains("\"rtt_ms\":1.0");
        assertThat(lines.get(3_998)).contains("\"rtt_ms\":9999.0");
        assertThat(lines.stream().filter(line -> line.contains("path-changed"))).hasSize(100);
    }

    private static Event.Pair check(double rttMs) {
        return new Event.Pair("a", "a", "host", "b", "host", false, "succeeded", rttMs);
    }

    @Test
    void itForgetsThePeersThatWereFirstAndNeverWhatConcernsAll() {
        history.add(new Event.Listening("web", "127.0.0.1", 1), null, at(0));
        for (int i = 1; i <= 1_000; i++) {
            history.add(new Event.Started(), "peer-" + i, at(i));
        }
        List<String> lines = history.lines();
        assertThat(lines).hasSize(16).first().asString().contains("listening");
        assertThat(lines.get(15)).contains("\"peer-1000\"");
    }

    @Test
    void peersThatAreOverGoFirstAndThoseThatLiveDoNotPushEachOtherOut() {
        for (int i = 1; i <= 16; i++) {
            history.add(new Event.Started(), "peer-" + i, at(i));
        }
        history.add(new Event.Closed("done"), "peer-7", at(17));
        history.add(new Event.Started(), "peer-17", at(18));
        List<String> before = history.lines();

        assertThat(history.add(Event.Sample.of(1, 2, 3, 4), "peer-7", at(19))).isEmpty();
        assertThat(history.add(check(1), "peer-18", at(20))).isEmpty();

        assertThat(history.lines())
                .isEqualTo(before)
                .hasSize(16)
                .anyMatch(line -> line.contains("\"peer-1\""))
                .noneMatch(line -> line.contains("\"peer-7\""));
    }

    /** The server lets 8 MiB wait for a page, and a page that has 12,000 lines asks anew. */
    @Test
    void allPeersTogetherAreFarBelowWhatThePageTakesAtOnce() {
        for (int i = 1; i <= 1_000; i++) {
            for (int peer = 1; peer <= 16; peer++) {
                history.add(check(i), "peer-" + peer, at(i));
                history.add(new Event.Note("long", "ü".repeat(1_000)), "peer-" + peer, at(i));
                history.add(Event.Sample.of(i, i, i, 0), "peer-" + peer, at(i));
            }
        }
        assertThat(history.add(new Event.Note("longer", "x".repeat(30_000)), "peer-1", at(0)))
                .isEmpty();
        List<String> lines = history.lines();
        assertThat(lines).hasSizeLessThan(6_001);
        assertThat(String.join("", lines).getBytes(UTF_8)).hasSizeLessThan(5 << 20);
        for (int peer = 1; peer <= 16; peer++) {
            String name = "\"peer-" + peer + "\"";
            assertThat(lines).anyMatch(line -> line.contains(name) && line.contains("\"sent\":1000,"));
        }
    }

    private static Moment at(int millis) {
        return new Moment(millis, BigDecimal.valueOf(millis));
    }
}
