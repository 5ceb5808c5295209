package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that answers checks and sends none, on either side (RFC 8445 §2.5). */
class LiteTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress OTHER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 1000);

    // --- the other side is lite

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void withALitePeerThisSideControlsWhateverItBeganAs(IceRole role) {
        AgentDriver driver = withLitePeer(role);
        driver.describe(REMOTE_HOST);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLING);
        assertThat(driver.events(IceEvent.RoleSwitched.class)).hasSize(role == CONTROLLED ? 1 : 0);
        assertThat(driver.lastRequestTo(REMOTE).message().has(StunAttribute.IceControlling.class))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void litePeerIsNominatedThoughItSendsNoChecks(IceRole role) {
        AgentDriver driver = withLitePeer(role);
        driver.answered = request -> true;
        driver.describe(REMOTE_HOST).runFor(1_000);

        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.requestsTo(REMOTE)).anyMatch(Sent::nominates);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, REMOTE)).isTrue();
    }

    @Test
    void litePeersConsentIsAskedFor() {
        AgentDriver driver = withLitePeer(CONTROLLED);
        driver.answered = request -> true;
        driver.describe(REMOTE_HOST).runFor(60_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);

        driver.answered = request -> false;
        driver.runFor(31_000);

        assertThat(driver.events(SessionFailed.class))
                .containsExactly(new SessionFailed(SessionFailed.Reason.CONSENT_EXPIRED));
    }

    // --- this side is lite

    @Test
    void liteAgentIsControlledAndSaysSo() {
        AgentDriver driver = lite(CONTROLLING);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
        assertThat(driver.agent.localDescription().offers(IceDescription.ICE_LITE))
                .isTrue();
    }

    @Test
    void liteAgentLeavesControlToAPeerThatWouldBeControlledAsWell() {
        AgentDriver driver = lite(CONTROLLED).gather().describe(REMOTE_HOST);
        // No tie-breaker is smaller, so a full agent would take control.
        StunMessage check = driver.peer.checkAs(CONTROLLED, 0);
        driver.receive(check, REMOTE);

        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
        assertThat(driver.responseTo(check).find(StunAttribute.ErrorCode.class))
                .map(StunAttribute.ErrorCode::code)
                .contains(487);
    }

    @Test
    void liteAgentSendsNoChecks() {
        AgentDriver driver = lite(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.check(), REMOTE).runFor(5_000);

        assertThat(driver.sent).noneMatch(Sent::isRequest);
    }

    @Test
    void liteAgentTakesANominationAtItsWord() {
        AgentDriver driver = lite(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.check(), REMOTE);
        assertThat(driver.agent.selectedPair()).isEmpty();

        StunMessage nomination = driver.peer.nominate();
        driver.receive(nomination, REMOTE);

        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.responseTo(nomination).messageClass()).isEqualTo(StunClass.SUCCESS);
    }

    @Test
    void liteAgentFollowsANominationThatIsRevised() {
        AgentDriver driver = lite(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.nominate(1), REMOTE).receive(driver.peer.nominate(2), OTHER);

        assertThat(driver.selected()).isEqualTo(OTHER);
    }

    @Test
    void liteAgentGoesOnForAsLongAsItIsAskedForConsent() {
        AgentDriver driver = lite(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.nominate(1), REMOTE);
        for (int i = 0; i < 10; i++) {
            driver.runFor(20_000).receive(driver.peer.check(), REMOTE);
        }
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.sent).noneMatch(Sent::isRequest);

        driver.runFor(30_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
    }

    private static AgentDriver withLitePeer(IceRole role) {
        Set<String> options = Set.of(IceDescription.ICE_LITE);
        return AgentDriver.of(role, IceConfig.of(role, List.of()), options).gather();
    }

    private static AgentDriver lite(IceRole role) {
        IceConfig config = IceConfig.builder(role).lite(true).build();
        return AgentDriver.of(CONTROLLED, config, ScriptedPeer.FLOE);
    }
}
