package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the other side's checks lead to (RFC 8445 §7.3), before its description has come and after. */
class TriggeredCheckTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress OTHER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final InetSocketAddress UNKNOWN = ScriptedPeer.address("203.0.113.5", 61_000);

    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 1000);

    @Test
    void checkIsAnsweredWithTheAddressItCameFrom() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        StunMessage check = driver.peer.check();
        driver.receive(check, UNKNOWN);

        assertThat(driver.responseTo(check).find(StunAttribute.XorMappedAddress.class))
                .contains(new StunAttribute.XorMappedAddress(UNKNOWN));
        assertThat(driver.responseTo(check).hasValidFingerprint()).isTrue();
        assertThat(driver.sent.get(driver.sent.size() - 1).destination()).isEqualTo(UNKNOWN);
    }

    // pion sends the priority of the candidate itself.
    @ParameterizedTest
    @EnumSource(IceRole.class)
    void priorityOfACheckIsThePeerReflexiveOne(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather().describe(REMOTE_HOST);

        assertThat(driver.lastRequestTo(REMOTE).message().find(StunAttribute.Priority.class))
                .contains(new StunAttribute.Priority(Candidate.priority(CandidateType.PEER_REFLEXIVE, 65_535)));
    }

    @Test
    void checkNamesBothSidesAndItsRole() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(REMOTE_HOST);
        StunMessage check = driver.lastRequestTo(REMOTE).message();
        String local = driver.agent.localDescription().credentials().usernameFragment();

        assertThat(check.find(StunAttribute.Username.class)).contains(new StunAttribute.Username("peer:" + local));
        assertThat(check.has(StunAttribute.IceControlling.class)).isTrue();
        assertThat(check.has(StunAttribute.IceControlled.class)).isFalse();
        assertThat(check.hasValidFingerprint()).isTrue();
    }

    // pion waits a second before it accepts one.
    @Test
    void peerReflexivePairIsCheckedInTheNextSlotAndAccepted() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.check(), UNKNOWN).runFor(5);
        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class))
                .extracting(added -> added.candidate().type())
                .containsExactly(CandidateType.HOST, CandidateType.PEER_REFLEXIVE);

        driver.answer(driver.lastRequestTo(UNKNOWN));

        assertThat(driver.selected()).isEqualTo(UNKNOWN);
        assertThat(driver.nowMillis()).isEqualTo(5);
    }

    @Test
    void peerReflexiveCandidateHasThePriorityThatItsCheckNamed() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.check(), UNKNOWN);

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class))
                .last()
                .extracting(added -> added.candidate().priority())
                .isEqualTo(Candidate.priority(CandidateType.PEER_REFLEXIVE, 65_535));
    }

    @Test
    void triggeredCheckGoesBeforeABetterOrdinaryOne() {
        AgentDriver driver = AgentDriver.of(CONTROLLED)
                .gather()
                .describe(
                        ScriptedPeer.host(ScriptedPeer.address("198.51.100.41", 4000), 4000),
                        ScriptedPeer.host(ScriptedPeer.address("198.51.100.42", 4000), 3000),
                        REMOTE_HOST);
        driver.receive(driver.peer.check(), REMOTE).runFor(5);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.sent.stream().filter(Sent::isRequest)).hasSize(2);
    }

    @Test
    void ownAddressSeenByThePeerIsAPeerReflexiveCandidateOfThePair() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        InetSocketAddress mapped = ScriptedPeer.address("203.0.113.77", 50_000);
        driver.receive(driver.peer.answer(driver.lastRequestTo(REMOTE).message(), mapped), REMOTE);

        Candidate local =
                driver.events(IceEvent.PairValidated.class).get(0).pair().local();
        assertThat(local.address()).isEqualTo(mapped);
        assertThat(local.type()).isEqualTo(CandidateType.PEER_REFLEXIVE);
    }

    @Test
    void retransmittedRequestIsAnsweredAgainAndTriggersNothing() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        StunMessage check = driver.peer.check();
        driver.receive(check, REMOTE).runFor(5);
        StunMessage triggered = driver.lastRequestTo(REMOTE).message();

        driver.receive(check, REMOTE).runFor(50);

        assertThat(driver.lastRequestTo(REMOTE).message()).isEqualTo(triggered);
        assertThat(driver.sent.stream()
                        .filter(one -> !one.isRequest()
                                && one.message().transactionId().equals(check.transactionId())))
                .hasSize(2);
    }

    @Test
    void retransmittedNominationDoesNotEndTheCheckUnderWay() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().runFor(60_000).describe(REMOTE_HOST);
        StunMessage nomination = driver.peer.nominate(1);
        driver.receive(nomination, REMOTE).runFor(5);
        StunMessage triggered = driver.lastRequestTo(REMOTE).message();

        driver.receive(nomination, REMOTE).runFor(100);

        assertThat(driver.requestsTo(REMOTE).stream()
                        .filter(one -> one.message().equals(triggered)))
                .hasSizeGreaterThan(2);
    }

    @Test
    void newRequestReplacesTheCheckUnderWayWhoseAnswerStillCounts() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        Sent first = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.check(), REMOTE).runFor(5);
        Sent second = driver.lastRequestTo(REMOTE);
        assertThat(second.message().transactionId())
                .isNotEqualTo(first.message().transactionId());

        driver.answer(first);
        int sent = driver.sent.size();
        driver.runFor(2_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);
        assertThat(driver.sent.size()).isEqualTo(sent);
    }

    @Test
    void requestOverAPairThatSucceededTriggersNothing() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.answer(driver.lastRequestTo(REMOTE));
        driver.receive(driver.peer.check(), REMOTE).runFor(2_000);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void requestRevivesAPairThatFailed() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        Sent refused = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.refuse(refused.message(), 400), REMOTE).runFor(100);
        assertThat(driver.requestsTo(REMOTE)).hasSize(1);

        driver.receive(driver.peer.check(), REMOTE).runFor(5);

        assertThat(driver.answer(driver.lastRequestTo(REMOTE)).agent.state()).isEqualTo(IceState.CONNECTED);
    }

    @Test
    void addressIsAuthenticatedOnceItHasSentACheckAndNotBefore() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, REMOTE)).isFalse();

        driver.receive(driver.peer.check(), REMOTE);

        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, REMOTE)).isTrue();
        assertThat(driver.agent.isAuthenticated(ScriptedPeer.address("::", 5001), REMOTE))
                .isFalse();
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, OTHER)).isFalse();
    }

    // --- before the description

    @Test
    void earlyCheckIsAnsweredAtOnceAndLearnedFromLater() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather();
        StunMessage early = driver.peer.nominate(1);
        driver.receive(early, UNKNOWN);
        assertThat(driver.responseTo(early).has(StunAttribute.XorMappedAddress.class))
                .isTrue();
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, UNKNOWN)).isFalse();

        driver.describe(REMOTE_HOST);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, UNKNOWN)).isTrue();

        driver.runFor(5).answer(driver.lastRequestTo(UNKNOWN));
        assertThat(driver.selected()).isEqualTo(UNKNOWN);
    }

    @Test
    void earlyCheckFromASignaledAddressTriggersThatPairFirst() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather();
        driver.receive(driver.peer.check(), REMOTE);
        driver.describe(ScriptedPeer.host(OTHER, 5000), REMOTE_HOST);

        Sent first = driver.sent.stream().filter(Sent::isRequest).findFirst().orElseThrow();
        assertThat(first.destination()).isEqualTo(REMOTE);
        assertThat(first.nominates()).isTrue();
    }

    @Test
    void earlyNominationIsNotLostWhenLaterEarlyChecksDoNotNominate() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather();
        driver.receive(driver.peer.nominate(1), REMOTE)
                .receive(driver.peer.check(), REMOTE)
                .receive(driver.peer.check(), OTHER)
                .describe(REMOTE_HOST);
        driver.answered = request -> true;
        driver.runFor(50);

        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void earlyChecksComeFromTheGatheringStageToo() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather(ScriptedPeer.address("203.0.113.99", 3478));
        StunMessage early = driver.peer.nominate(1);
        driver.receive(early, REMOTE);
        assertThat(driver.responseTo(early).has(StunAttribute.XorMappedAddress.class))
                .isTrue();

        driver.answered = request -> request.isTo(REMOTE);
        driver.describe(REMOTE_HOST).runFor(1_100);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void earlyChecksOfAPeerThatIsNotTheDescribedOneLeadToNothing() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather();
        String local = driver.agent.localDescription().credentials().usernameFragment();
        StunMessage stranger = driver.peer.signed(driver.peer
                .builderAs(local + ":other", new StunAttribute.UseCandidate())
                .add(new StunAttribute.IceControlling(1)));
        driver.receive(stranger, UNKNOWN).describe(REMOTE_HOST).runFor(100);

        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, UNKNOWN)).isFalse();
        assertThat(driver.requestsTo(UNKNOWN)).isEmpty();
    }

    @Test
    void earlyChecksOfManyAddressesAreAnsweredAndFewAreKept() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather();
        for (int port = 1; port <= 500; port++) {
            driver.receive(driver.peer.check(), ScriptedPeer.address("203.0.113.5", port));
        }
        assertThat(driver.sent).hasSize(500);

        driver.describe();

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSizeBetween(1, 16);
    }

    @Test
    void checksOfAnotherAddressFamilyThanAnyCandidateAreLeftAlone() {
        AgentDriver driver = AgentDriver.of(CONTROLLED)
                .gather(List.of(AgentDriver.HOST))
                .describe(ScriptedPeer.host(ScriptedPeer.address("2001:db8::7", 4000), 1000))
                .runFor(1_000);

        assertThat(driver.sent).isEmpty();
    }
}
