package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A day at a server that forgets each thing when it may (RFC 8656, sections 3.2, 9 and 12). */
class TurnSilenceTest {
    private static final Duration ROUND_TRIP = Duration.ofMillis(100);

    private final SessionBench bench = new SessionBench();
    private final ForgetfulServer server = new ForgetfulServer();
    private Random random = new Random(1);
    private double loss;

    @Test
    void allocationAndPermissionOutlastADayOfSilence() {
        open();
        for (int second = 0; second < 86_400; second++) {
            pass();
            assertThat(server.hasAllocation(bench.now)).as("second %d", second).isTrue();
            assertThat(server.hasPermission(PEER.getAddress(), bench.now))
                    .as("second %d", second)
                    .isTrue();
        }
        assertThat(bench.events).hasSize(1);
        assertThat(server.stale()).isGreaterThan(100);
    }

    @Test
    void channelLastsForAsLongAsThereIsData() {
        open();
        bench.channel(PEER);
        pass();
        for (int second = 0; second < 7_200; second++) {
            pass();
            assertThat(bench.channel(PEER)).isEqualTo(0x4000);
            assertThat(server.hasChannel(PEER, bench.now))
                    .as("second %d", second)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void lossOfATenthOfAllMessagesEndsNothing(long seed) {
        open();
        random = new Random(seed);
        loss = 0.1;
        for (int second = 0; second < 14_400; second++) {
            pass();
            assertThat(server.hasAllocation(bench.now))
                    .as("seed %d, second %d", seed, second)
                    .isTrue();
            assertThat(server.hasPermission(PEER.getAddress(), bench.now))
                    .as("seed %d, second %d", seed, second)
                    .isTrue();
        }
        assertThat(bench.events).hasSize(1);
    }

    private void open() {
        bench.start();
        pass();
        bench.permit(PEER);
        pass();
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.INSTALLED);
    }

    /** A second, in which what the client sends is answered a round trip later unless it is lost. */
    private void pass() {
        for (int i = 0; i < 10; i++) {
            Queue<StunMessage> answers = new ArrayDeque<>();
            while (!bench.sent.isEmpty()) {
                StunMessage request = bench.sent.remove();
                if (random.nextDouble() >= loss) {
                    server.answer(request, bench.now)
                            .filter(answer -> random.nextDouble() >= loss)
                            .ifPresent(answers::add);
                }
            }
            bench.pass(ROUND_TRIP);
            answers.forEach(bench::receive);
        }
    }
}
