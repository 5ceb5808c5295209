package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** New credentials for a session that goes on (RFC 8445 §9). */
class RestartTest {

    private static final InetSocketAddress OLD = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress NEW = ScriptedPeer.address("203.0.113.5", 61_000);
    private static final InetSocketAddress ELSEWHERE = ScriptedPeer.address("203.0.113.6", 61_000);
    private static final Candidate OLD_HOST = ScriptedPeer.host(OLD, 1000);
    private static final Candidate NEW_HOST = ScriptedPeer.host(NEW, 1000);

    // --- this side restarts

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void oldPairCarriesDataUntilTheNewOneIsNominated(IceRole role) {
        AgentDriver driver = connected(role);
        driver.restart().gather().renewPeer("again");
        assertThat(driver.selected()).isEqualTo(OLD);
        driver.answered = request -> request.isTo(OLD);
        driver.describe(driver.peer.description(List.of(NEW_HOST))).runFor(50);
        assertThat(driver.selected()).isEqualTo(OLD);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answered = request -> true;
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), NEW)
                .runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, OLD)).isTrue();
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, NEW)).isTrue();
    }

    @Test
    void onlyThePairInUseIsSelectedInTheStatisticsOfBothGenerations() {
        AgentDriver driver = connected(CONTROLLED);
        driver.restart().gather().renewPeer("again").describe(NEW_HOST);
        assertThat(selectedInStats(driver)).containsExactly(OLD);

        driver.receive(driver.peer.nominate(1), NEW).runFor(100);

        assertThat(driver.agent.stats()).hasSize(2);
        assertThat(selectedInStats(driver)).containsExactly(NEW);
    }

    @Test
    void restartHasNewCredentialsForEverything() {
        AgentDriver driver = connected(CONTROLLING);
        IceDescription before = driver.agent.localDescription();

        driver.restart();

        IceDescription after = driver.agent.localDescription();
        assertThat(after.credentials().usernameFragment())
                .isNotEqualTo(before.credentials().usernameFragment());
        assertThat(after.credentials().password())
                .isNotEqualTo(before.credentials().password());
        assertThat(after.candidates()).isEmpty();
        assertThat(after.isComplete()).isFalse();
        assertThat(driver.events(IceEvent.Restarted.class)).containsExactly(new IceEvent.Restarted(after));
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void roleIsKept(IceRole role) {
        AgentDriver driver = connected(role);
        driver.restart().gather().renewPeer("again").describe(NEW_HOST).runFor(100);

        assertThat(driver.agent.role()).isEqualTo(role);
        assertThat(driver.lastRequestTo(NEW).message().has(StunAttribute.IceControlling.class))
                .isEqualTo(role == CONTROLLING);
    }

    @Test
    void consentOnTheOldPairGoesOnMeanwhile() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather();
        driver.sent.clear();

        driver.runFor(120_000);

        assertThat(driver.requestsTo(OLD)).hasSizeGreaterThan(18);
        assertThat(driver.selected()).isEqualTo(OLD);
        assertThat(driver.events(SessionFailed.class)).isEmpty();
    }

    @Test
    void oldCredentialsAreAnsweredForAWhileAfterTheNewPairIsInUseAndThenForgotten() {
        AgentDriver driver = connected(CONTROLLED);
        ScriptedPeer former = driver.peer;
        driver.restart().gather().renewPeer("again").describe(NEW_HOST);
        driver.receive(driver.peer.nominate(1), NEW).runFor(100);
        assertThat(driver.selected()).isEqualTo(NEW);

        driver.runFor(30_000).sent.clear();
        StunMessage late = former.check();
        driver.receive(late, OLD);
        assertThat(driver.responseTo(late).messageClass()).isEqualTo(StunClass.SUCCESS);

        driver.runFor(10_000).sent.clear();
        long before = driver.agent.unauthenticated();
        driver.receive(former.check(), OLD);
        assertThat(driver.sent).isEmpty();
        assertThat(driver.agent.unauthenticated()).isEqualTo(before + 1);
    }

    @Test
    void nothingIsNominatedUnderTheOldCredentialsOnceTheNewPairIsInUse() {
        AgentDriver driver = connected(CONTROLLED);
        ScriptedPeer former = driver.peer;
        driver.receive(former.check(), ELSEWHERE).runFor(100);
        driver.restart().gather().renewPeer("again").describe(NEW_HOST);
        driver.receive(driver.peer.nominate(1), NEW).runFor(100);

        StunMessage late = former.nominate(2);
        driver.receive(late, ELSEWHERE);

        assertThat(driver.responseTo(late).messageClass()).isEqualTo(StunClass.SUCCESS);
        assertThat(driver.events(IceEvent.PairNominated.class))
                .extracting(nominated -> nominated.pair().remoteAddress())
                .containsExactly(OLD, NEW);
    }

    @Test
    void nothingIsSentUnderTheOldCredentialsOnceTheNewPairIsInUse() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather().renewPeer("again").describe(NEW_HOST).runFor(100);
        assertThat(driver.selected()).isEqualTo(NEW);
        driver.sent.clear();

        driver.runFor(60_000);

        assertThat(driver.requestsTo(OLD)).isEmpty();
        assertThat(driver.requestsTo(NEW)).isNotEmpty();
    }

    @Test
    void checkOfTheNewCredentialsThatComesBeforeTheirDescriptionIsAnsweredAndLearnedFrom() {
        AgentDriver driver = connected(CONTROLLED);
        driver.restart().gather().renewPeer("again");
        StunMessage early = driver.peer.nominate(1);
        driver.receive(early, NEW);
        assertThat(driver.responseTo(early).messageClass()).isEqualTo(StunClass.SUCCESS);
        assertThat(driver.selected()).isEqualTo(OLD);

        driver.describe().runFor(50);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    @Test
    void restartThatFindsNothingLeavesTheOldPair() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> request.isTo(OLD);
        driver.restart().gather().renewPeer("again").describe(NEW_HOST).runFor(60_000);

        assertThat(driver.events(IceEvent.RestartFailed.class)).hasSize(1);
        assertThat(driver.events(SessionFailed.class)).isEmpty();
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(OLD);
    }

    @Test
    void lossOfTheOldPairDoesNotEndARestartUnderWay() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> false;
        driver.runFor(25_000).restart().gather().renewPeer("again").describe(NEW_HOST);
        driver.runFor(8_000);
        assertThat(driver.agent.selectedPair()).isEmpty();
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answered = request -> true;
        assertThat(driver.runFor(1_000).selected()).isEqualTo(NEW);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void consentThatExpiresDuringARestartIsToldOfOnce(IceRole role) {
        AgentDriver driver = connected(role);
        CandidatePair before = driver.agent.selectedPair().orElseThrow();
        driver.answered = request -> false;
        driver.runFor(28_000).restart().gather().renewPeer("again").describe(NEW_HOST);
        driver.runFor(8_000);

        assertThat(driver.agent.selectedPair()).isEmpty();
        assertThat(driver.events(IceEvent.ConsentExpired.class)).containsExactly(new IceEvent.ConsentExpired(before));
        assertThat(driver.events(SessionFailed.class)).isEmpty();
    }

    @Test
    void restartThatIsNeverAnsweredEndsWithTheOldPair() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> false;
        driver.restart().gather().runFor(31_000);

        assertThat(driver.events(SessionFailed.class))
                .containsExactly(new SessionFailed(SessionFailed.Reason.CONSENT_EXPIRED));
    }

    @Test
    void secondRestartTakesTheFirstBack() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather().restart().gather().renewPeer("again");
        driver.describe(driver.peer.description(List.of(NEW_HOST))).runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.events(IceEvent.Restarted.class)).hasSize(2);
    }

    @Test
    void peerThatNeverHeardOfTheGenerationBeforeTakesTheRestartForTheStart() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(NEW_HOST);
        driver.runFor(50).restart().renewPeer("peer");
        driver.answered = request -> driver.peer.isAddressedBy(request.message());
        driver.gather().runFor(200);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    // --- the other side restarts

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void otherSidesRestartIsAnsweredByOneOfOurs(IceRole role) {
        AgentDriver driver = connected(role);
        IceDescription restarted = new ScriptedPeer(
                        role.opposite(), driver.agent.localDescription().credentials(), ScriptedPeer.FLOE, "again")
                .description(List.of(NEW_HOST));
        driver.describe(restarted);
        assertThat(driver.events(IceEvent.Restarted.class)).hasSize(1);
        assertThat(driver.selected()).isEqualTo(OLD);

        driver.renewPeer("again").gather().runFor(10);
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), NEW)
                .runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    @Test
    void sameDescriptionAgainIsNoRestart() {
        AgentDriver driver = connected(CONTROLLED).describe(OLD_HOST);

        assertThat(driver.events(IceEvent.Restarted.class)).isEmpty();
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void bothSidesMayRestartAtOnce() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather().renewPeer("again");
        driver.describe(driver.peer.description(List.of(NEW_HOST))).runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.events(IceEvent.Restarted.class)).hasSize(1);
    }

    @Test
    void peerThatRestartsTwiceBeforeItsFirstRestartIsThroughIsFollowed() {
        AgentDriver driver = connected(CONTROLLED);
        driver.answered = request -> request.isTo(OLD) || request.isTo(NEW);
        driver.renewPeer("second")
                .describe(ScriptedPeer.host(ELSEWHERE, 1))
                .gather()
                .runFor(50);
        driver.renewPeer("third").describe(NEW_HOST);
        driver.receive(driver.peer.nominate(1), NEW).runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.events(IceEvent.Restarted.class)).hasSize(1);
    }

    @Test
    void peerThatRestartsBeforeThereIsAPairIsFollowed() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(ScriptedPeer.host(ELSEWHERE, 1));
        driver.runFor(50).renewPeer("again").describe(NEW_HOST);
        driver.answered = request -> request.isTo(NEW);
        driver.receive(driver.peer.nominate(1), NEW).runFor(100);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    // --- whose is what

    @Test
    void candidateGoesToTheDescriptionThatItNames() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather().renewPeer("again");
        driver.agent.setRemoteDescription(driver.peer.beginning(List.of()), 2_000_000_000_000L);
        driver.agent.addRemoteCandidate(NEW_HOST, "unknown", 2_000_000_000_000L);
        driver.agent.addRemoteCandidate(ScriptedPeer.host(ELSEWHERE, 9), "peer", 2_000_000_000_000L);
        driver.runUntil(2_000_100_000_000L);
        assertThat(driver.requestsTo(NEW)).isEmpty();

        driver.agent.addRemoteCandidate(NEW_HOST, "again", 2_000_100_000_000L);
        driver.runUntil(2_000_200_000_000L);

        assertThat(driver.requestsTo(NEW)).isNotEmpty();
        assertThat(driver.requestsTo(ELSEWHERE)).noneMatch(request -> driver.peer.isAddressedBy(request.message()));
    }

    @Test
    void candidateThatComesBetweenARestartAndItsAnswerIsTheOldDescriptions() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().begin(OLD_HOST);
        driver.answered = request -> true;
        driver.runFor(100)
                .restart()
                .gather()
                .trickle(ScriptedPeer.host(NEW, 5_000))
                .runFor(2_000);

        assertThat(driver.requestsTo(NEW)).anyMatch(request -> driver.peer.isAddressedBy(request.message()));
        assertThat(driver.selected()).isEqualTo(NEW);
    }

    @Test
    void strangersAreRefusedInBothGenerations() {
        AgentDriver driver = connected(CONTROLLED);
        ScriptedPeer former = driver.peer;
        driver.restart().gather().renewPeer("again").describe(NEW_HOST);
        driver.sent.clear();
        String current = driver.agent.localDescription().credentials().usernameFragment();

        driver.receive(former.signed(former.builderAs(current + ":peer")), ELSEWHERE);
        driver.receive(driver.peer.signed(driver.peer.builderAs(current + ":peer")), ELSEWHERE);
        driver.receive(former.signed(former.builderAs("other:again")), ELSEWHERE);

        assertThat(driver.sent).noneMatch(one -> one.isTo(ELSEWHERE));
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, ELSEWHERE)).isFalse();
    }

    @Test
    void manyRestartsLeaveNoMoreThanTwoGenerations() {
        AgentDriver driver = connected(CONTROLLING);
        for (int i = 0; i < 500; i++) {
            driver.restart().gather().renewPeer("peer-" + i).describe(NEW_HOST).runFor(i % 3 == 0 ? 100 : 0);
        }
        driver.runFor(40_000).sent.clear();

        driver.runFor(60_000);

        assertThat(driver.sent.stream().filter(Sent::isRequest)).hasSizeBetween(9, 16);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    private static List<InetSocketAddress> selectedInStats(AgentDriver driver) {
        return driver.agent.stats().stream()
                .filter(CandidatePairStats::isSelected)
                .map(stats -> stats.pair().remoteAddress())
                .toList();
    }

    private static AgentDriver connected(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather().describe(OLD_HOST);
        driver.answered = request -> true;
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), OLD)
                .runFor(100);
        assertThat(driver.selected()).isEqualTo(OLD);
        driver.sent.clear();
        return driver;
    }
}
