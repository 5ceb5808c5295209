package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FAILED;
import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.CandidatePairState.SUCCEEDED;
import static dev.floe.ice.CandidatePairState.WAITING;
import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an agent tells of each of its pairs. */
class StatsTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress OTHER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 1000);
    private static final Candidate OTHER_HOST = ScriptedPeer.host(OTHER, 2000);

    @Test
    void checksAndResponsesAreCountedBothWays() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.runFor(40);
        StunMessage check = driver.peer.check();
        driver.receive(check, REMOTE).receive(check, REMOTE).runFor(5);
        driver.answer(driver.lastRequestTo(REMOTE));

        CandidatePairStats stats = statsOf(driver, REMOTE);
        assertThat(stats.requestsSent())
                .isEqualTo(driver.requestsTo(REMOTE).size())
                .isGreaterThan(3);
        assertThat(stats.responsesReceived()).isOne();
        assertThat(stats.requestsReceived()).isEqualTo(2);
        assertThat(stats.responsesSent()).isEqualTo(2);
        assertThat(stats.isAuthenticated()).isTrue();
        assertThat(stats.state()).isEqualTo(SUCCEEDED);
    }

    @Test
    void roundTripIsThatOfTheLastAnswerAndTheTotalThatOfAll() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(REMOTE_HOST);
        driver.runFor(7).answer(driver.lastRequestTo(REMOTE)).runFor(43);
        driver.runFor(3).answer(driver.lastRequestTo(REMOTE));

        CandidatePairStats stats = statsOf(driver, REMOTE);
        assertThat(stats.isSelected()).isTrue();
        assertThat(stats.totalRoundTrip()).isEqualTo(stats.roundTrip().plus(Duration.ofMillis(7)));
    }

    @Test
    void onlyTheSelectedPairIsSelected() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST, OTHER_HOST);
        driver.answered = request -> request.isTo(REMOTE);
        driver.receive(driver.peer.nominate(1), REMOTE).runFor(100);

        assertThat(statsOf(driver, REMOTE).isSelected()).isTrue();
        assertThat(statsOf(driver, OTHER).isSelected()).isFalse();
        assertThat(statsOf(driver, OTHER).state()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void bytesAreFilledInByWhoeverHandlesTheData() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        CandidatePairStats stats = statsOf(driver, REMOTE);
        assertThat(stats.bytesSent()).isZero();

        assertThat(stats.withBytes(5, 7).bytesSent()).isEqualTo(5);
        assertThat(stats.withBytes(5, 7).bytesReceived()).isEqualTo(7);
        assertThat(stats.withBytes(5, 7).withBytes(0, 0)).isEqualTo(stats);
    }

    @Test
    void eachChangeOfAPairIsToldOnceAndInOrder() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.runFor(20).answer(driver.lastRequestTo(REMOTE)).runFor(1_000);

        assertThat(driver.events(IceEvent.PairAdded.class)).hasSize(1);
        assertThat(driver.events(IceEvent.PairStateChanged.class))
                .extracting(IceEvent.PairStateChanged::state)
                .containsExactly(WAITING, IN_PROGRESS, SUCCEEDED);
    }

    @Test
    void failureAndRemovalAreTold() {
        AgentDriver driver = AgentDriver.of(
                        CONTROLLED, IceConfig.of(CONTROLLED, List.of()), Set.of(IceDescription.TRICKLE))
                .gather()
                .describe(REMOTE_HOST, OTHER_HOST)
                .runFor(60);
        driver.receive(driver.peer.refuse(driver.lastRequestTo(OTHER).message(), 400), OTHER);
        assertThat(driver.events(IceEvent.PairStateChanged.class)).last().satisfies(change -> {
            assertThat(change.state()).isEqualTo(FAILED);
            assertThat(change.pair().remote()).isEqualTo(OTHER_HOST);
        });

        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(), OTHER).runFor(50);

        assertThat(driver.events(IceEvent.PairRemoved.class))
                .extracting(removed -> removed.pair().remote())
                .containsExactly(REMOTE_HOST);
    }

    private static CandidatePairStats statsOf(AgentDriver driver, InetSocketAddress remote) {
        return driver.agent.stats().stream()
                .filter(stats -> stats.pair().remoteAddress().equals(remote))
                .findFirst()
                .orElseThrow();
    }
}
