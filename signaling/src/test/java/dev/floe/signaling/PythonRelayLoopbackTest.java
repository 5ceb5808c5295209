package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.signaling.wire.RelayJson;
import dev.floe.testing.Requirement;
import io.netty.util.concurrent.Future;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our relay with Python's clients, and our clients with a Python relay. */
class PythonRelayLoopbackTest {

    /** Debian's, for which python3-websockets is a package. */
    private static final String PYTHON = "/usr/bin/python3";

    /** As aioice describes itself: a long random foundation, no prefix, no fingerprint, no options. */
    private static final String FOREIGN = "{\"candidates\": [\"6dd5c4ab56cd0b6c3b1f6bcd4b06a1aa 1 udp 2130706431"
            + " 192.0.2.1 40000 typ host\"], \"username\": \"aB3x\", \"password\": \"0123456789abcdefghijkl\"}";

    private final List<Process> processes = new ArrayList<>();
    private SignalingFixture fixture;

    @BeforeAll
    static void requirePython() {
        Requirement.runs("python3-websockets", PYTHON, "-c", "import websockets");
    }

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture();
    }

    @AfterEach
    void stop() throws Exception {
        for (Process process : processes) {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        fixture.stop();
    }

    @Test
    void ourClientsMeetOverThePythonRelay() throws Exception {
        int port = Integer.parseInt(python("serve").readLine());
        SignalingClient offerer =
                await(SignalingClient.joinRelay(fixture.group, SignalingFixture.uri(port), RelayRole.OFFERER));
        SignalingClient answerer =
                await(SignalingClient.joinRelay(fixture.group, SignalingFixture.uri(port), RelayRole.ANSWERER));
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));

        assertThat(await(answerer.exchange(Descriptions.named("answer")))).isEqualTo(Descriptions.named("offer"));
        assertThat(await(answer)).isEqualTo(Descriptions.named("answer"));
    }

    @Test
    void pythonAnswersOurOfferOverOurRelay() throws Exception {
        SignalingClient offerer = fixture.joinRelay(RelayRole.OFFERER);
        Future<IceDescription> answer = offerer.exchange(Descriptions.named("offer"));
        BufferedReader python = python("answer", fixture.uri().toString(), FOREIGN);

        assertForeign(await(answer));
        assertThat(python.readLine()).isEqualTo("ready");
        assertThat(python.readLine()).isEqualTo(RelayJson.write(Descriptions.named("offer")));
    }

    @Test
    void weAnswerPythonsOfferOverOurRelay() throws Exception {
        SignalingClient answerer = fixture.joinRelay(RelayRole.ANSWERER);
        Future<IceDescription> offer = answerer.exchange(Descriptions.named("answer"));
        BufferedReader python = python("offer", fixture.uri().toString(), FOREIGN);

        assertForeign(await(offer));
        assertThat(python.readLine()).isEqualTo(RelayJson.write(Descriptions.named("answer")));
    }

    private static void assertForeign(IceDescription description) {
        assertThat(description.credentials().usernameFragment()).isEqualTo("aB3x");
        assertThat(description.certificateFingerprint()).isEmpty();
        assertThat(description.options()).isEmpty();
        assertThat(description.candidates())
                .extracting(Candidate::foundation)
                .containsExactly("6dd5c4ab56cd0b6c3b1f6bcd4b06a1aa");
    }

    private BufferedReader python(String... arguments) throws Exception {
        Path script = Path.of(
                PythonRelayLoopbackTest.class.getResource("/plain_relay.py").toURI());
        List<String> command = new ArrayList<>(List.of(PYTHON, script.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process.inputReader();
    }
}
