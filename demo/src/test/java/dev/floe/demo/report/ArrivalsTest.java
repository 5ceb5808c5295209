package dev.floe.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final Arrivals arrivals = new Arrivals();

    @Test
    void silenceBeforeTheFirstByteAndAfterTheLastDoesNotCount() {
        assertThat(arrivals.bytes()).isNull();
        assertThat(arrivals.longestSilenceMillis()).isNull();
        assertThat(arrivals.mbitS()).isNull();

        addAtMillis(1000, 50_000);
        assertThat(arrivals.longestSilenceMillis()).isZero();
        assertThat(arrivals.mbitS()).isNull();
        addAtMillis(1300, 50_000);
        addAtMillis(2000, 25_000);

        assertThat(arrivals.bytes()).isEqualTo(125_000);
        assertThat(arrivals.longestSilenceMillis()).isEqualTo(700);
        assertThat(arrivals.mbitS()).isEqualTo(1.0);
    }

    private void addAtMillis(long millis, int count) {
        arrivals.add(count, TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
