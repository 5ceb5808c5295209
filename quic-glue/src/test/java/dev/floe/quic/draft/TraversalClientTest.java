package dev.floe.quic.draft;

import static dev.floe.quic.draft.TraversalDriver.add;
import static dev.floe.quic.draft.TraversalDriver.punch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.quic.draft.TraversalFrame.RemoveAddress;
import dev.floe.quic.draft.TraversalFrame.TransportParameter;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraversalClientTest {

    private static final Duration ROUND = Duration.ofNanos(TraversalClient.ROUND_NANOS);

    private final TraversalDriver client = TraversalDriver.client(8);

    @Test
    void clientSpeaksFirstAndSaysNothingOfItsAddresses() {
        TraversalDriver fresh = TraversalDriver.of(new TraversalClient()).open().find("192.0.2.1", 1);
        assertThat(fresh.said).containsExactly(new TransportParameter(OptionalLong.empty()));
    }

    /** RFC 8445 §6.1.2.3: the lesser of two priorities counts first, then the greater. */
    @Test
    void pairsAreNamedBestFirstAndCheckedAtOnce() {
        client.find("203.0.113.9", 2)
                .find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10), add(1, "198.51.100.2", 20))
                .select(true);

        assertThat(client.punches())
                .containsExactly("1:0:192.0.2.1#1", "1:1:192.0.2.1#1", "1:0:203.0.113.9#2", "1:1:203.0.113.9#2");
        assertThat(client.checked())
                .containsExactly(
                        "192.0.2.1#1>198.51.100.1#10",
                        "192.0.2.1#1>198.51.100.2#20",
                        "203.0.113.9#2>198.51.100.1#10",
                        "203.0.113.9#2>198.51.100.2#20");
    }

    @Test
    void roundHasAsManyPairsAsTheServerAllowsAndTheNextOneTheRest() {
        TraversalDriver two = TraversalDriver.client(2)
                .find("192.0.2.1", 1)
                .select(true)
                .hear(add(0, "198.51.100.1", 10), add(1, "198.51.100.2", 20), add(2, "198.51.100.3", 30));
        assertThat(two.punches()).containsExactly("1:0:192.0.2.1#1", "1:1:192.0.2.1#1");

        two.forget().runFor(ROUND);

        assertThat(two.punches()).containsExactly("2:2:192.0.2.1#1");
        assertThat(two.checked()).containsExactly("192.0.2.1#1>198.51.100.3#30");
    }

    @Test
    void serverThatAllowsMuchIsNotTakenAtItsWord() {
        TraversalDriver many =
                TraversalDriver.client(1L << 61).find("192.0.2.1", 1).select(true);
        for (int i = 0; i < 20; i++) {
            many.hear(add(i, "198.51.100.1", 10 + i));
        }
        assertThat(many.punches()).hasSize(TraversalClient.MAX_CONCURRENT).allMatch(punch -> punch.startsWith("1:"));
    }

    @Test
    void pairThatComesWhileThereIsRoomJoinsTheRound() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10))
                .select(true)
                .runFor(Duration.ofMillis(30))
                .hear(add(1, "198.51.100.2", 20));
        assertThat(client.punches()).containsExactly("1:0:192.0.2.1#1", "1:1:192.0.2.1#1");
    }

    @Test
    void familiesAreNotMixed() {
        client.find("192.0.2.1", 1)
                .find("fd00::1", 1)
                .hear(add(0, "fd00::2", 10))
                .select(true);
        assertThat(client.checked()).containsExactly("fd00:0:0:0:0:0:0:1#1>fd00:0:0:0:0:0:0:2#10");
    }

    @Test
    void nothingIsNamedBeforeAPathIsInUse() {
        client.find("192.0.2.1", 1).hear(add(0, "198.51.100.1", 10));
        assertThat(client.said).isEmpty();
    }

    @Test
    void allIsTriedThriceAndThenLeftInPeace() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10))
                .select(true)
                .runFor(Duration.ofMinutes(10));

        assertThat(client.punches()).containsExactly("1:0:192.0.2.1#1", "2:0:192.0.2.1#1", "3:0:192.0.2.1#1");
        assertThat(client.checked()).isEmpty();
        assertThat(client.traversal.deadlineNanos()).isEqualTo(Traversal.NEVER);
    }

    @Test
    void directWayEndsTheSearchAndTheRoundRunsOut() {
        TraversalDriver one = TraversalDriver.client(1)
                .find("192.0.2.1", 1)
                .select(true)
                .hear(add(0, "198.51.100.1", 10), add(1, "198.51.100.2", 20))
                .select(false)
                .runFor(Duration.ofMinutes(10));
        assertThat(one.punches()).containsExactly("1:0:192.0.2.1#1");
        assertThat(one.checked()).isEmpty();
    }

    @Test
    void fallBackToTheRelayIsANewRoundWithAll() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10))
                .select(true)
                .select(false)
                .forget()
                .select(true);
        assertThat(client.punches()).containsExactly("2:0:192.0.2.1#1");
    }

    @Test
    void roamOfEitherSideIsANewRound() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10))
                .select(true)
                .select(false)
                .runFor(ROUND)
                .forget();

        client.hear(add(1, "198.51.100.99", 10), new RemoveAddress(0));
        assertThat(client.punches()).containsExactly("2:1:192.0.2.1#1");

        client.runFor(ROUND).forget().find("192.0.2.77", 1).lose("192.0.2.1", 1);
        assertThat(client.punches()).containsExactly("3:1:192.0.2.77#1");
    }

    @Test
    void addressThatIsTakenBackIsNotCheckedAnyMore() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10), add(1, "198.51.100.2", 20))
                .select(true)
                .hear(new RemoveAddress(0));
        assertThat(client.checked()).containsExactly("192.0.2.1#1>198.51.100.2#20");
    }

    @Test
    void restartOfIceIsANewRoundOnceItHasAPath() {
        client.find("192.0.2.1", 1)
                .hear(add(0, "198.51.100.1", 10))
                .select(true)
                .forget()
                .restart();
        assertThat(client.checked()).isEmpty();
        assertThat(client.said).isEmpty();

        client.select(true);
        assertThat(client.punches()).containsExactly("2:0:192.0.2.1#1");
    }

    @Test
    void thousandAddressesAreAFew() {
        client.find("192.0.2.1", 1).select(true);
        for (int i = 0; i < 1_000; i++) {
            client.hear(add(i, "198.51.100.1", 1000 + i));
        }
        client.runFor(Duration.ofMinutes(10));

        assertThat(client.traversal.ignored()).isEqualTo(1_000 - Traversal.MAX_ADDRESSES);
        assertThat(client.punches()).hasSize(TraversalClient.MAX_PASSES * Traversal.MAX_ADDRESSES);
        assertThat(client.checks).allMatch(pairs -> pairs.size() <= TraversalClient.MAX_CONCURRENT);
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.7, 0", "127.0.0.1, 1", "224.0.0.251, 5353", "0.0.0.0, 1", "fe80::1, 1", "ff02::1, 1"})
    void addressThatNobodyCouldBeReachedAtIsNotChecked(String host, int port) {
        client.find("192.0.2.1", 1).find("fd00::1", 1).select(true).hear(add(0, host, port));
        assertThat(client.said).isEmpty();
        assertThat(client.traversal.ignored()).isEqualTo(1);
    }

    @Test
    void numberThatIsTakenStaysWithItsAddress() {
        client.find("192.0.2.1", 1)
                .select(true)
                .hear(add(0, "198.51.100.1", 10), add(0, "198.51.100.99", 10), new RemoveAddress(5));
        assertThat(client.checked()).containsExactly("192.0.2.1#1>198.51.100.1#10");
        assertThat(client.traversal.ignored()).isEqualTo(2);
    }

    @Test
    void serverThatPunchesBreaksTheDraft() {
        assertThatThrownBy(() -> client.hear(punch(1, 0, "192.0.2.1", 1)))
                .isInstanceOfSatisfying(
                        TraversalException.class,
                        forbidden -> assertThat(forbidden.code()).isEqualTo(TraversalException.PROTOCOL_VIOLATION));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void serverThatAllowsNothingBreaksTheDraft(boolean saysSo) {
        TransportParameter nothing = new TransportParameter(saysSo ? OptionalLong.of(0) : OptionalLong.empty());
        assertThatThrownBy(() -> client.hear(nothing))
                .isInstanceOfSatisfying(
                        TraversalException.class,
                        forbidden -> assertThat(forbidden.code()).isEqualTo(TraversalException.TRANSPORT_PARAMETER));
    }
}
