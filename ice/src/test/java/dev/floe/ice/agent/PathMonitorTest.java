package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.ice.agent.GatherPlan.Host;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the selected pair when it falls silent, when this side moves, and when the other side asks. */
class PathMonitorTest {

    private static final InetSocketAddress USED = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress SPARE = ScriptedPeer.address("198.51.100.30", 4000);
    private static final InetSocketAddress RELAY = ScriptedPeer.address("203.0.113.99", 49_152);
    private static final InetSocketAddress NEW = ScriptedPeer.address("192.0.2.200", 6000);
    private static final Candidate USED_HOST = ScriptedPeer.host(USED, 2000);
    private static final Candidate SPARE_HOST = ScriptedPeer.host(SPARE, 1000);
    private static final Candidate RELAYED = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);

    private static final InetSocketAddress SECOND = ScriptedPeer.address("10.1.2.3", 5001);
    private static final Host WIFI = new Host(AgentDriver.HOST, AgentDriver.BASE);
    private static final Host OTHER_WIFI = new Host(ScriptedPeer.address("192.0.2.99", 5000), AgentDriver.BASE);
    private static final Host LTE = new Host(SECOND, SECOND);

    // --- silence

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void suspectedPairThatAnswersStays(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST);
        driver.suspect().runFor(2_000);

        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.requestsTo(USED)).hasSize(1);
        assertThat(driver.requestsTo(SPARE)).isEmpty();
        assertThat(driver.events(IceEvent.PathLost.class)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void silentPairIsLeftForOneThatHasAnsweredSince(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(SPARE);

        driver.suspect().runFor(149);
        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.requestsTo(USED)).hasSizeBetween(3, 6);
        driver.runFor(1);

        assertThat(driver.selected()).isEqualTo(SPARE);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(2);
        assertThat(driver.events(IceEvent.PathLost.class)).isEmpty();
        assertThat(driver.runFor(60_000).selected()).isEqualTo(SPARE);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void pairThatOnlyAnsweredBeforeIsNotGoneOverTo(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST);
        driver.answered = request -> false;

        driver.suspect().runFor(1_000);

        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.events(IceEvent.PathLost.class)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void directPairIsGoneOverToBeforeARelayedOne(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST, RELAYED);
        driver.answered = request -> !request.isTo(USED);

        assertThat(driver.suspect().runFor(200).selected()).isEqualTo(SPARE);
        driver.answered = request -> request.isTo(RELAY);
        assertThat(driver.runFor(1_000).suspect().runFor(200).selected()).isEqualTo(RELAY);
    }

    @Test
    void controllingSideNominatesWhatItGoesOverTo() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        long before = nomination(driver, USED);
        driver.answered = request -> request.isTo(SPARE);
        driver.suspect().runFor(200);

        assertThat(driver.lastRequestTo(SPARE).nominates()).isTrue();
        assertThat(nomination(driver, SPARE)).isGreaterThan(before);
        assertThat(driver.requestsTo(USED)).allMatch(Sent::nominates);
    }

    /** The address that they come from may be a new one, which the other side is to select without asking back. */
    @Test
    void probesOfTheControllingSideNominateThePairAfresh() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST);
        long before = nomination(driver, USED);

        driver.sent.clear();
        driver.suspect();

        assertThat(driver.lastRequestTo(USED).nominates()).isTrue();
        assertThat(nomination(driver, USED)).isGreaterThan(before);
    }

    @Test
    void controlledSideAsksForWhatItGoesOverToUntilItIsNominated() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(SPARE);
        driver.suspect().runFor(200);
        assertThat(driver.selected()).isEqualTo(SPARE);
        assertThat(driver.requestsTo(SPARE)).anyMatch(PathMonitorTest::isWish).noneMatch(Sent::nominates);
        driver.sent.clear();
        driver.runFor(12_000);
        assertThat(driver.requestsTo(SPARE)).isNotEmpty().allMatch(PathMonitorTest::isWish);

        driver.receive(driver.peer.nominate(2), SPARE);
        driver.sent.clear();
        driver.runFor(12_000);

        assertThat(driver.requestsTo(SPARE)).isNotEmpty().noneMatch(PathMonitorTest::isWish);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(2);
    }

    @Test
    void nominationIsFollowedWhateverTheControlledSideHasGoneOverTo() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST, RELAYED);
        driver.answered = request -> !request.isTo(USED);
        driver.suspect().runFor(200);
        assertThat(driver.selected()).isEqualTo(SPARE);

        driver.receive(driver.peer.nominate(2), RELAY);

        assertThat(driver.selected()).isEqualTo(RELAY);
    }

    @Test
    void nominationThatWasHeardBeforeDoesNotTakeTheControlledSideBack() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(SPARE);
        driver.suspect().runFor(200);

        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(1), USED).runFor(5_000);

        assertThat(driver.selected()).isEqualTo(SPARE);
    }

    @Test
    void consentCheckThatIsNotAnsweredIsReasonEnough() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(SPARE);

        driver.runFor(10_000);

        assertThat(driver.selected()).isEqualTo(SPARE);
    }

    // --- nothing left

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void lossOfEveryPairIsToldOnceAndAllIsTriedAtLeastOnceASecondUntilConsentExpires(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST, RELAYED);
        driver.answered = request -> false;
        driver.suspect().runFor(151);
        assertThat(driver.events(IceEvent.PathLost.class))
                .extracting(lost -> lost.pair().remoteAddress())
                .containsExactly(USED);
        driver.runFor(1_000);

        for (int second = 0; second < 20; second++) {
            driver.sent.clear();
            driver.runFor(1_050);
            assertThat(driver.requestsTo(USED)).hasSizeBetween(3, 8);
            assertThat(driver.requestsTo(SPARE)).isNotEmpty();
            assertThat(driver.requestsTo(RELAY)).isNotEmpty();
        }
        driver.runFor(30_000);
        assertThat(driver.events(SessionFailed.class))
                .containsExactly(new SessionFailed(SessionFailed.Reason.CONSENT_EXPIRED));
        assertThat(driver.events(IceEvent.PathLost.class)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void firstPairThatAnswersAfterwardsIsGoneOverToAtOnce(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST);
        driver.answered = request -> false;
        driver.suspect().runFor(20_000);

        driver.answered = request -> request.isTo(SPARE);
        assertThat(driver.runFor(1_050).selected()).isEqualTo(SPARE);
        assertThat(driver.runFor(60_000).agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void selectedPairThatComesBackIsStillSelected(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST);
        driver.answered = request -> false;
        driver.suspect().runFor(20_000);

        driver.answered = request -> true;
        driver.runFor(300);
        driver.sent.clear();
        driver.runFor(3_000);

        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.requestsTo(USED)).hasSizeLessThan(3);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
    }

    // --- no thrashing

    @Test
    void directPairThatDiedIsTakenBackOnceItHasBeenProvenForAWhileThatDoublesWithEachDeath() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, RELAYED);
        long lastAbsence = 0;
        for (int death = 0; death < 6; death++) {
            driver.answered = request -> request.isTo(RELAY);
            driver.suspect().runFor(200);
            assertThat(driver.selected()).isEqualTo(RELAY);
            driver.answered = request -> true;
            long left = driver.nowMillis();
            while (driver.selected().equals(RELAY) && driver.nowMillis() < left + 80_000) {
                driver.runFor(100);
            }
            long absence = driver.nowMillis() - left;
            assertThat(absence).isBetween(Math.min(3_000L << death, 60_000), (3_000L << death) + 3_500);
            assertThat(absence).isGreaterThanOrEqualTo(lastAbsence);
            lastAbsence = absence;
            driver.runFor(1_000);
        }
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1 + 2 * 6);
    }

    @Test
    void controlledSideNeverChangesOfItsOwnAccord() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, RELAYED);
        driver.answered = request -> request.isTo(RELAY);
        driver.suspect().runFor(200);
        driver.answered = request -> true;

        assertThat(driver.runFor(300_000).selected()).isEqualTo(RELAY);
    }

    // --- a move of this side

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void pairOfAnotherSocketIsGoneOverToAtOnceWhenThisSideMoves(IceRole role) {
        AgentDriver driver = AgentDriver.of(role);
        connect(driver, plan(WIFI, LTE), USED_HOST);
        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(AgentDriver.BASE);
        driver.answered = request -> request.base().equals(SECOND);

        driver.networkChanged(plan(OTHER_WIFI, LTE));

        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(SECOND);
        Sent first = driver.requestsTo(USED).get(0);
        assertThat(first.base()).isEqualTo(SECOND);
        assertThat(first.message().has(StunAttribute.Nomination.class)).isTrue();
        assertThat(first.nominates()).isEqualTo(role == CONTROLLING);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void pairOfAnotherSocketThatIsDeadTooIsLeftAgain(IceRole role) {
        AgentDriver driver = AgentDriver.of(role);
        connect(driver, plan(WIFI, LTE), USED_HOST);
        driver.answered = request -> request.base().equals(AgentDriver.BASE);

        driver.networkChanged(plan(OTHER_WIFI, LTE)).runFor(200);

        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(AgentDriver.BASE);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void pairsOfASocketThatIsLostAreNeverSentOverAgain(IceRole role) {
        AgentDriver driver = AgentDriver.of(role);
        connect(driver, plan(WIFI, LTE), USED_HOST);
        driver.networkChanged(plan(LTE));
        driver.sent.clear();

        driver.runFor(60_000);

        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(SECOND);
        assertThat(driver.requestsTo(USED)).isNotEmpty().extracting(Sent::base).containsOnly(SECOND);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void pairWhoseOnlySocketIsLostWaitsForItToComeBack(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST);
        driver.networkChanged(plan());
        driver.sent.clear();
        driver.runFor(8_000);
        assertThat(driver.sent).isEmpty();
        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.events(IceEvent.PathLost.class)).hasSize(1);

        driver.networkChanged(plan(OTHER_WIFI)).runFor(10);
        assertThat(driver.requestsTo(USED)).isNotEmpty();
        assertThat(driver.runFor(60_000).agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void movedPairIsCheckedAtOnceAndStaysIfItAnswers(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, RELAYED);

        driver.networkChanged(plan(OTHER_WIFI)).runFor(20);

        Sent first = driver.requestsTo(USED).get(0);
        assertThat(first.nominates()).isEqualTo(role == CONTROLLING);
        assertThat(isWish(first)).isEqualTo(role == CONTROLLED);
        assertThat(driver.runFor(5_000).selected()).isEqualTo(USED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void answerToAProbeOfBeforeTheMoveProvesNothing(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST);
        driver.answered = request -> false;
        driver.suspect().runFor(100);
        List<Sent> before = List.copyOf(driver.sent);

        driver.networkChanged(plan(OTHER_WIFI));
        before.stream().filter(one -> one.isTo(USED) || one.isTo(SPARE)).forEach(driver::answer);
        driver.runFor(400);

        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.events(IceEvent.PathLost.class)).hasSize(1);
    }

    @Test
    void ownAddressThatIsAnotherOneIsToldOfThoughThePairIsTheSame() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST);
        InetSocketAddress mapped = ScriptedPeer.address("203.0.113.7", 7000);
        driver.answered = request -> false;
        driver.suspect();

        driver.receive(driver.peer.answer(driver.lastRequestTo(USED).message(), mapped), USED);

        assertThat(driver.events(IceEvent.PairNominated.class))
                .hasSize(2)
                .last()
                .satisfies(told -> {
                    assertThat(told.pair().local().address()).isEqualTo(mapped);
                    assertThat(told.pair().remoteAddress()).isEqualTo(USED);
                });
    }

    // --- a move of the other side

    @Test
    void newAddressThatNominatesItselfIsSelectedOnceItHasAnswered() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST);
        driver.answered = request -> false;
        driver.receive(driver.peer.nominate(2), NEW).runFor(20);
        assertThat(driver.selected()).isEqualTo(USED);

        driver.answer(driver.lastRequestTo(NEW));

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, NEW)).isTrue();
    }

    @Test
    void newAddressThatIsWishedForIsNominatedOnceItHasAnsweredIfTheSelectedOneIsSilent() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST);
        driver.answered = request -> request.isTo(NEW);

        driver.receive(wish(driver), NEW).runFor(10);

        assertThat(driver.selected()).isEqualTo(NEW);
        assertThat(driver.lastRequestTo(NEW).nominates()).isTrue();
    }

    @Test
    void candidateThatComesAfterTheEndOfCandidatesIsReasonToSuspectAMove() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST);
        driver.answered = request -> request.isTo(NEW);

        driver.trickle(ScriptedPeer.host(NEW, 100)).runFor(400);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    /** Two relays of one server have one foundation. */
    @ParameterizedTest
    @EnumSource(IceRole.class)
    void newCandidateDoesNotWaitForADeadOneOfItsFoundation(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST);
        driver.answered = request -> request.isTo(NEW);
        driver.trickle(RELAYED).runFor(100);

        driver.trickle(ScriptedPeer.candidate(CandidateType.RELAYED, "r", NEW, 65_535))
                .runFor(300);

        assertThat(driver.selected()).isEqualTo(NEW);
    }

    @Test
    void moreAddressesThanThereIsRoomForMayComeOneAfterTheOther() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST);
        for (int i = 0; i < 120; i++) {
            InetSocketAddress next = ScriptedPeer.address("203.0.113.5", 10_000 + i);
            driver.answered = request -> request.isTo(next);
            driver.receive(driver.peer.nominate(2 + i), next).runFor(20_000);
            assertThat(driver.selected()).as("after %d moves", i).isEqualTo(next);
        }
        assertThat(driver.agent.stats()).hasSizeLessThanOrEqualTo(Checklist.MAX_PAIRS);
    }

    // --- wishes

    @Test
    void wishForAValidPairIsGrantedAtOnce() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        driver.receive(wish(driver), SPARE);

        assertThat(driver.selected()).isEqualTo(SPARE);
        assertThat(driver.runFor(10).lastRequestTo(SPARE).nominates()).isTrue();
        assertThat(driver.runFor(2_000).selected()).isEqualTo(SPARE);
    }

    @Test
    void wishForTheSelectedPairIsAnsweredByItsNomination() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        driver.receive(wish(driver), USED).runFor(10);

        assertThat(driver.requestsTo(USED)).hasSize(1).allMatch(Sent::nominates);
        assertThat(driver.selected()).isEqualTo(USED);
    }

    @Test
    void wishThatCrossesADecisionOfThisSideIsNotGranted() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST, RELAYED);
        driver.answered = request -> !request.isTo(USED);
        driver.suspect().runFor(150);
        assertThat(driver.selected()).isEqualTo(SPARE);

        driver.receive(wish(driver), RELAY).runFor(500);
        assertThat(driver.selected()).isEqualTo(SPARE);

        driver.receive(wish(driver, nomination(driver, SPARE)), RELAY);
        assertThat(driver.selected()).isEqualTo(RELAY);
    }

    @Test
    void wishForAPairThatHasToProveItselfFirstIsDroppedIfTheSelectedOneAnswersMeanwhile() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST);
        driver.answered = request -> request.isTo(USED);
        driver.receive(wish(driver), NEW).runFor(10);

        driver.answer(driver.lastRequestTo(NEW)).runFor(1_000);

        assertThat(driver.selected()).isEqualTo(USED);
    }

    @Test
    void wishThatIsPlayedOnceMoreMovesNothing() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        StunMessage old = wish(driver);
        driver.receive(old, SPARE).runFor(2_000);
        assertThat(driver.selected()).isEqualTo(SPARE);
        driver.receive(wish(driver, nomination(driver, SPARE)), USED).runFor(2_000);
        assertThat(driver.selected()).isEqualTo(USED);
        driver.receive(driver.peer.check(), SPARE).runFor(2_000);

        driver.receive(old, SPARE);
        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.runFor(10_000).selected()).isEqualTo(USED);
    }

    @Test
    void wishIsNothingToAControlledSide() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST);
        driver.receive(wish(driver), SPARE).runFor(1_000);

        assertThat(driver.selected()).isEqualTo(USED);
    }

    // --- roles

    @Test
    void roleSwitchInTheMiddleOfABurstDoesNotStopTheWayOut() {
        AgentDriver driver = connected(CONTROLLING, USED_HOST, SPARE_HOST);
        driver.answered = request -> false;
        driver.suspect().runFor(30);
        driver.receive(driver.peer.refuse(driver.lastRequestTo(USED).message(), 487), USED);
        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);

        driver.answered = request -> request.isTo(SPARE);
        driver.runFor(300);

        assertThat(driver.selected()).isEqualTo(SPARE);
        assertThat(driver.lastRequestTo(SPARE).nominates()).isFalse();
        assertThat(driver.requestsTo(SPARE)).anyMatch(PathMonitorTest::isWish);
    }

    @Test
    void sideThatComesToControlNominatesWhatIsInUseWithAHigherValueThanAllBefore() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST);
        driver.receive(driver.peer.nominate(7), USED).suspect();
        driver.receive(driver.peer.refuse(driver.lastRequestTo(USED).message(), 487), USED);

        driver.suspect();
        driver.receive(driver.peer.checkAs(CONTROLLED, Long.MIN_VALUE), USED).runFor(20);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);
        assertThat(nomination(driver, USED)).isGreaterThan(7);
    }

    // --- by the book

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void withAPeerThatTakesNoSecondNominationSuspicionIsOneConsentCheck(IceRole role) {
        AgentDriver driver = AgentDriver.of(role, IceConfig.of(role, List.of()), Set.of(IceDescription.TRICKLE));
        connect(driver, plan(WIFI), USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(SPARE);
        driver.suspect().runFor(3_000);

        assertThat(driver.requestsTo(USED)).hasSize(1);
        assertThat(driver.requestsTo(SPARE)).isEmpty();
        driver.runFor(30_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
        assertThat(driver.events(IceEvent.PathLost.class)).isEmpty();
    }

    private static AgentDriver connected(IceRole role, Candidate... candidates) {
        AgentDriver driver = AgentDriver.of(role);
        connect(driver, plan(WIFI), candidates);
        return driver;
    }

    /** Connects over {@link #USED}, and lets everything else become valid. */
    private static void connect(AgentDriver driver, GatherPlan plan, Candidate... candidates) {
        driver.answered = request -> true;
        driver.gather(plan).describe(candidates);
        StunMessage check = driver.agent.role() == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check();
        driver.receive(check, USED).runFor(3_000);
        assertThat(driver.selected()).isEqualTo(USED);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
        driver.sent.clear();
    }

    private static GatherPlan plan(Host... hosts) {
        return new GatherPlan(List.of(hosts), List.of(), 0, Map.of());
    }

    private static StunMessage wish(AgentDriver driver) {
        return wish(driver, 1);
    }

    private static StunMessage wish(AgentDriver driver, long nomination) {
        return driver.peer.check(new StunAttribute.Nomination(nomination));
    }

    private static boolean isWish(Sent sent) {
        return sent.message().has(StunAttribute.Nomination.class) && !sent.nominates();
    }

    private static long nomination(AgentDriver driver, InetSocketAddress destination) {
        return driver.requestsTo(destination).stream()
                .flatMap(sent -> sent.message().find(StunAttribute.Nomination.class).stream())
                .mapToLong(StunAttribute.Nomination::value)
                .max()
                .orElse(0);
    }
}
