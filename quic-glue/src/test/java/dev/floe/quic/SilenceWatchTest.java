package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** In milliseconds, on a path of 40 ms unless said otherwise. */
class SilenceWatchTest {

    private static final int DATA = 1_200;
    private static final int ACK = 40;

    private final SilenceWatch watch = new SilenceWatch(0);

    SilenceWatchTest() {
        watch.roundTrip(Duration.ofMillis(40));
    }

    @Test
    void flowThatStopsIsSuspiciousAfterARoundTrip() {
        hear(1_000, 1_001, 1_002, 1_003);

        assertSuspiciousFrom(1_043);
    }

    @Test
    void flowThatStopsOnAShortPathIsSuspiciousAfterThirtyMilliseconds() {
        watch.roundTrip(Duration.ofMillis(2));
        hear(1_000, 1_001, 1_002, 1_003);

        assertSuspiciousFrom(1_033);
    }

    @Test
    void slowFlowIsGivenThreeOfItsIntervals() {
        watch.roundTrip(Duration.ofMillis(2));
        hear(1_000, 1_020, 1_040, 1_060);

        assertSuspiciousFrom(1_120);
    }

    @Test
    void aFewDatagramsNowAndThenAreNoFlow() {
        hear(1_000, 1_100, 1_200, 1_300);
        assertThat(watch.isIdle()).isTrue();
        hear(2_000, 2_001, 2_002);
        assertThat(watch.isIdle()).isTrue();
    }

    @Test
    void datagramThatIsNotAnsweredIsSuspiciousAfterTwoRoundTrips() {
        send(1_000, DATA);

        assertSuspiciousFrom(1_080);
    }

    @Test
    void datagramThatIsNotAnsweredOnAShortPathIsSuspiciousAfterSixtyMilliseconds() {
        watch.roundTrip(Duration.ofMillis(2));
        send(1_000, DATA);

        assertSuspiciousFrom(1_060);
    }

    @Test
    void waitingCountsFromTheFirstThatIsNotAnswered() {
        send(1_000, DATA);
        send(1_050, DATA);

        assertSuspiciousFrom(1_080);
    }

    @Test
    void anyDatagramIsAnAnswer() {
        send(1_000, DATA);
        hear(1_070);

        assertThat(watch.isIdle()).isTrue();
    }

    @Test
    void acknowledgementAsksForNoAnswer() {
        hear(1_000);
        send(1_025, ACK);
        assertThat(watch.isIdle()).isTrue();

        send(1_200, ACK);
        assertSuspiciousFrom(1_280);
    }

    @Test
    void silenceIsSuspiciousOnceAndAgainOnlyIfSomethingElseIsSent() {
        hear(1_000, 1_001, 1_002, 1_003);
        send(1_004, DATA);
        assertSuspiciousFrom(1_043);
        assertThat(watch.isIdle()).isTrue();

        send(1_500, DATA);
        assertSuspiciousFrom(1_580);
    }

    @Test
    void twoSuspicionsAreAQuarterOfASecondApart() {
        send(1_000, DATA);
        assertSuspiciousFrom(1_080);

        send(1_081, DATA);
        assertSuspiciousFrom(1_330);
    }

    @Test
    void newPathOwesNothing() {
        hear(1_000, 1_001, 1_002, 1_003);
        send(1_004, DATA);
        watch.moved();

        assertThat(watch.isIdle()).isTrue();
    }

    @Test
    void lookComesNoLaterThanWhatMayBeginMeanwhileIsDue() {
        send(1_000, DATA);

        assertThat(watch.delayNanos(nanos(1_000))).isEqualTo(nanos(40));
        assertThat(watch.delayNanos(nanos(1_060))).isEqualTo(nanos(20));
        assertThat(watch.delayNanos(nanos(2_000))).isEqualTo(1);
    }

    private void hear(long... millis) {
        for (long moment : millis) {
            watch.heard(nanos(moment));
        }
    }

    private void send(long millis, int bytes) {
        watch.sent(bytes, nanos(millis));
    }

    private void assertSuspiciousFrom(long millis) {
        assertThat(watch.isSuspicious(nanos(millis) - 1)).isFalse();
        assertThat(watch.isSuspicious(nanos(millis))).isTrue();
    }

    private static long nanos(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
