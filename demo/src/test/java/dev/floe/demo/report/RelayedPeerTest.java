package dev.floe.demo.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class RelayedPeerTest {
    private final List<String> told = new ArrayList<>();
    private final List<Double> millis = new ArrayList<>();
    private final Report report = Report.story(new Scene(List.of(), false, null));
    private final RelayedPeer peer = new RelayedPeer(report, "offerer");

    /** One of a process that began three seconds after this one. */
    @Test
    void eventsAreToldAgainWithTheirTimesByThisClock() {
        report.observe((event, name, moment) -> {
            told.add(name + " " + event);
            millis.add(moment.millis());
        });
        double zero = Moment.zeroEpochMillis() + 3000;
        peer.line(line("echo", zero, 500.5, "\"bytes\":6"));
        peer.line(line("path-changed", zero, 600, "\"from\":\"a\",\"to\":\"b\",\"gap_ms\":1.5,\"new\":true"));
        peer.line(line("of-tomorrow", zero, 610, "\"x\":{}"));
        peer.line(line("result", zero, 700, "\"ok\":true,\"seconds\":0.7,\"echo_ms\":500.5,\"path\":\"direct\""));
        report.close();

        Event.Figures figures = peer.result().figures();
        assertThat(told)
                .containsExactly("offerer " + new Event.Echo(6), "offerer " + new Event.PathChanged("a", "b", 1.5));
        assertThat(millis.get(0)).isCloseTo(3500.5, within(20.0));
        assertThat(figures.echoMs()).isEqualTo(millis.get(0));
        assertThat(figures.seconds()).isCloseTo(3.7, within(0.02));
        assertThat(figures.path()).isEqualTo("direct");
        assertThat(figures.bytes()).isNull();
        assertThat(peer.result().ok()).isTrue();
    }

    @Test
    void failureNeedsNoFigures() {
        peer.line(line("result", 0, 1, "\"ok\":false,\"error\":\"no-path\",\"message\":\"none\""));
        report.close();

        assertThat(peer.result()).isEqualTo(Event.Result.failure(new Failure("no-path", "none")));
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> peer.line("Picked up JAVA_TOOL_OPTIONS")).isInstanceOf(JacksonException.class);
        report.close();
    }

    private static String line(String event, double zero, double millis, String fields) {
        return "{\"event\":\"%s\",\"t_ms\":%s,\"epoch_ms\":%.1f,%s}".formatted(event, millis, zero + millis, fields);
    }
}
