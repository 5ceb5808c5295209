package dev.floe.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ProcessPeerTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void eventsAreAwaitedAndKeptInOrder() throws InterruptedException {
        try (ProcessPeer peer = shell("""
                echo '{"event":"listening","what":"signaling","port":1}'
                echo '{"event":"listening","what":"stun","port":2}'
                echo one clear line >&2
                echo '{"event":"result","ok":false}'
                exit 3
                """)) {
            assertThat(peer.awaitEvent("listening", LIMIT).path("port").asInt()).isEqualTo(1);
            assertThat(peer.awaitEvent("listening", ProcessPeerTest::isStun, LIMIT)
                            .path("port")
                            .asInt())
                    .isEqualTo(2);
            assertThat(peer.result().path("ok").asBoolean()).isFalse();
            assertThat(peer.exitCode()).isEqualTo(3);
            assertThat(peer.stderr()).isEqualTo("one clear line\n");
            assertThat(peer.events()).hasSize(3);
            assertThat(peer.events("listening")).hasSize(2);
        }
    }

    @Test
    void eventThatNeverCameFailsWithWhatTheProcessSaid() {
        try (ProcessPeer peer = shell("echo '{\"event\":\"gathered\"}'; echo no room >&2; exit 1")) {
            assertThatThrownBy(() -> peer.awaitEvent("signaled", LIMIT))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("'signaled'", "exit code 1", "{\"event\":\"gathered\"}", "no room");
        }
    }

    @Test
    void eventThatIsLateFails() {
        try (ProcessPeer peer = shell("exec sleep infinity")) {
            assertThatThrownBy(() -> peer.awaitEvent("signaled", Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("'signaled'", "running");
        }
    }

    @Test
    void resultIsTheLastEventAndNothingElseIsPrinted() {
        String event = "echo '{\"event\":\"closed\"}'\n";
        String result = "echo '{\"event\":\"result\"}'\n";
        for (String script : List.of(
                "",
                event,
                result + event,
                result + result,
                "echo noise\n" + result,
                "echo 1\n" + result,
                "echo\n" + result)) {
            try (ProcessPeer peer = shell(script)) {
                assertThatThrownBy(peer::result).as(script).isInstanceOf(AssertionError.class);
            }
        }
    }

    @Test
    void closedPeerIsDead() throws InterruptedException {
        ProcessPeer peer = shell("echo '{\"event\":\"listening\"}'; exec sleep infinity");
        peer.awaitEvent("listening", LIMIT);
        peer.close();
        assertThat(peer.exitCode()).isEqualTo(128 + 9);
    }

    private static boolean isStun(JsonNode event) {
        return event.path("what").asString().equals("stun");
    }

    private static ProcessPeer shell(String script) {
        return ProcessPeer.start(Host.local(), List.of("sh", "-c", script));
    }
}
