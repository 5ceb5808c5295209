package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SourceRateLimiterTest {
    private static final int BURST = 5;
    private static final int CAPACITY = 64;
    private static final long SECOND = 1_000_000_000L;

    private Random random;
    private SourceRateLimiter limiter;
    private long now;

    @BeforeEach
    void seed() {
        long seed = Long.getLong("floe.seed", new Random().nextLong());
        System.out.println("SourceRateLimiterTest: -Dfloe.seed=" + seed);
        random = new Random(seed);
        limiter = new SourceRateLimiter(10, BURST, CAPACITY, random.nextLong());
    }

    @Test
    void sourceMayAskInABurstAndThenAtItsRate() throws Exception {
        InetAddress source = InetAddress.getByName("192.0.2.1");
        assertThat(allowed(source, 100)).isEqualTo(BURST);

        now += SECOND;
        assertThat(allowed(source, 100)).isEqualTo(BURST);
        int inTenSeconds = 0;
        for (int i = 0; i < 1000; i++) {
            now += SECOND / 100;
            inTenSeconds += allowed(source, 1);
        }
        assertThat(inTenSeconds).isBetween(99, 101);
    }

    @Test
    void sourcesDoNotShareAnAllowance() throws Exception {
        assertThat(allowed(InetAddress.getByName("192.0.2.1"), 100)).isEqualTo(BURST);
        assertThat(allowed(InetAddress.getByName("192.0.2.2"), 100)).isEqualTo(BURST);
    }

    @Test
    void addressesOfOneIpv6NetworkShareTheirsAndNoOtherDoes() throws Exception {
        assertThat(allowed(InetAddress.getByName("2001:db8:0:1::1"), 100)).isEqualTo(BURST);
        assertThat(allowed(InetAddress.getByName("2001:db8:0:1:ffff:1:2:3"), 100))
                .isZero();
        assertThat(allowed(InetAddress.getByName("2001:db8:0:2::1"), 100)).isEqualTo(BURST);
        assertThat(allowed(InetAddress.getByName("::2"), 100)).isEqualTo(BURST);
    }

    /** However many sources there are, one that asks for the first time is answered. */
    @Test
    void floodOfSpoofedSourcesRefusesNobodyElse() throws Exception {
        for (int i = 0; i < 100_000; i++) {
            now += random.nextInt(1000);
            assertThat(limiter.allows(anybody(), now)).isTrue();
            if (i % 1000 == 0) {
                assertThat(limiter.allows(InetAddress.getByName("192.0.2.1"), now))
                        .isTrue();
                now += SECOND;
            }
        }
    }

    /** Who has used up its allowance cannot have it forgotten by asking under many other names. */
    @Test
    void floodOfSpoofedSourcesDoesNotFreeWhoAsksTooMuch() throws Exception {
        InetAddress greedy = InetAddress.getByName("192.0.2.1");
        assertThat(allowed(greedy, 100)).isEqualTo(BURST);
        for (int i = 0; i < 100_000; i++) {
            limiter.allows(anybody(), now);
            assertThat(limiter.allows(greedy, now)).isFalse();
        }
    }

    @Test
    void limitBeyondAnyClockRefusesNobody() throws Exception {
        limiter = new SourceRateLimiter(Integer.MAX_VALUE, 1, CAPACITY, 0);

        assertThat(allowed(InetAddress.getByName("192.0.2.1"), 10_000)).isEqualTo(10_000);
    }

    private int allowed(InetAddress source, int requests) {
        int allowed = 0;
        for (int i = 0; i < requests; i++) {
            allowed += limiter.allows(source, now) ? 1 : 0;
        }
        return allowed;
    }

    private InetAddress anybody() throws UnknownHostException {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(address);
        address[0] = 10;
        return InetAddress.getByAddress(address);
    }
}
