package dev.floe.signaling.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.wire.SignalJson;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RoomJsonTest {

    private static final RoomLimits LIMITS =
            new RoomLimits(2, 10, 1000, Duration.ofMillis(500), Duration.ofMillis(10_000));

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        Room room = new Room(LIMITS);
        room.join("a", "node/1", "secret", 1_000);
        room.say("a", 1, new CandidateLine("1"), SignalJson.write(new CandidateLine("1")), 1_001);
        room.join("b", "other/1", "secret", 1_002);
        room.say("b", 1, new CandidateLine("\"2\""), SignalJson.write(new CandidateLine("\"2\"")), 1_003);
        room.acknowledge("a", 1);
        room.detach("b", "other/1", 1_004);

        Room again = RoomJson.read(RoomJson.write(room), LIMITS);
        assertThat(RoomJson.write(again)).isEqualTo(RoomJson.write(room));
        assertThat(again.changes()).isZero();
        again.resume("b", 1, "third/1", 1_005);
        assertThat(again.member("b").orElseThrow().connection()).contains("third/1");
        assertThat(again.member("a").orElseThrow().acknowledged()).isEqualTo(1);
    }

    @Test
    void nothingIsAnEmptyRoom() {
        assertThat(RoomJson.read("", LIMITS).isEmpty()).isTrue();
    }
}
