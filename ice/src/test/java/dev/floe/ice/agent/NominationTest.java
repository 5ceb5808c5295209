package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class NominationTest {

    private static final InetSocketAddress GOOD = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress BETTER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final InetSocketAddress RELAY = ScriptedPeer.address("203.0.113.99", 49_152);

    private static final Candidate GOOD_HOST = ScriptedPeer.host(GOOD, 1000);
    private static final Candidate BETTER_HOST = ScriptedPeer.host(BETTER, 2000);

    // --- controlling, between peers that can revise

    @Test
    void veryFirstCheckNominatesOnTrial() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.runFor(5);

        assertThat(driver.lastRequestTo(GOOD).nominates()).isFalse();
        Sent first = driver.lastRequestTo(BETTER);
        assertThat(first.message().find(StunAttribute.Nomination.class)).contains(new StunAttribute.Nomination(1));
        driver.answer(first);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(BETTER);
    }

    @Test
    void firstTriggeredCheckNominatesAlready() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);

        driver.receive(driver.peer.check(), GOOD).runFor(5);

        Sent triggered = driver.lastRequestTo(GOOD);
        assertThat(triggered.message().find(StunAttribute.Nomination.class)).contains(new StunAttribute.Nomination(2));
        driver.answer(triggered);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void onlyTheFirstTriggeredCheckNominates() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.receive(driver.peer.check(), GOOD)
                .receive(driver.peer.check(), BETTER)
                .runFor(10);

        // What the other pair bears is the trial's nomination still, which the later one overrides.
        assertThat(driver.lastRequestTo(GOOD).message().find(StunAttribute.Nomination.class))
                .contains(new StunAttribute.Nomination(2));
        assertThat(driver.lastRequestTo(BETTER).message().find(StunAttribute.Nomination.class))
                .contains(new StunAttribute.Nomination(1));
    }

    @Test
    void pairThatIsAnsweredBeforeTheOtherSideWasHeardIsNominatedAtOnce() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST);
        driver.answer(driver.lastRequestTo(GOOD)).runFor(5);

        assertThat(driver.lastRequestTo(GOOD).nominates()).isTrue();
        assertThat(driver.answer(driver.lastRequestTo(GOOD)).selected()).isEqualTo(GOOD);
    }

    @Test
    void answerToAnEarlierCheckDoesNotEndTheOneThatNominates() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        Sent ordinary = driver.runFor(5).lastRequestTo(GOOD);
        driver.receive(driver.peer.check(), GOOD).runFor(5);
        Sent nominating = driver.lastRequestTo(GOOD);

        driver.answer(ordinary);
        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);
        driver.runFor(100);

        assertThat(driver.requestsTo(GOOD).stream().filter(Sent::nominates)).hasSizeGreaterThan(1);
        assertThat(driver.answer(nominating).selected()).isEqualTo(GOOD);
    }

    @Test
    void answeredNominationEndsTheCheckThatWasTriggeredAfterIt() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST);
        driver.receive(driver.peer.check(), GOOD).runFor(5);
        Sent nominating = driver.lastRequestTo(GOOD);
        driver.receive(driver.peer.check(), GOOD).runFor(5);
        assertThat(driver.lastRequestTo(GOOD).message()).isNotEqualTo(nominating.message());

        driver.answer(nominating);
        int sent = driver.sent.size();
        driver.runFor(3_000);

        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.sent.size()).isEqualTo(sent);
    }

    @Test
    void betterPairIsNominatedLater() {
        AgentDriver driver = connectedOver(GOOD, GOOD_HOST, BETTER_HOST);

        driver.answer(driver.lastRequestTo(BETTER)).runFor(5);
        Sent nominating = driver.lastRequestTo(BETTER);
        assertThat(nominating.message().find(StunAttribute.Nomination.class)).contains(new StunAttribute.Nomination(3));
        assertThat(driver.selected()).isEqualTo(GOOD);

        assertThat(driver.answer(nominating).selected()).isEqualTo(BETTER);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(2);
    }

    @Test
    void revisionThatIsNotAnsweredLeavesTheSelectedPair() {
        AgentDriver driver = connectedOver(GOOD, GOOD_HOST, BETTER_HOST);
        driver.answer(driver.lastRequestTo(BETTER));
        driver.answered = request -> request.isTo(GOOD);

        driver.runFor(40_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void directPairReplacesARelayedOne() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(relayed, GOOD_HOST);
        driver.answered = request -> request.isTo(RELAY);
        driver.receive(driver.peer.check(), RELAY).runFor(200);
        assertThat(driver.selected()).isEqualTo(RELAY);

        driver.answer(driver.lastRequestTo(GOOD)).runFor(5);
        driver.answer(driver.lastRequestTo(GOOD));

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void relayedPairIsNotNominatedWhileADirectOneMayStillComeForAShortWhile() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(relayed, GOOD_HOST);
        driver.answered = request -> request.isTo(RELAY);

        driver.receive(driver.peer.check(), RELAY).runFor(80);
        assertThat(driver.agent.selectedPair()).isEmpty();

        driver.answer(driver.lastRequestTo(GOOD)).runFor(5);
        driver.answer(driver.lastRequestTo(GOOD));
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void relayedPairIsNominatedAtOnceWhereNothingElseIsUnderWay() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);

        assertThat(connectedOver(RELAY, relayed).events(IceEvent.PairNominated.class))
                .hasSize(1);
    }

    @Test
    void relayedPairDoesNotReplaceADirectOne() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);
        AgentDriver driver = connectedOver(GOOD, GOOD_HOST, relayed);
        driver.answered = request -> true;
        driver.receive(driver.peer.check(), RELAY).runFor(1_000);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void nominationThatIsNotAnsweredGivesWayToTheNextBestPairAfterAShortWhile() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.receive(driver.peer.check(), BETTER).runFor(5);
        assertThat(driver.lastRequestTo(BETTER).nominates()).isTrue();
        driver.answered = request -> request.isTo(GOOD);

        driver.runFor(300);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void refusedNominationGivesWayToTheNextBestPairAtOnce() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.receive(driver.peer.check(), BETTER).runFor(10);
        Sent nominating = driver.lastRequestTo(BETTER);
        driver.answer(driver.lastRequestTo(GOOD));

        driver.receive(driver.peer.refuse(nominating.message(), 400), BETTER);
        driver.answered = request -> request.isTo(GOOD);
        driver.runFor(10);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    // aioice leaves the other side's checks unanswered once it is done.
    @Test
    void checksAreAnsweredForAsLongAsTheSessionLasts() {
        AgentDriver driver = connectedOver(GOOD, GOOD_HOST);
        driver.answered = request -> true;
        driver.runFor(300_000);
        StunMessage late = driver.peer.check();
        driver.receive(late, GOOD);

        assertThat(driver.responseTo(late).messageClass()).isEqualTo(StunClass.SUCCESS);
    }

    // --- controlling, by the book

    @Test
    void withAPlainPeerNothingIsNominatedInATriggeredCheck() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST);
        driver.receive(driver.peer.check(), GOOD).runFor(60);

        assertThat(driver.lastRequestTo(GOOD).nominates()).isFalse();
    }

    @Test
    void withAPlainPeerABetterPairIsLookedForAHundredMilliseconds() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.runFor(50);
        driver.answer(driver.lastRequestTo(GOOD));
        long validAt = driver.nowMillis();
        driver.runFor(200);

        Sent nominating = driver.lastRequestTo(GOOD);
        assertThat(nominating.nominates()).isTrue();
        assertThat(nominating.message().has(StunAttribute.Nomination.class)).isFalse();
        assertThat(nominating.atMillis() - validAt).isBetween(100L, 150L);
    }

    @Test
    void withAPlainPeerTheBestPairIsNominatedWithoutLookingFurther() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answer(driver.lastRequestTo(BETTER)).runFor(50);

        assertThat(driver.lastRequestTo(BETTER).nominates()).isTrue();
    }

    @Test
    void withAPlainPeerARelayedPairIsTakenIfNoDirectOneComesInAHundredMilliseconds() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, relayed);
        driver.runFor(50);
        driver.answer(driver.lastRequestTo(RELAY)).runFor(99);
        assertThat(driver.requestsTo(RELAY)).noneMatch(Sent::nominates);

        driver.answered = request -> request.isTo(RELAY);
        assertThat(driver.runFor(100).selected()).isEqualTo(RELAY);
    }

    @Test
    void withAPlainPeerADirectPairThatComesInTimeIsTakenBeforeARelayedOne() {
        Candidate relayed = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, relayed);
        driver.runFor(50);
        driver.answer(driver.lastRequestTo(RELAY)).runFor(90);
        driver.answered = request -> true;
        driver.answer(driver.lastRequestTo(GOOD)).runFor(500);

        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.requestsTo(RELAY)).noneMatch(Sent::nominates);
    }

    @Test
    void withAPlainPeerThereIsOneNomination() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.runFor(50);
        driver.answer(driver.lastRequestTo(GOOD)).runFor(150);
        driver.answer(driver.lastRequestTo(GOOD));
        driver.answered = request -> true;
        driver.receive(driver.peer.check(), BETTER).runFor(1_000);

        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
        assertThat(driver.requestsTo(BETTER)).noneMatch(Sent::nominates);
    }

    @Test
    void withAPlainPeerANominationThatFailsGivesWayToTheNextBestPair() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.runFor(50);
        driver.answer(driver.lastRequestTo(GOOD)).answer(driver.lastRequestTo(BETTER));
        driver.runFor(50);
        assertThat(driver.lastRequestTo(BETTER).nominates()).isTrue();
        driver.answered = request -> request.isTo(GOOD);

        driver.runFor(45_000);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    // --- controlled

    @Test
    void controlledAgentSelectsWhatIsNominatedOnceItIsValid() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST);
        driver.receive(driver.peer.nominate(1), GOOD);
        assertThat(driver.agent.selectedPair()).isEmpty();

        driver.runFor(5).answer(driver.lastRequestTo(GOOD));

        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.requestsTo(GOOD)).noneMatch(Sent::nominates);
    }

    @Test
    void controlledAgentWithAValidPairWaitsForItsNomination() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST);
        driver.answer(driver.lastRequestTo(GOOD)).runFor(1_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);

        driver.receive(driver.peer.nominate(1), GOOD);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void highestNominationWinsWhateverThePriorityAndTheOrder() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(2), GOOD)
                .receive(driver.peer.nominate(1), BETTER)
                .runFor(100);

        assertThat(driver.selected()).isEqualTo(GOOD);
        driver.receive(driver.peer.nominate(3), BETTER).runFor(10);
        assertThat(driver.selected()).isEqualTo(BETTER);
        driver.receive(driver.peer.nominate(2), GOOD).runFor(10);
        assertThat(driver.selected()).isEqualTo(BETTER);
    }

    @Test
    void nominationsAreComparedUnsigned() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(0xff_ffff), GOOD)
                .receive(driver.peer.nominate(1), BETTER)
                .runFor(100);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    // pion writes and reads three bytes of the four.
    @Test
    void nominationIsOfTwentyFourBits() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(2), GOOD)
                .receive(driver.peer.nominate(0xff00_0001L), BETTER)
                .runFor(100);

        assertThat(driver.selected()).isEqualTo(GOOD);
    }

    @Test
    void ofAnAggressivePeersNominationsTheBestPairWins() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(), GOOD).runFor(200);
        driver.receive(driver.peer.nominate(), BETTER).runFor(200);

        assertThat(driver.selected()).isEqualTo(BETTER);
        driver.receive(driver.peer.nominate(), GOOD).runFor(200);
        assertThat(driver.selected()).isEqualTo(BETTER);
    }

    @Test
    void aggressivePeersBetterPairWinsThoughItsCheckStillWaitsForASlot() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.receive(driver.peer.nominate(), GOOD).receive(driver.peer.nominate(), BETTER);
        driver.answered = request -> true;

        driver.runFor(1_000);

        assertThat(driver.selected()).isEqualTo(BETTER);
    }

    /** As aioice does when its socket is taken for QUIC. */
    @Test
    void pairOfAPeerThatGoesDeafOnceItHasNominatedIsPresumedValid() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED).gather().describe(GOOD_HOST);
        driver.receive(driver.peer.nominate(), GOOD).runFor(499);
        assertThat(driver.agent.selectedPair()).isEmpty();

        driver.runFor(1);
        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.runFor(600_000).agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void pairOfAPeerThatKeepsAnsweringIsNeverPresumedValid() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST);
        driver.receive(driver.peer.nominate(), GOOD).runFor(5_000);

        assertThat(driver.agent.selectedPair()).isEmpty();
    }

    @Test
    void controllingAgentIsNotNominatedTo() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.runFor(5).answer(driver.lastRequestTo(GOOD));
        driver.receive(driver.peer.nominate(9), GOOD);

        assertThat(driver.agent.selectedPair()).isEmpty();
    }

    @Test
    void controlledAgentNeverNominates() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(GOOD_HOST, BETTER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(1), GOOD).runFor(20_000);

        assertThat(driver.selected()).isEqualTo(GOOD);
        assertThat(driver.requestsTo(GOOD)).hasSizeGreaterThan(3).noneMatch(AgentDriver.Sent::nominates);
    }

    private static AgentDriver connectedOver(InetSocketAddress first, Candidate... candidates) {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(candidates);
        driver.receive(driver.peer.check(), first).runFor(10);
        driver.answer(driver.lastRequestTo(first));
        assertThat(driver.selected()).isEqualTo(first);
        return driver;
    }
}
