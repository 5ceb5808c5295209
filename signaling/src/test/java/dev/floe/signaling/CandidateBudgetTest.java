package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CandidateBudgetTest {

    private long now = Long.MAX_VALUE - 5;
    private final CandidateBudget budget = new CandidateBudget(() -> now);

    @Test
    void thereAreSoManyAtOnceAndThenSoManyASecond() {
        assertThat(takeAll()).isEqualTo(256);
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(takeAll()).isEqualTo(10);
        now += TimeUnit.DAYS.toNanos(1);
        assertThat(takeAll()).isEqualTo(256);
    }

    private int takeAll() {
        int taken = 0;
        while (budget.take()) {
            taken++;
        }
        return taken;
    }
}
