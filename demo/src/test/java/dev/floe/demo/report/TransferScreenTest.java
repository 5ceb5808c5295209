package dev.floe.demo.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class TransferScreenTest {

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final TransferScreen screen = new TransferScreen(new PrintStream(shown, true, UTF_8));

    @Test
    void nameThatLooksLikeMarkupIsShownAsItIs() {
        screen.began("receiving", "@|red,bold name|@ and @|x y|@", 1, 5_000_000);
        assertThat(shown.toString(UTF_8)).contains("receiving @|red,bold name|@ and @|x y|@, 5.0 MB");
    }

    @Test
    void nameGivesATerminalNoOrders() {
        screen.note("left out: \u001b[2J\u202egpj.exe", false);
        assertThat(shown.toString(UTF_8)).contains("left out: ?[2J?gpj.exe");
    }

    @Test
    void codeIsShownWithTheServerToMeetAt() {
        screen.meetAt(" --signal ws://192.0.2.1:8765");
        screen.write(new Event.Code("42-cedar-ruler-planet"), null, Moment.now());
        assertThat(shown.toString(UTF_8))
                .contains("floe receive 42-cedar-ruler-planet")
                .contains(" --signal ws://192.0.2.1:8765");
    }
}
