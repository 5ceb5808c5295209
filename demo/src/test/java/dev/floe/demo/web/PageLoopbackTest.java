package dev.floe.demo.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.interop.Chromium;
import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.Moment;
import dev.floe.demo.report.Output;
import dev.floe.testing.Requirement;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a real browser. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageLoopbackTest {

    private static final String LOCAL = "192.168.1.23:51820";
    private static final String REMOTE = "198.51.100.77:2044";
    private static final String NEXT = "10.64.3.2:61000";

    @TempDir
    private static Path folder;

    private static Chromium chromium;

    private double clock;

    @BeforeAll
    static void startChromium() throws Exception {
        Requirement.runs("chromium", Chromium.COMMAND, "--version");
        chromium = new Chromium(folder.resolve("chromium"));
    }

    @AfterAll
    static void stopChromium() throws IOException {
        if (chromium != null) {
            chromium.close();
        }
    }

    @Test
    void aPageThatIsOpenFollowsTheConnection() throws IOException {
        try (PageServer server = PageServer.start(0)) {
            tell(server, new Event.Started());
            chromium.open(URI.create("http://127.0.0.1:" + server.listening().port() + "/"));
            awaitText("#hero", "Looking for addresses");
            awaitText("#live", "Live");
            tellConnecting(server);
            awaitText("#hero", "Connected directly");
            awaitText("#falls", "QUIC handshake");
            awaitText("#pairs", "in use");
            awaitText("#stacks", "moves in");
            tellRoaming(server);
            awaitText("#charts", NEXT);
            awaitText("#charts .flagtext", "1");
            tell(server, Event.Result.success());
            awaitText("#live", "Ended");
        }
    }

    @Test
    void theStoryIsToldStepByStepWithTheKeyboard() throws IOException {
        chromium.open(report());
        chromium.run("document.getElementById('play').click(); return ''");
        awaitText("#said", "1 of 8 · Looking for addresses");
        for (int step = 2; step <= 5; step++) {
            chromium.press("ArrowRight");
        }
        awaitText("#said", "5 of 8 · The swap");
        awaitText("#said", "Swap leaves");
        chromium.press("ArrowLeft");
        awaitText("#said", "4 of 8 · The way is chosen");
        chromium.press("Escape");
        awaitText("#said", "See it happen, in 8 steps.");
    }

    @ParameterizedTest
    @CsvSource({"390, light", "390, dark", "1200, light", "320, dark"})
    void nothingStandsBesideAPhonesScreen(int width, String colorScheme) throws IOException {
        chromium.show(width, 844, colorScheme);
        chromium.open(report());
        awaitText("#hero", "Done.");
        assertThat(chromium.run("const root = document.documentElement;" + " return root.clientWidth > " + width / 2
                        + " ? String(root.scrollWidth - root.clientWidth) : ''"))
                .isEqualTo("0");
    }

    @Test
    void whatOthersSayStaysText() throws IOException {
        String markup = "<img src=x onerror=\"document.title='owned'\">";
        Path file = folder.resolve("hostile.html");
        try (ReportFile report = ReportFile.create(file)) {
            tellConnecting(report);
            tell(report, new Event.Note("server-failed", markup));
            tell(report, new Event.Pipeline(List.of(markup), List.of(markup)));
            tell(report, new Event.Closed(markup + "</script>"));
            tell(report, Event.Result.success().with(new Failure("io", markup)));
        }
        chromium.open(file.toUri());
        awaitText("#hero", markup);
        awaitText("#charts", markup);
        chromium.run("document.getElementById('log').open = true; return ''");
        awaitText("#log", markup);
        assertThat(chromium.run("return document.title + document.images.length"))
                .isEqualTo("Floe0");
    }

    private URI report() throws IOException {
        Path file = folder.resolve("report.html");
        try (ReportFile report = ReportFile.create(file)) {
            tell(report, new Event.Started());
            tellConnecting(report);
            tellRoaming(report);
            tell(report, Event.Result.success());
        }
        return file.toUri();
    }

    private void tellConnecting(Output output) {
        tell(output, new Event.Candidate("local", "host", "192.168.1.23", 51820, 1));
        tell(output, new Event.Gathered(1));
        tell(output, new Event.Candidate("remote", "srflx", "198.51.100.77", 2044, 1));
        tell(output, new Event.Signaled());
        for (String state : List.of("frozen", "waiting", "in-progress", "succeeded")) {
            tell(output, pair(LOCAL, state));
        }
        tell(output, new Event.IceConnected(LOCAL, REMOTE, "srflx", 12.5));
        tell(output, new Event.Nominated(LOCAL, REMOTE, "srflx", 12.5));
        tell(output, new Event.Pipeline(List.of("Ice#0", "Swap#0"), List.of("Ice#0", "Path#0", "Quic#0")));
        tell(output, new Event.QuicConnected("server", "ab".repeat(32)));
        tell(output, new Event.FirstByte());
    }

    private void tellRoaming(Output output) {
        for (int i = 1; i <= 10; i++) {
            tell(output, Event.Sample.of(20_000_000, i * 1000L, i * 100_000L, 0));
        }
        tell(output, pair(NEXT, "frozen"));
        tell(output, pair(NEXT, "succeeded"));
        tell(output, new Event.Nominated(NEXT, REMOTE, "srflx", 30));
        tell(output, new Event.PathChanged(LOCAL + " > " + REMOTE, NEXT + " > " + REMOTE, 120.5));
    }

    private static Event.Pair pair(String local, String state) {
        Double rtt = state.equals("succeeded") ? 12.5 : null;
        return new Event.Pair("[::]:51820", local, "host", REMOTE, "srflx", false, state, rtt);
    }

    private void tell(Output output, Event event) {
        clock += 10;
        output.write(event, null, new Moment(clock, BigDecimal.valueOf(1_795_384_405_518L + (long) clock)));
    }

    /** Waits until what a selector names says so, for ten seconds. */
    private static void awaitText(String selector, String text) throws IOException {
        String heard = chromium.run("const end = performance.now() + 10000; let said;"
                + " do { said = document.querySelector(" + quoted(selector) + ")?.textContent ?? '';"
                + " if (said.includes(" + quoted(text) + ")) break; await new Promise(requestAnimationFrame); }"
                + " while (performance.now() < end); return said;");
        assertThat(heard).contains(text);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
