package dev.floe.stun.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StunTransactionTest {
    private static final StunMessage REQUEST = StunMessage.request(
                    StunMethod.BINDING, TransactionId.random(new Random(1)))
            .build();
    private static final long RTO = TimeUnit.MILLISECONDS.toNanos(500);

    /** The times are those of the example in RFC 8489, section 6.2.1. */
    @Test
    void requestIsSentAtTheTimesOfTheRfc() {
        StunTransaction transaction = new StunTransaction(REQUEST, RTO, 7, 16);
        List<Long> millis = new ArrayList<>();
        long now = 0;
        while (!transaction.exhausted()) {
            millis.add(TimeUnit.NANOSECONDS.toMillis(now));
            transaction.transmitted(now);
            now = transaction.deadlineNanos();
        }

        assertThat(millis).containsExactly(0L, 500L, 1500L, 3500L, 7500L, 15500L, 31500L);
        assertThat(TimeUnit.NANOSECONDS.toMillis(now)).isEqualTo(39500);
        assertThat(transaction.transmissions()).isEqualTo(7);
    }

    @Test
    void firstTransmissionIsDueAtOnce() {
        StunTransaction transaction = new StunTransaction(REQUEST, RTO, 7, 16);

        assertThat(transaction.deadlineNanos()).isEqualTo(Long.MIN_VALUE);
        assertThat(transaction.exhausted()).isFalse();
        assertThat(transaction.transmissions()).isZero();
        assertThat(transaction.request()).isSameAs(REQUEST);
    }

    @Test
    void lateTransmissionDelaysTheNext() {
        StunTransaction transaction = new StunTransaction(REQUEST, RTO, 7, 16);
        transaction.transmitted(5);
        transaction.transmitted(RTO + 105);

        assertThat(transaction.deadlineNanos()).isEqualTo(RTO + 105 + 2 * RTO);
        assertThat(transaction.firstTransmittedNanos()).isEqualTo(5);
    }

    @Test
    void requestIsNotSentMoreOftenThanRc() {
        StunTransaction transaction = new StunTransaction(REQUEST, RTO, 1, 16);
        transaction.transmitted(0);

        assertThat(transaction.exhausted()).isTrue();
        assertThat(transaction.deadlineNanos()).isEqualTo(16 * RTO);
        assertThatIllegalStateException().isThrownBy(() -> transaction.transmitted(1));
    }

    @Test
    void timingMustBePositive() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StunTransaction(REQUEST, 0, 7, 16));
        assertThatIllegalArgumentException().isThrownBy(() -> new StunTransaction(REQUEST, RTO, 0, 16));
        assertThatIllegalArgumentException().isThrownBy(() -> new StunTransaction(REQUEST, RTO, 7, 0));
    }
}
