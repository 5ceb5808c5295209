package dev.floe.signaling.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeWatchTest {

    private final NodeWatch watch = new NodeWatch();

    @Test
    void nodeIsDeadOnceItHasBeenMissingForAWhile() {
        watch.seen("node", false);
        watch.seen("node", false);
        assertThat(watch.isAlive("node")).isTrue();

        watch.seen("node", false);
        assertThat(watch.isAlive("node")).isFalse();
        watch.seen("node", true);
        assertThat(watch.isAlive("node")).isTrue();
    }

    @Test
    void nodeThatIsNoLongerSpokenOfIsForgotten() {
        for (int i = 0; i < 3; i++) {
            watch.seen("node", false);
        }
        watch.retain(List.of());
        assertThat(watch.isAlive("node")).isTrue();
    }
}
