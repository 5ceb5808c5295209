package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.agent.RoleConflict.Verdict;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 8445 §7.3.1.1 for requests, §7.2.5.1 for a 487. Tie-breakers are unsigned: -1 is the largest. */
class RoleConflictTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);

    private final ScriptedPeer peer =
            new ScriptedPeer(CONTROLLED, IceCredentials.random(new SplittableRandom(3)), ScriptedPeer.FLOE);

    @ParameterizedTest
    @CsvSource({
        "CONTROLLING, 2, CONTROLLING, 1, REFUSE",
        "CONTROLLING, 1, CONTROLLING, 2, SWITCH",
        "CONTROLLING, 1, CONTROLLING, 1, REFUSE",
        "CONTROLLING, -1, CONTROLLING, 1, REFUSE",
        "CONTROLLING, 1, CONTROLLING, -1, SWITCH",
        "CONTROLLED, 2, CONTROLLED, 1, SWITCH",
        "CONTROLLED, 1, CONTROLLED, 2, REFUSE",
        "CONTROLLED, 1, CONTROLLED, 1, SWITCH",
        "CONTROLLED, -1, CONTROLLED, 1, SWITCH",
        "CONTROLLED, 1, CONTROLLED, -1, REFUSE",
        "CONTROLLING, 1, CONTROLLED, 2, NO_CONFLICT",
        "CONTROLLING, 2, CONTROLLED, 1, NO_CONFLICT",
        "CONTROLLED, 1, CONTROLLING, 2, NO_CONFLICT",
        "CONTROLLED, 2, CONTROLLING, 1, NO_CONFLICT",
    })
    void requestIsJudgedByRolesAndTieBreakers(
            IceRole ours, long ourTieBreaker, IceRole theirs, long theirTieBreaker, Verdict verdict) {
        RoleConflict role = new RoleConflict(ours, () -> ourTieBreaker);

        assertThat(role.judge(peer.checkAs(theirs, theirTieBreaker))).isEqualTo(verdict);
        assertThat(role.role()).isEqualTo(verdict == Verdict.SWITCH ? ours.opposite() : ours);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void requestWithoutARoleIsNoConflict(IceRole ours) {
        assertThat(new RoleConflict(ours, () -> 1).judge(peer.signed(peer.builder())))
                .isEqualTo(Verdict.NO_CONFLICT);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void refusalSwitchesTheRoleThatTheRequestClaimed(IceRole ours) {
        RoleConflict role = new RoleConflict(ours, () -> 1);

        assertThat(role.refused(ours)).isTrue();
        assertThat(role.role()).isEqualTo(ours.opposite());
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void staleRefusalDoesNotSwitchBack(IceRole ours) {
        RoleConflict role = new RoleConflict(ours, () -> 1);
        role.refused(ours);

        assertThat(role.refused(ours)).isFalse();
        assertThat(role.role()).isEqualTo(ours.opposite());
    }

    @Test
    void refusalChangesTheTieBreakerAndAStaleOneDoesNot() {
        Iterator<Long> drawn = List.of(1L, 2L).iterator();
        RoleConflict role = new RoleConflict(CONTROLLING, drawn::next);
        assertThat(role.attribute()).isEqualTo(new StunAttribute.IceControlling(1));

        role.refused(CONTROLLING);
        role.refused(CONTROLLING);
        assertThat(role.attribute()).isEqualTo(new StunAttribute.IceControlled(2));
    }

    // The agent's own tie-breaker is random: 0 is surely not larger and -1 surely not smaller.

    @Test
    void smallerControllingAgentGivesWayAndAnswers() {
        AgentDriver driver = checking(CONTROLLING);
        StunMessage request = driver.peer.checkAs(CONTROLLING, -1);
        driver.receive(request, REMOTE);

        assertThat(driver.responseTo(request).has(StunAttribute.XorMappedAddress.class))
                .isTrue();
        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
        assertThat(driver.events(IceEvent.RoleSwitched.class)).hasSize(1);
        assertThat(driver.runFor(5).lastRequestTo(REMOTE).message().has(StunAttribute.IceControlled.class))
                .isTrue();
    }

    @Test
    void largerControllingAgentRefusesAndLearnsNothing() {
        AgentDriver driver = checking(CONTROLLING);
        StunMessage request = driver.peer.checkAs(CONTROLLING, 0);
        driver.receive(request, REMOTE);

        assertRefused(driver, request);
        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);
    }

    @Test
    void largerControlledAgentTakesControlAndAnswers() {
        AgentDriver driver = checking(CONTROLLED);
        StunMessage request = driver.peer.checkAs(CONTROLLED, 0);
        driver.receive(request, REMOTE);

        assertThat(driver.responseTo(request).has(StunAttribute.XorMappedAddress.class))
                .isTrue();
        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);
    }

    // libjuice switches whenever it is controlled, str0m refuses on a higher tie-breaker in both roles.
    @Test
    void smallerControlledAgentRefusesAndStaysControlled() {
        AgentDriver driver = checking(CONTROLLED);
        StunMessage request = driver.peer.checkAs(CONTROLLED, -1);
        driver.receive(request, REMOTE);

        assertRefused(driver, request);
        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void agentThatIsRefusedSwitchesAndChecksTheSamePairAgainAtOnce(IceRole ours) {
        AgentDriver driver = checking(ours);
        AgentDriver.Sent refused = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.refuse(refused.message(), 487), REMOTE);

        assertThat(driver.agent.role()).isEqualTo(ours.opposite());
        AgentDriver.Sent again = driver.runFor(5).lastRequestTo(REMOTE);
        assertThat(again.message().transactionId())
                .isNotEqualTo(refused.message().transactionId());
        assertThat(again.message().has(StunAttribute.IceControlling.class)).isEqualTo(ours == CONTROLLED);
        assertThat(driver.answer(again).agent.role()).isEqualTo(ours.opposite());
    }

    @Test
    void refusalOfARequestFromBeforeTheSwitchDoesNotSwitchBack() {
        AgentDriver driver = checking(CONTROLLED);
        AgentDriver.Sent before = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.checkAs(CONTROLLED, 0), REMOTE);
        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);

        driver.receive(driver.peer.refuse(before.message(), 487), REMOTE);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);
        assertThat(driver.events(IceEvent.RoleSwitched.class)).hasSize(1);
        assertThat(driver.runFor(5).lastRequestTo(REMOTE).message().has(StunAttribute.IceControlling.class))
                .isTrue();
    }

    @Test
    void forgedRefusalSwitchesNothing() {
        AgentDriver driver = checking(CONTROLLED);
        StunMessage forged = StunMessage.error(driver.lastRequestTo(REMOTE).message(), 487, "Role Conflict")
                .fingerprint()
                .build();
        driver.receive(forged, REMOTE);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
        assertThat(driver.agent.unauthenticated()).isOne();
    }

    @Test
    void roleSwitchesBeforeTheDescriptionComesToo() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather();
        driver.receive(driver.peer.checkAs(CONTROLLING, -1), REMOTE);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
        driver.describe(ScriptedPeer.host(REMOTE, 65_535)).runFor(5);
        assertThat(driver.lastRequestTo(REMOTE).message().has(StunAttribute.IceControlled.class))
                .isTrue();
    }

    @Test
    void agentThatTakesControlNominatesWhatItHasFoundValid() {
        AgentDriver driver = checking(CONTROLLED);
        driver.answer(driver.lastRequestTo(REMOTE));
        assertThat(driver.agent.selectedPair()).isEmpty();

        driver.receive(driver.peer.checkAs(CONTROLLED, 0), REMOTE).runFor(10);

        AgentDriver.Sent nominating = driver.lastRequestTo(REMOTE);
        assertThat(nominating.nominates()).isTrue();
        assertThat(driver.answer(nominating).selected()).isEqualTo(REMOTE);
    }

    @Test
    void agentThatGivesWayTakesTheOtherSidesNominationFromTheSameRequest() {
        AgentDriver driver = checking(CONTROLLING);
        driver.receive(
                driver.peer.checkAs(CONTROLLING, -1, new StunAttribute.UseCandidate(), new StunAttribute.Nomination(1)),
                REMOTE);
        AgentDriver.Sent triggered = driver.runFor(5).lastRequestTo(REMOTE);

        assertThat(triggered.nominates()).isFalse();
        assertThat(driver.answer(triggered).selected()).isEqualTo(REMOTE);
    }

    private static AgentDriver checking(IceRole role) {
        return AgentDriver.of(role)
                .gather()
                .describe(ScriptedPeer.host(REMOTE, 65_535))
                .runFor(1);
    }

    private static void assertRefused(AgentDriver driver, StunMessage request) {
        assertThat(driver.responseTo(request).find(StunAttribute.ErrorCode.class))
                .map(StunAttribute.ErrorCode::code)
                .contains(487);
        assertThat(driver.events(IceEvent.PairAuthenticated.class)).isEmpty();
    }
}
