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
    }

    @Test
    void afterARestartOnlyTheLastDescriptionCounts() {
        outbox.add("old", true);
        outbox.add("1", false);
        outbox.add("new", true);
        outbox.add("2", false);
        outbox.restart(0);

        assertThat(outbox.after(0)).containsExactly("new", "2");
        outbox.add("3", false);
        assertThat(outbox.after(2)).containsExactly("3");
    }

    @Test
    void itIsBoundedAndKeepsTheDescription() {
        outbox.add("description", true);
        for (int i = 2; i <= 1000; i++) {
            outbox.add(String.valueOf(i), false);
        }

        assertThat(outbox.after(488)).hasSize(512).startsWith("489");
        outbox.restart(0);
        assertThat(outbox.after(0)).hasSize(513).startsWith("description", "489");
    }

    @Test
    void serverThatLacksWhatIsForgottenIsToldWhatStillCountsAndCountsOn() {
        for (int i = 1; i <= 1000; i++) {
            outbox.add(String.valueOf(i), i == 990);
        }

        assertThat(outbox.after(400)).hasSize(11).startsWith("990");
        outbox.add("1001", false);
        assertThat(outbox.after(411)).containsExactly("1001");
        assertThat(outbox.after(9000)).hasSize(12).startsWith("990").endsWith("1001");
    }
}
