package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 8656, sections 9 and 10. */
class TurnPermissionsTest {
    private static final InetSocketAddress SAME_HOST = new InetSocketAddress(PEER.getAddress(), 9);

    private final SessionBench bench = new SessionBench().allocated();

    @Test
    void permissionIsForAnAddressWhateverThePort() {
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.PENDING);
        assertThat(bench.permit(SAME_HOST)).isEqualTo(TurnPermission.State.PENDING);
        StunMessage request = bench.take(StunMethod.CREATE_PERMISSION);
        assertThat(request.find(XorPeerAddress.class).orElseThrow().address().getAddress())
                .isEqualTo(PEER.getAddress());
        assertThat(bench.sent).isEmpty();
        bench.grant(request);

        assertThat(bench.permitted).containsExactly(PEER.getAddress());
        assertThat(bench.permit(SAME_HOST)).isEqualTo(TurnPermission.State.INSTALLED);
    }

    @Test
    void dataMayOvertakeThePermissionButNeedsOne() {
        assertThat(bench.session.isWanted(PEER.getAddress())).isFalse();
        bench.permit(PEER);
        assertThat(bench.session.isWanted(PEER.getAddress())).isTrue();
        bench.refuse(bench.take(StunMethod.CREATE_PERMISSION), 403);
        assertThat(bench.session.isWanted(PEER.getAddress())).isFalse();
    }

    @Test
    void permissionIsRefreshedBeforeItsFiveMinutesAreOver() {
        bench.permit(PEER);
        bench.pass(Duration.ofSeconds(10));
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        for (int i = 0; i < 2; i++) {
            bench.sent.clear();
            bench.pass(Duration.ofSeconds(229));
            assertThat(bench.sentMethods()).doesNotContain(StunMethod.CREATE_PERMISSION);
            bench.pass(Duration.ofSeconds(1));
            bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
            bench.pass(Duration.ofSeconds(10));
        }
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.INSTALLED);
    }

    @Test
    void refusedPeerIsToldOfAndAskedForAgainLater() {
        bench.permit(PEER);
        bench.refuse(bench.take(StunMethod.CREATE_PERMISSION), 403);
        TurnEvent.PeerRefused refused = bench.event(TurnEvent.PeerRefused.class);
        assertThat(refused.peer()).isEqualTo(PEER.getAddress());
        assertThat(refused.cause().code()).isEqualTo(403);
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.REFUSED);
        assertThat(bench.sent).isEmpty();

        bench.pass(Duration.ofSeconds(30));
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.PENDING);
        bench.take(StunMethod.CREATE_PERMISSION);
    }

    @Test
    void peerOfAServerThatIsSilentIsRefused() {
        bench.permit(PEER);
        bench.pass(Duration.ofSeconds(40));

        assertThat(bench.event(TurnEvent.PeerRefused.class).cause()).hasMessageContaining("no answer");
        assertThat(bench.permitted).isEmpty();
    }

    @Test
    void unansweredRefreshOfAPermissionIsRepeatedAndTheAllocationLookedAfter() {
        bench.permit(PEER);
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        bench.pass(Duration.ofMinutes(4));
        bench.sent.clear();
        bench.pass(Duration.ofSeconds(40));

        bench.grant(bench.take(StunMethod.REFRESH));
        bench.sent.clear();
        bench.pass(Duration.ofSeconds(2));
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.INSTALLED);
        assertThat(bench.events).isEmpty();
    }

    @Test
    void badRequestMakesTheAllocationLookedAfter() {
        bench.permit(PEER);
        bench.refuse(bench.take(StunMethod.CREATE_PERMISSION), 400);
        bench.event(TurnEvent.PeerRefused.class);
        bench.pass(Duration.ZERO);

        bench.take(StunMethod.REFRESH);
    }

    @Test
    void allocationThatIsGoneShowsInAPermission() {
        bench.permit(PEER);
        bench.refuse(bench.take(StunMethod.CREATE_PERMISSION), 437);

        bench.event(TurnEvent.AllocationLost.class);
    }

    @Test
    void permissionsAreBoundedAndTheLeastRecentGoesFirst() {
        bench.permit(PEER);
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        for (int i = 0; i < 300; i++) {
            bench.permit(new InetSocketAddress("10.0." + i / 256 + "." + i % 256, 1));
            bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
            if (i < 100) {
                bench.permit(PEER);
            }
        }
        bench.sent.clear();
        bench.pass(Duration.ofMinutes(4));

        assertThat(bench.sentMethods().stream().filter(StunMethod.CREATE_PERMISSION::equals))
                .hasSize(256);
        assertThat(bench.session.isWanted(PEER.getAddress())).isTrue();
        assertThat(bench.session.isWanted(new InetSocketAddress("10.0.0.0", 1).getAddress()))
                .isFalse();
    }
}
