package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Credentials that replace those which signaling has carried, while checks and consent go on. */
class RekeyingTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress ELSEWHERE = ScriptedPeer.address("203.0.113.6", 61_000);
    private static final Candidate HOST = ScriptedPeer.host(REMOTE, 1000);
    private static final long GRACE_MILLIS = 3_000;

    // --- this side's fresh credentials

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothCredentialsAreGoodUntilTheFreshOnesAreUsedAndTheOldOnesAGraceLonger(IceRole role) {
        AgentDriver driver = connected(role);
        ScriptedPeer former = driver.peer;
        driver.renewLocal("peer");
        ScriptedPeer renewed = driver.peer;
        driver.runFor(60_000);
        assertAnswered(driver, former);

        assertAnswered(driver, renewed);
        driver.runFor(GRACE_MILLIS - 1);
        assertAnswered(driver, former);
        assertAnswered(driver, renewed);

        driver.runFor(1);
        assertRefused(driver, former);
        assertAnswered(driver, renewed);
    }

    @Test
    void answerIsSignedWithWhatItsRequestNames() {
        AgentDriver driver = connected(CONTROLLED);
        IceCredentials before = driver.agent.localDescription().credentials();
        ScriptedPeer former = driver.peer;
        IceCredentials fresh = driver.renewLocal("peer");
        StunMessage old = former.check();
        StunMessage latest = driver.peer.check();
        driver.receive(latest, REMOTE).receive(old, REMOTE);

        assertThat(isSignedBy(driver.responseTo(old), before)).isTrue();
        assertThat(isSignedBy(driver.responseTo(latest), fresh)).isTrue();
    }

    @Test
    void descriptionGoesOnSayingWhatSignalingMayKnow() {
        AgentDriver driver = connected(CONTROLLED);
        IceCredentials before = driver.agent.localDescription().credentials();

        IceCredentials fresh = driver.renewLocal("peer");
        driver.receive(driver.peer.check(), REMOTE);

        assertThat(fresh).isNotEqualTo(before);
        assertThat(driver.agent.localDescription().credentials()).isEqualTo(before);
    }

    @Test
    void checksNameTheFreshOnesOnceTheOtherSideKnowsThem() {
        AgentDriver driver = connected(CONTROLLED);
        IceCredentials before = driver.agent.localDescription().credentials();
        IceCredentials fresh = driver.renewLocal("peer");
        driver.agent.suspect(driver.nowNanos());
        driver.runFor(10);
        assertThat(username(driver.lastRequestTo(REMOTE))).isEqualTo("peer:" + before.usernameFragment());

        driver.receive(driver.peer.check(), REMOTE);
        driver.agent.suspect(driver.nowNanos());
        driver.runFor(10);

        assertThat(username(driver.lastRequestTo(REMOTE))).isEqualTo("peer:" + fresh.usernameFragment());
    }

    @Test
    void renewingTwiceBeforeTheFirstUseLeavesAllThree() {
        AgentDriver driver = connected(CONTROLLED);
        ScriptedPeer first = driver.peer;
        driver.renewLocal("peer");
        ScriptedPeer second = driver.peer;
        driver.renewLocal("peer");
        ScriptedPeer third = driver.peer;

        assertAnswered(driver, second);
        assertAnswered(driver, third);
        assertAnswered(driver, second);
        assertAnswered(driver, first);
        driver.runFor(GRACE_MILLIS);

        assertRefused(driver, first);
        assertRefused(driver, second);
        assertAnswered(driver, third);
    }

    @Test
    void manyRenewalsForgetTheOldestButNotWhatIsInUse() {
        AgentDriver driver = connected(CONTROLLED);
        ScriptedPeer first = driver.peer;
        driver.renewLocal("peer");
        ScriptedPeer second = driver.peer;
        for (int i = 0; i < 100; i++) {
            driver.renewLocal("peer");
        }

        assertRefused(driver, second);
        assertAnswered(driver, first);
        assertAnswered(driver, driver.peer);
    }

    // --- the other side's

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void checkOfTheFreshCredentialsFollowsAtOnce(IceRole role) {
        AgentDriver driver = connected(role);
        driver.sent.clear();

        driver.renewPeerInBand("fresh").runFor(10);

        assertThat(driver.requestsTo(REMOTE))
                .isNotEmpty()
                .allMatch(one -> username(one).startsWith("fresh:"));
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void oldPasswordStillSignsAnswersToWhatNamedItForAGrace() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> false;
        ScriptedPeer former = driver.peer;
        driver.agent.suspect(driver.nowNanos());
        driver.runFor(10);
        Sent asked = driver.lastRequestTo(REMOTE);
        driver.renewPeerInBand("fresh").runFor(GRACE_MILLIS - 20);
        long before = driver.agent.unauthenticated();

        driver.receive(former.answer(asked.message(), AgentDriver.HOST), REMOTE);

        assertThat(driver.agent.unauthenticated()).isEqualTo(before);
    }

    @Test
    void oldPasswordSignsNoAnswerAfterTheGraceAndNeverOneToAFreshCheck() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> false;
        ScriptedPeer former = driver.peer;
        driver.agent.suspect(driver.nowNanos());
        driver.runFor(10);
        Sent asked = driver.lastRequestTo(REMOTE);
        driver.renewPeerInBand("fresh").runFor(100);
        Sent fresh = driver.lastRequestTo(REMOTE);
        assertThat(username(fresh)).startsWith("fresh:");
        long before = driver.agent.unauthenticated();

        driver.receive(former.answer(fresh.message(), AgentDriver.HOST), REMOTE);
        assertThat(driver.agent.unauthenticated()).isEqualTo(before + 1);
        driver.runFor(GRACE_MILLIS);
        driver.receive(former.answer(asked.message(), AgentDriver.HOST), REMOTE);

        assertThat(driver.agent.unauthenticated()).isEqualTo(before + 2);
    }

    @Test
    void forgedAnswerDoesNotUseUpTheCheckThatItNames() {
        AgentDriver driver = connected(CONTROLLING);
        driver.answered = request -> false;
        ScriptedPeer former = driver.peer;
        driver.renewPeerInBand("fresh").runFor(10);
        Sent asked = driver.lastRequestTo(REMOTE);
        long before = driver.agent.stats().get(0).responsesReceived();
        driver.receive(former.answer(asked.message(), AgentDriver.HOST), REMOTE);
        assertThat(driver.agent.stats().get(0).responsesReceived()).isEqualTo(before);

        driver.answer(asked);

        assertThat(driver.agent.stats().get(0).responsesReceived()).isEqualTo(before + 1);
    }

    @Test
    void checksUnderWayStartOverWithTheFreshCredentials() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().describe(HOST);
        driver.runFor(200);
        assertThat(driver.requestsTo(REMOTE)).hasSizeGreaterThan(2);
        driver.sent.clear();

        driver.renewPeerInBand("fresh");
        driver.answered = request -> username(request).startsWith("fresh:");
        driver.runFor(100);

        assertThat(driver.requestsTo(REMOTE))
                .isNotEmpty()
                .allMatch(one -> username(one).startsWith("fresh:"));
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void credentialsBeforeAnyDescriptionAreRefused() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather();

        assertThatIllegalStateException()
                .isThrownBy(() -> driver.renewPeerInBand("fresh"))
                .withMessageContaining("no remote description");
    }

    @Test
    void candidatesMayNameTheFragmentBeforeOrAfter() {
        AgentDriver driver = connected(CONTROLLING);
        driver.renewPeerInBand("fresh").runFor(10_000);

        driver.trickle(ScriptedPeer.host(ELSEWHERE, 60_000), "peer");
        driver.trickle(ScriptedPeer.host(ScriptedPeer.address("203.0.113.7", 9), 60_000), "fresh");
        driver.trickle(ScriptedPeer.host(ScriptedPeer.address("203.0.113.8", 9), 60_000), "other");

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class))
                .extracting(added -> added.candidate().address().getHostString())
                .contains("203.0.113.6", "203.0.113.7")
                .doesNotContain("203.0.113.8");
    }

    @Test
    void descriptionOfBeforeThatIsSaidAgainIsNoRestart() {
        AgentDriver driver = connected(CONTROLLING);
        ScriptedPeer former = driver.peer;
        driver.renewPeerInBand("fresh");

        driver.describe(former.description(List.of(HOST)));

        assertThat(driver.events(IceEvent.Restarted.class)).isEmpty();
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    // --- both

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothSidesMayRekeyAtTheSameTime(IceRole role) {
        AgentDriver driver = connected(role);
        ScriptedPeer former = driver.peer;
        StunMessage underWay = former.check();
        driver.renewLocal("peer");
        ScriptedPeer halfway = driver.peer;
        driver.renewPeerInBand("fresh").runFor(10);
        driver.sent.clear();

        assertAnswered(driver, halfway);
        assertAnswered(driver, driver.peer);
        driver.receive(underWay, REMOTE);
        assertThat(driver.responseTo(underWay).messageClass()).isEqualTo(StunClass.SUCCESS);
        driver.runFor(60_000);

        assertRefused(driver, former);
        assertAnswered(driver, driver.peer);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.requestsTo(REMOTE)).allMatch(one -> username(one).startsWith("fresh:"));
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void whoKnowsTheOldPasswordsCanDoNothingAfterTheGrace(IceRole role) {
        AgentDriver driver = connected(role);
        ScriptedPeer former = driver.peer;
        driver.renewLocal("peer");
        driver.renewPeerInBand("fresh");
        driver.receive(driver.peer.check(), REMOTE).runFor(GRACE_MILLIS);
        long switches = driver.events(IceEvent.RoleSwitched.class).size();
        long pairs = driver.agent.stats().size();
        driver.sent.clear();

        driver.receive(former.nominate(1_000_000), ELSEWHERE);
        driver.receive(former.checkAs(role, Long.MAX_VALUE), ELSEWHERE);
        driver.receive(former.checkAs(role, 0), REMOTE);
        driver.receive(former.nominate(1_000_000), REMOTE);
        driver.runFor(200);

        assertThat(driver.sent).noneMatch(one -> one.isTo(ELSEWHERE));
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, ELSEWHERE)).isFalse();
        assertThat(driver.events(IceEvent.RoleSwitched.class)).hasSize((int) switches);
        assertThat(driver.agent.stats()).hasSize((int) pairs);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void restartAfterRekeyingGoesOnFromTheFreshCredentials() {
        AgentDriver driver = connected(CONTROLLING);
        driver.renewLocal("peer");
        driver.renewPeerInBand("fresh").runFor(100);
        driver.restart().gather().runFor(100);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.requestsTo(REMOTE).get(driver.requestsTo(REMOTE).size() - 1))
                .satisfies(last -> assertThat(username(last)).startsWith("fresh:"));

        driver.renewPeer("again").describe(ScriptedPeer.host(ELSEWHERE, 60_000)).runFor(200);

        assertThat(driver.selected()).isEqualTo(ELSEWHERE);
    }

    @Test
    void rekeyingAfterARestartIsOfTheNewGeneration() {
        AgentDriver driver = connected(CONTROLLING);
        driver.restart().gather().renewPeer("again").describe(HOST).runFor(200);
        ScriptedPeer former = driver.peer;
        driver.renewLocal("again");
        driver.renewPeerInBand("latest");
        driver.receive(driver.peer.check(), REMOTE).runFor(GRACE_MILLIS);

        assertRefused(driver, former);
        assertAnswered(driver, driver.peer);
        assertThat(username(driver.lastRequestTo(REMOTE))).startsWith("latest:");
    }

    private static AgentDriver connected(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather().describe(HOST);
        driver.answered = request -> true;
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), REMOTE)
                .runFor(100);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        return driver;
    }

    private static void assertAnswered(AgentDriver driver, ScriptedPeer peer) {
        StunMessage request = peer.check();
        driver.receive(request, REMOTE);
        assertThat(driver.responseTo(request).messageClass()).isEqualTo(StunClass.SUCCESS);
    }

    private static void assertRefused(AgentDriver driver, ScriptedPeer peer) {
        long before = driver.agent.unauthenticated();
        int sent = driver.sent.size();
        driver.receive(peer.check(), REMOTE);
        assertThat(driver.agent.unauthenticated()).isEqualTo(before + 1);
        assertThat(driver.sent).hasSize(sent);
    }

    private static boolean isSignedBy(StunMessage message, IceCredentials credentials) {
        return message.isSignedBy(StunKey.shortTerm(credentials.password()));
    }

    private static String username(Sent request) {
        return request.message()
                .find(StunAttribute.Username.class)
                .map(StunAttribute.Username::value)
                .orElseThrow();
    }
}
