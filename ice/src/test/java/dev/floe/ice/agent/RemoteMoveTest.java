package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What is kept, forgotten and tried again of the other side's candidates as it moves. */
class RemoteMoveTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress NEXT = ScriptedPeer.address("198.51.100.21", 4000);

    private final AgentDriver driver = AgentDriver.of(CONTROLLING);

    @Test
    void peerThatHasMovedThreeHundredTimesIsStillFoundAtOnce() {
        connect();
        for (int move = 1; move <= 300; move++) {
            InetSocketAddress here = ScriptedPeer.address("10.0." + move % 250 + "." + (1 + move / 250), 4000 + move);
            driver.answered = request -> request.isTo(here);
            for (int port = 1; port <= 4; port++) {
                driver.trickle(ScriptedPeer.host(ScriptedPeer.address("10.1.1." + port, 4000 + move), port));
            }
            driver.trickle(ScriptedPeer.host(here, 1000)).runFor(12_000);

            assertThat(driver.selected()).as("after move %d", move).isEqualTo(here);
            assertThat(driver.agent.stats()).hasSizeLessThanOrEqualTo(Checklist.MAX_PAIRS);
        }
    }

    @Test
    void addressesThatChecksHaveShownDoNotUseUpTheRoom() {
        connect();
        for (int move = 1; move <= 200; move++) {
            InetSocketAddress here = ScriptedPeer.address("10.0." + move % 250 + ".1", 4000 + move);
            driver.answered = request -> request.isTo(here);
            driver.receive(driver.peer.check(), here).runFor(15_000);

            assertThat(driver.selected()).as("after move %d", move).isEqualTo(here);
        }
    }

    @Test
    void candidateThatIsToldAgainIsCheckedAgainAtOnce() {
        connect();
        driver.trickle(ScriptedPeer.host(NEXT, 1)).runFor(60_000);
        assertThat(driver.requestsTo(NEXT)).isNotEmpty();
        driver.sent.clear();

        driver.trickle(ScriptedPeer.host(NEXT, 1)).runFor(200);

        assertThat(driver.requestsTo(NEXT)).isNotEmpty();
        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSize(2);
    }

    @Test
    void manyPortsOfOneHostDoNotKeepOutAnother() {
        connect();
        for (int port = 1; port <= 200; port++) {
            driver.trickle(ScriptedPeer.host(ScriptedPeer.address("192.88.99.1", port), 60_000));
        }
        Candidate good = ScriptedPeer.candidate(CandidateType.SERVER_REFLEXIVE, "good", NEXT, 1);
        driver.trickle(good);
        driver.answered = request -> request.isTo(NEXT);

        driver.runFor(10_000);

        assertThat(driver.selected()).isEqualTo(NEXT);
    }

    @Test
    void stunIsAskedOnWhileNothingWorks() {
        connect();
        driver.runFor(10_000);
        driver.answered = request -> false;
        driver.sent.clear();
        driver.runFor(20_000);

        assertThat(driver.events(IceEvent.PathLost.class)).isNotEmpty();
        assertThat(driver.requestsTo(SERVER)).hasSizeBetween(10, 40);
        driver.answered = request -> request.isTo(REMOTE);
        driver.runFor(10_000).sent.clear();

        assertThat(driver.runFor(60_000).requestsTo(SERVER)).isEmpty();
    }

    private void connect() {
        driver.answered = request -> request.isTo(REMOTE);
        driver.gather(SERVER).describe(ScriptedPeer.host(REMOTE, 1000));
        driver.receive(driver.peer.check(), REMOTE).runFor(100);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }
}
