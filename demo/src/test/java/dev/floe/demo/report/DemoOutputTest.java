package dev.floe.demo.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoOutputTest {
    private static final Event.Candidate CANDIDATE = new Event.Candidate("local", "host", "10.1.0.2", 1, 1);
    private static final Event.Pipeline PIPELINE = new Event.Pipeline(List.of("A#0"), List.of("B#0"));
    private static final Event.PathChanged CHANGE = new Event.PathChanged("a:1 > b:2", "a:3 > b:2", 71.25);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Scene scene = new Scene(List.of("── the place"), true, "The offerer moved");
    private final DemoOutput output = new DemoOutput(new PrintStream(bytes, true, UTF_8), scene);

    @Test
    void roamIsToldWithItsPathsAndItsSilence() {
        connect();
        write("offerer", CHANGE, 2000);
        write("answerer", new Event.Nominated("c:3", "d:4", "host", 1), 2000);
        write(null, result("direct"), 3000);

        assertThat(bytes.toString(UTF_8)).isEqualToNormalizingNewlines("""
                ── the place
                stun      listens on 192.0.2.10 port 3478

                                  offerer                 answerer
                nominated          5.0 ms     +5.0 ms       5.0 ms     +5.0 ms
                swap               5.0 ms     +0.0 ms       5.0 ms     +0.0 ms
                echo               6.0 ms     +1.0 ms       6.0 ms     +1.0 ms

                the offerer, a:1 to b:2, is the QUIC server
                  before  A
                  after   B

                the answerer, a:1 to b:2, is the QUIC client
                  before  A
                  after   B

                "Hello!" went over QUIC and back, on the UDP ports that ICE had opened.

                The offerer moved:
                  offerer   a:1 > b:2
                         to a:3 > b:2, 71.3 ms without a datagram
                All 1,614 bytes came back in order, over the same QUIC connection. The longest silence was 84 ms.
                """);
    }

    @Test
    void relayIsSaidToBeOne() {
        connect();
        write(null, result("relay"), 3000);

        assertThat(bytes.toString(UTF_8)).contains("through a relay (TURN)").doesNotContain("moved");
    }

    @Test
    void failureIsNoStory() {
        write(null, Event.Result.failure(new Failure("io", "no lab")), 1);

        assertThat(bytes.toString(UTF_8)).isEmpty();
    }

    private void connect() {
        write(null, new Event.Listening("stun", "192.0.2.10", 3478), 900);
        for (String peer : List.of("offerer", "answerer")) {
            write(peer, CANDIDATE, 1000);
            write(peer, new Event.Nominated("a:1", "b:2", "host", 1), 1005);
            write(peer, PIPELINE, 1005);
        }
        write("offerer", new Event.Echo(6), 1006);
        write("answerer", new Event.Echo(6), 1006);
    }

    private void write(String peer, Event event, double millis) {
        output.write(event, peer, new Moment(millis, BigDecimal.ZERO));
    }

    private static Event.Result result(String path) {
        return Event.Result.success(
                new Event.Figures(1614L, null, 1.0, null, 84.0, null, null, null, null, path, 1.0, 1, null, null));
    }
}
