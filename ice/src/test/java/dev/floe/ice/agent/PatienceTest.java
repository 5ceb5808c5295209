package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceEvent.SessionFailed;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** How long an agent goes on before it says that there is no path (RFC 8863). */
class PatienceTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 1000);

    @Test
    void nobodyAnsweringIsNoPathAfterThePatience() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(REMOTE_HOST);
        driver.runFor(9_999);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.runFor(1_000);

        assertFailed(driver);
    }

    @Test
    void withAPlainPeerPatienceIsThatOfTheRfc() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(REMOTE_HOST);
        driver.runFor(39_499);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.runFor(1_000);

        assertFailed(driver);
        assertThat(driver.requestsTo(REMOTE))
                .extracting(Sent::atMillis)
                .containsExactly(0L, 500L, 1_500L, 3_500L, 7_500L, 15_500L, 31_500L);
    }

    @Test
    void noCandidatesAtAllAreNoReasonToGiveUpEarly() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe();
        driver.runFor(9_990);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(1), REMOTE).runFor(10);

        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void refusedChecksAreNoReasonToGiveUpEarly() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.refuse(driver.lastRequestTo(REMOTE).message(), 400), REMOTE)
                .runFor(9_900);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answered = request -> true;
        assertThat(driver.receive(driver.peer.nominate(1), REMOTE).runFor(10).selected())
                .isEqualTo(REMOTE);
    }

    @Test
    void checkThatComesJustBeforeTheEndIsSeenThroughToItsAnswer() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe();
        driver.runFor(9_999).receive(driver.peer.nominate(1), REMOTE).runFor(300);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answer(driver.lastRequestTo(REMOTE));

        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void nominationThatIsLostAfterThePatienceIsNoPath() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(REMOTE_HOST);
        driver.runFor(35_000).answer(driver.lastRequestTo(REMOTE));
        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);

        driver.runFor(60_000);

        assertFailed(driver);
    }

    @Test
    void peerThatDiesBeforeItNominatesIsNoPath() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.answer(driver.lastRequestTo(REMOTE)).runFor(60_000);

        assertFailed(driver);
    }

    @Test
    void peerThatAnswersMayTakeItsTimeToNominate() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.answered = request -> true;
        driver.runFor(600_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);
        assertThat(driver.sent.size()).isLessThan(100);

        driver.receive(driver.peer.nominate(1), REMOTE).runFor(10);

        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    private static void assertFailed(AgentDriver driver) {
        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
        assertThat(driver.events(SessionFailed.class)).containsExactly(new SessionFailed(SessionFailed.Reason.NO_PATH));
        assertThat(driver.agent.deadlineNanos()).isEqualTo(IceAgent.NEVER);
    }
}
