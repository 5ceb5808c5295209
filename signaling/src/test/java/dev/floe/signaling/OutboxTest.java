package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutboxTest {

    private final Outbox outbox = new Outbox();

    @Test
    void whatTheServerHasNotReceivedIsSaidAgain() {
        outbox.add("1", true);
        outbox.add("2", false);
        outbox.add("3", false);

        assertThat(outbox.after(1)).containsExactly("2", "3");
        assertThat(outbox.after(3)).isEmpty();
        assertThat(outbox.reaches(4)).isFalse();
    }

    @Test
    void afterARestartOnlyTheLastDescriptionCounts() {
        outbox.add("old", true);
        outbox.add("1", false);
        outbox.add("new", true);
        outbox.add("2", false);
        outbox.restart();

        assertThat(outbox.after(0)).containsExactly("new", "2");
        outbox.add("3", false);
        assertThat(outbox.after(2)).containsExactly("3");
    }

    @Test
    void itIsBounded() {
        for (int i = 1; i <= 1000; i++) {
            outbox.add(String.valueOf(i), i == 990);
        }

        assertThat(outbox.after(488)).hasSize(512).startsWith("489");
        assertThat(outbox.reaches(487)).isFalse();
        outbox.restart();
        assertThat(outbox.after(0)).hasSize(11).startsWith("990");
    }
}
