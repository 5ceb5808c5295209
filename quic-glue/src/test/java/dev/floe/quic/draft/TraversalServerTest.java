package dev.floe.quic.draft;

import static dev.floe.quic.draft.TraversalDriver.add;
import static dev.floe.quic.draft.TraversalDriver.punch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.quic.draft.TraversalFrame.RemoveAddress;
import dev.floe.quic.draft.TraversalFrame.TransportParameter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraversalServerTest {

    private final TraversalDriver server = TraversalDriver.server();

    @Test
    void addressesAreToldWhenTheClientHasSpokenAndThenAsTheyCome() {
        TraversalDriver early = TraversalDriver.of(new TraversalServer()).open().find("192.0.2.1", 5000);
        assertThat(early.said).isEmpty();

        early.hear(new TransportParameter(OptionalLong.empty())).find("203.0.113.1", 6000);

        assertThat(early.said)
                .containsExactly(
                        new TransportParameter(OptionalLong.of(TraversalServer.CONCURRENCY_LIMIT)),
                        add(0, "192.0.2.1", 5000),
                        add(1, "203.0.113.1", 6000));
    }

    @Test
    void addressThatGoesIsTakenBackAndComesBackUnderAnotherNumber() {
        server.find("192.0.2.1", 5000)
                .find("192.0.2.1", 5000)
                .lose("192.0.2.1", 5000)
                .lose("192.0.2.1", 5000)
                .find("192.0.2.1", 5000);

        assertThat(server.said)
                .containsExactly(add(0, "192.0.2.1", 5000), new RemoveAddress(0), add(1, "192.0.2.1", 5000));
    }

    @Test
    void namedPairsAreCheckedAtOnceUpToTheLimit() {
        server.find("192.0.2.1", 5000);
        for (int i = 0; i < 100; i++) {
            server.hear(punch(1, 0, "198.51.100.7", 1000 + i));
        }

        assertThat(server.checked())
                .hasSize(TraversalServer.CONCURRENCY_LIMIT)
                .startsWith("192.0.2.1#5000>198.51.100.7#1000");
        assertThat(server.traversal.ignored()).isEqualTo(100 - TraversalServer.CONCURRENCY_LIMIT);
    }

    @Test
    void higherRoundEndsTheOneBeforeAndALowerOneIsOver() {
        server.find("192.0.2.1", 5000)
                .hear(punch(1, 0, "198.51.100.7", 1), punch(3, 0, "198.51.100.7", 3))
                .hear(punch(2, 0, "198.51.100.7", 2));

        assertThat(server.checked()).containsExactly("192.0.2.1#5000>198.51.100.7#3");
        assertThat(server.checks).as("nothing is checked between two rounds").anyMatch(List::isEmpty);
        assertThat(server.traversal.ignored()).isEqualTo(1);
    }

    @Test
    void roundThatTheClientForgetsEndsByItself() {
        server.find("192.0.2.1", 5000).hear(punch(1, 0, "198.51.100.7", 1));
        server.runFor(Duration.ofNanos(TraversalServer.ROUND_NANOS - 1));
        assertThat(server.checked()).hasSize(1);

        server.runFor(Duration.ofNanos(1)).hear(punch(1, 0, "198.51.100.7", 2));

        assertThat(server.checked()).isEmpty();
    }

    @Test
    void addressThatGoesTakesItsPairsWithIt() {
        server.find("192.0.2.1", 5000)
                .find("203.0.113.1", 6000)
                .hear(punch(1, 0, "198.51.100.7", 1), punch(1, 1, "198.51.100.7", 1))
                .lose("192.0.2.1", 5000);

        assertThat(server.checked()).containsExactly("203.0.113.1#6000>198.51.100.7#1");
    }

    /** Nobody is there, or only who has not asked for it. */
    @ParameterizedTest
    @CsvSource({
        "198.51.100.7, 0",
        "0.0.0.0, 1",
        "0.1.2.3, 1",
        "127.0.0.1, 1",
        "224.0.0.251, 5353",
        "255.255.255.255, 9",
        "240.0.0.1, 9",
        "::1, 1",
        "::, 1",
        "ff02::fb, 5353",
        "fe80::1, 1",
        "2001:db8::1, 1"
    })
    void addressThatNobodyCouldBeReachedAtIsNotChecked(String host, int port) {
        server.find("192.0.2.1", 5000).hear(punch(1, 0, host, port));

        assertThat(server.checked()).isEmpty();
        assertThat(server.traversal.ignored()).isEqualTo(1);
    }

    /** A peer in the same network has such a one, so it is checked, within the budget. */
    @Test
    void privateAddressIsChecked() {
        server.find("192.0.2.1", 5000).hear(punch(1, 0, "10.0.0.1", 53));
        assertThat(server.checked()).containsExactly("192.0.2.1#5000>10.0.0.1#53");
    }

    @Test
    void loopbackIsForThoseWhoAreThereThemselves() {
        server.find("127.0.0.1", 5000).hear(punch(1, 0, "127.0.0.1", 6000));
        assertThat(server.checked()).containsExactly("127.0.0.1#5000>127.0.0.1#6000");
    }

    @Test
    void pairOfAnAddressThatWasNeverToldOrIsTakenBackIsIgnored() {
        server.find("192.0.2.1", 5000)
                .hear(punch(1, 7, "198.51.100.7", 1))
                .lose("192.0.2.1", 5000)
                .hear(punch(1, 0, "198.51.100.7", 1));

        assertThat(server.checked()).isEmpty();
        assertThat(server.traversal.ignored()).isEqualTo(2);
    }

    @Test
    void floodOfRoundsIsHeardSlowly() {
        server.find("192.0.2.1", 5000).forget();
        for (int round = 1; round <= 10_000; round++) {
            server.hear(punch(round, 0, "198.51.100.7", 1));
        }
        assertThat(server.traversal.ignored()).isEqualTo(10_000 - (Traversal.MAX_FRAMES - 1));

        server.runFor(Duration.ofSeconds(1)).forget().hear(punch(20_000, 0, "198.51.100.7", 2));
        assertThat(server.checked()).containsExactly("192.0.2.1#5000>198.51.100.7#2");
    }

    @Test
    void clientThatTellsAddressesOrALimitBreaksTheDraft() {
        assertForbidden(add(0, "192.0.2.1", 1), TraversalException.PROTOCOL_VIOLATION);
        assertForbidden(new RemoveAddress(0), TraversalException.PROTOCOL_VIOLATION);
        assertForbidden(new TransportParameter(OptionalLong.of(4)), TraversalException.TRANSPORT_PARAMETER);
    }

    @Test
    void noMoreAddressesAreToldThanAreKept() {
        for (int i = 0; i < 2 * Traversal.MAX_ADDRESSES; i++) {
            server.find("192.0.2.1", 1000 + i);
        }
        assertThat(server.said).hasSize(Traversal.MAX_ADDRESSES);
    }

    @Test
    void everyPairHasTheOtherSidesAddressOnce() {
        server.find("192.0.2.1", 5000).hear(punch(0, 0, "198.51.100.7", 1));
        assertThat(server.checks.get(server.checks.size() - 1))
                .singleElement()
                .satisfies(pair ->
                        assertThat(pair.remote().address()).isEqualTo(new InetSocketAddress("198.51.100.7", 1)));
    }

    private void assertForbidden(TraversalFrame frame, int code) {
        assertThatThrownBy(() -> server.hear(frame))
                .isInstanceOfSatisfying(
                        TraversalException.class,
                        forbidden -> assertThat(forbidden.code()).isEqualTo(code));
    }
}
