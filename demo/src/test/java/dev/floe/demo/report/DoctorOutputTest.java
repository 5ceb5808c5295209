package dev.floe.demo.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorOutputTest {

    @Test
    void findingsAreSaidInLinesThatAPersonReads() {
        Event.Network ipv4 = new Event.Network(
                List.of("10.1.0.2"),
                true,
                "198.51.100.2:40000",
                true,
                "endpoint-independent",
                null,
                null,
                "the server has no second address to test with",
                false);
        Event.Diagnosis diagnosis = new Event.Diagnosis(
                true,
                null,
                null,
                ipv4,
                null,
                List.of(
                        new Event.Stun("localhost:1", "192.0.2.1:1", true, null, "198.51.100.2:40000", 1.25, true),
                        new Event.Stun("stun.invalid:1", null, false, "no such host", null, null, null)),
                List.of(
                        new Event.Turn("turn:1", "tls", true, null, List.of("192.0.2.9:5"), 30.0),
                        new Event.Turn("turn:1", "udp", false, "no answer", null, null)),
                List.of("Your NAT is fine.", "But there is no relay."),
                1.0);

        assertThat(printed(diagnosis)).isEqualToNormalizingNewlines("""
                        Your NAT is fine.
                        But there is no relay.

                        IPv4    10.1.0.2, seen from outside as 198.51.100.2:40000, through a NAT
                                mapping     endpoint-independent
                                filtering   unknown: the server has no second address to test with
                                hairpinning no
                        IPv6    no address
                        ✓ STUN  localhost:1 at 192.0.2.1:1, 1.3 ms, can test NATs
                        ✗ STUN  stun.invalid:1: no such host
                        ✓ TURN  turn:1 over TLS, 30.0 ms, relays as 192.0.2.9:5
                        ✗ TURN  turn:1 over UDP: no answer
                        """);
    }

    private static String printed(Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new DoctorOutput(new PrintStream(bytes, true, UTF_8)).write(event, null, Moment.now());
        return bytes.toString(UTF_8);
    }
}
