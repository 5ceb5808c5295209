package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Moment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageServerLoopbackTest {

    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        server = PageServer.start(0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void thePageMayUseNothingButWhatIsInIt() throws IOException {
        String answer = get("/", "localhost:" + port());
        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("content-security-policy: default-src 'none'; style-src 'sha256-")
                .containsIgnoringCase("frame-ancestors 'none'")
                .containsIgnoringCase("x-content-type-options: nosniff")
                .contains("<title>Floe</title>")
                .doesNotContain("@policy@", "@events@")
                .doesNotContain("unsafe-inline");
    }

    /** A page of another site can have its name resolve to loopback, and would be of the same origin then. */
    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LocalHost:1, 200",
        "127.0.0.1:8080, 200",
        "[::1]:8080, 200",
        "evil.example, 421",
        "localhost.evil.example:80, 421",
        "127.0.0.1.evil.example, 421",
        "'', 421",
    })
    void itAnswersToNamesOfThisMachineAlone(String host, int status) throws IOException {
        assertThat(get("/", host)).startsWith("HTTP/1.1 " + status + " ");
        assertThat(get("/floe.html", host)).startsWith("HTTP/1.1 " + status + " ");
    }

    @ParameterizedTest
    @CsvSource({"GET /nothing, 404", "GET /../page.html, 404", "POST /, 405", "PUT /events, 405", "rubbish, 400"})
    void itAnswersNothingElse(String request, int status) throws IOException {
        assertThat(ask(request + " HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void whoListensHearsWhatWasAndThenWhatIs() throws IOException {
        tell(new Event.Gathered(1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.getOutputStream().write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(await(lines, "content-type:")).endsWith("text/event-stream");
            await(lines, "event: reset");
            assertThat(await(lines, "data: {")).contains("\"gathered\"");
            tell(new Event.Signaled());
            assertThat(await(lines, "data: {")).contains("\"signaled\"");
            server.close();
            assertThat(lines.lines().toList()).contains("0");
        }
    }

    @Test
    void thePageToKeepHasTheEventsAndNoStringEndsTheirElement() throws IOException {
        tell(new Event.Closed("</script><script>alert(1)</script>"));
        assertThat(get("/floe.html", "localhost"))
                .contains("\"reason\":\"\\u003c/script>\\u003cscript>alert(1)")
                .doesNotContain("<script>alert");
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        assertThatThrownBy(() -> PageServer.start(port()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no page at port " + port());
    }

    private int port() {
        return server.listening().port();
    }

    private void tell(Event event) {
        server.write(event, null, new Moment(1, BigDecimal.ONE));
    }

    private String get(String path, String host) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static String await(BufferedReader lines, String start) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new IOException("no line that starts with " + start);
    }
}
