package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private long now;
    private final Backoff backoff = new Backoff(Duration.ofSeconds(20), () -> now, new Random(1));

    @Test
    void delaysGrowAtRandomUpToABoundAndPatienceEnds() {
        long longest = 0;
        long total = 0;
        for (var delay = backoff.nextDelayMillis(); delay.isPresent(); delay = backoff.nextDelayMillis()) {
            assertThat(delay.getAsLong()).isBetween(1L, 3000L);
            longest = Math.max(longest, delay.getAsLong());
            total += delay.getAsLong();
            now += TimeUnit.MILLISECONDS.toNanos(delay.getAsLong());
        }

        assertThat(longest).isGreaterThan(1000);
        assertThat(total).isEqualTo(20_000);
    }

    @Test
    void firstDelayIsShort() {
        assertThat(backoff.nextDelayMillis().orElseThrow()).isLessThanOrEqualTo(200);
    }

    @Test
    void patienceIsNewAfterASuccess() {
        backoff.nextDelayMillis();
        now += TimeUnit.SECONDS.toNanos(20);
        assertThat(backoff.nextDelayMillis()).isEmpty();

        backoff.succeeded();
        assertThat(backoff.nextDelayMillis()).isPresent();
    }

    @Test
    void twoClientsDoNotComeAtOnce() {
        Backoff other = new Backoff(Duration.ofSeconds(20), () -> now, new Random(2));

        assertThat(other.nextDelayMillis()).isNotEqualTo(backoff.nextDelayMillis());
    }

    @Test
    void hasteBeginsAnewWithShortDelays() {
        for (int i = 0; i < 10; i++) {
            backoff.nextDelayMillis();
        }
        backoff.hurry();

        assertThat(backoff.nextDelayMillis().orElseThrow()).isLessThanOrEqualTo(200);
    }

    @Test
    void persistenceHasNoEndAndNoLongDelays() {
        backoff.persist();
        backoff.nextDelayMillis();
        now += TimeUnit.DAYS.toNanos(1);

        assertThat(backoff.nextDelayMillis().orElseThrow()).isLessThanOrEqualTo(3000);
    }
}
