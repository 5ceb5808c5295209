package dev.floe.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonOutputTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final JsonOutput output = new JsonOutput(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    private final Moment moment = new Moment(12.3, new BigDecimal("1795353566000.1"));

    @Test
    void anEventIsOneLineWithItsTimesAsPlainDecimals() {
        output.write(new Event.IceConnected("10.0.0.1:1", "[::1]:2", "srflx", 40.5), null, moment);
        assertThat(line()).isEqualTo("""
                        {"event":"ice-connected","t_ms":12.3,"epoch_ms":1795353566000.1,"local":"10.0.0.1:1",\
                        "remote":"[::1]:2","type":"srflx","rtt_ms":40.5}
                        """);
    }

    @Test
    void anEventOfOnePeerOfSeveralNamesIt() {
        output.write(new Event.Pipeline(List.of("A#0"), List.of("B#0")), "offerer", moment);
        assertThat(line()).contains("\"peer\":\"offerer\",\"before\":[\"A#0\"],\"after\":[\"B#0\"]");
    }

    @Test
    void aResultLeavesOutWhatDoesNotApply() {
        output.write(Event.Result.failure(new Failure("timeout", "too late")), null, moment);
        assertThat(line()).endsWith("\"ok\":false,\"error\":\"timeout\",\"message\":\"too late\"}\n");
    }

    @Test
    void figuresOfAResultStandBesideIt() {
        Event.Figures figures =
                new Event.Figures(7L, "ab", 1.5, 0.25, 12.5, null, null, 30.5, null, "relay", null, 2, 0L, null);
        output.write(Event.Result.success(figures), null, moment);
        assertThat(line()).endsWith("""
                        "ok":true,"bytes":7,"sha256":"ab","seconds":1.5,"mbit_s":0.25,"max_gap_ms":12.5,\
                        "quic_ms":30.5,"path":"relay","path_changes":2,"quic_dropped_unauthenticated":0}
                        """);
    }

    private String line() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
