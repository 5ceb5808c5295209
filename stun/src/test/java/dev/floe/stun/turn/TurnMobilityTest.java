package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.MAPPED;
import static dev.floe.stun.turn.SessionBench.PEER;
import static dev.floe.stun.turn.SessionBench.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.OctetString;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 8016. */
class TurnMobilityTest {
    private static final MobilityTicket NONE = new MobilityTicket(OctetString.of());
    private static final MobilityTicket FIRST = new MobilityTicket(OctetString.of((byte) 1));
    private static final MobilityTicket SECOND = new MobilityTicket(OctetString.of((byte) 2));
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.2", 8);

    private SessionBench bench =
            new SessionBench(SessionBench.config(TurnTransport.UDP).mobile().build());

    @Test
    void ticketIsAskedForWithAnEmptyOne() {
        assertThat(bench.start().take(StunMethod.ALLOCATE).find(MobilityTicket.class))
                .contains(NONE);
    }

    @Test
    void serverThatForbidsMobilityIsUsedWithout() {
        bench.start();
        bench.refuse(bench.take(StunMethod.ALLOCATE), 405);
        StunMessage second = bench.take(StunMethod.ALLOCATE);
        assertThat(second.has(MobilityTicket.class)).isFalse();
        bench.grantAllocation(second);

        bench.event(TurnEvent.Allocated.class);
    }

    @Test
    void allocationFollowsWithTheNewestTicket() {
        bench.allocated(FIRST);
        bench.session.moved(bench.now);
        bench.drain();
        StunMessage first = bench.take(StunMethod.REFRESH);
        assertThat(first.find(MobilityTicket.class)).contains(FIRST);
        bench.challenge(first);
        bench.grant(bench.take(StunMethod.REFRESH), SECOND, new XorMappedAddress(ELSEWHERE));
        assertThat(bench.event(TurnEvent.AllocationMoved.class).allocation())
                .isEqualTo(new TurnAllocation(SessionBench.SERVER, List.of(RELAYED), ELSEWHERE));

        bench.session.moved(bench.now);
        bench.drain();
        assertThat(bench.take(StunMethod.REFRESH).find(MobilityTicket.class)).contains(SECOND);
    }

    @Test
    void permissionsAndChannelsAreAskedForAnewAfterAMove() {
        bench.allocated(FIRST);
        bench.permit(PEER);
        bench.channel(PEER);
        bench.sent.clear();
        bench.session.moved(bench.now);
        bench.drain();
        bench.grant(bench.take(StunMethod.REFRESH));
        bench.pass(Duration.ZERO);

        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        bench.grant(bench.take(StunMethod.CHANNEL_BIND));
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.INSTALLED);
        assertThat(bench.channel(PEER)).isEqualTo(0x4000);
    }

    @Test
    void mismatchIsTakenForAMoveFirst() {
        bench.allocated(FIRST);
        bench.pass(Duration.ofMinutes(9));
        bench.refuse(bench.take(StunMethod.REFRESH), 437);
        StunMessage move = bench.take(StunMethod.REFRESH);
        assertThat(move.find(MobilityTicket.class)).contains(FIRST);
        assertThat(bench.events).isEmpty();
        bench.refuse(move, 437);

        bench.event(TurnEvent.AllocationLost.class);
        bench.pass(Duration.ZERO);
        assertThat(bench.take(StunMethod.ALLOCATE).find(MobilityTicket.class)).contains(NONE);
    }

    @Test
    void clientThatHasNotMovedAfterAllKeepsItsAllocation() {
        bench.allocated(FIRST);
        bench.session.moved(bench.now);
        bench.drain();
        bench.refuse(bench.take(StunMethod.REFRESH), 400);
        StunMessage plain = bench.take(StunMethod.REFRESH);
        assertThat(plain.has(MobilityTicket.class)).isFalse();
        bench.grant(plain);
        assertThat(bench.session.allocation().relayed()).containsExactly(RELAYED);

        bench.session.moved(bench.now);
        bench.drain();
        bench.refuse(bench.take(StunMethod.REFRESH), 400);
        bench.refuse(bench.take(StunMethod.REFRESH), 437);
        bench.event(TurnEvent.AllocationMoved.class);
        bench.event(TurnEvent.AllocationLost.class);
    }

    @Test
    void withoutATicketAMoveLosesTheAllocation() {
        bench.allocated();
        bench.session.moved(bench.now);
        bench.pass(Duration.ZERO);

        assertThat(bench.event(TurnEvent.AllocationLost.class).cause()).hasMessage("the client's address has changed");
        bench.take(StunMethod.ALLOCATE);
    }

    @Test
    void withoutATicketEachMoveIsAnsweredAtOnce() {
        bench.allocated();
        for (int move = 0; move < 5; move++) {
            bench.session.moved(bench.now);
            bench.pass(Duration.ZERO);
            bench.event(TurnEvent.AllocationLost.class);
            bench.grantAllocation(bench.take(StunMethod.ALLOCATE));
            bench.event(TurnEvent.Allocated.class);
        }
    }

    @Test
    void moveBeginsAnAttemptAnewThatIsUnderWayOrPutOff() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).build());
        bench.start();
        bench.connects.clear();
        bench.session.moved(bench.now);
        bench.drain();
        assertThat(bench.connects).hasSize(1);
        bench.connected();
        bench.grantAllocation(bench.take(StunMethod.ALLOCATE));
        bench.session.disconnected(new TurnException("closed by the server"), bench.now);
        bench.pass(Duration.ZERO);
        bench.session.disconnected(new TurnException("refused"), bench.now);
        bench.drain();
        bench.connects.clear();

        bench.session.moved(bench.now);
        bench.drain();
        assertThat(bench.connects).hasSize(1);
    }

    @Test
    void fullServerIsLeftAloneAfterAMoveToo() {
        bench.allocated();
        bench.session.disconnected(new TurnException("gone"), bench.now);
        bench.pass(Duration.ZERO);
        bench.refuse(bench.take(StunMethod.ALLOCATE), 486);
        bench.session.moved(bench.now);
        bench.pass(Duration.ofSeconds(59));

        assertThat(bench.sent).isEmpty();
    }

    @Test
    void anotherMappedAddressIsNoticedInSilence() {
        bench.allocated(FIRST);
        bench.pass(Duration.ofSeconds(15));
        StunMessage probe = bench.take(StunMethod.BINDING);
        assertThat(probe.has(Nonce.class)).isFalse();
        assertThat(bench.session.isProbing()).isTrue();
        bench.receive(
                StunMessage.success(probe).add(new XorMappedAddress(MAPPED)).build());
        assertThat(bench.session.isProbing()).isFalse();
        assertThat(bench.sent).isEmpty();

        bench.pass(Duration.ofSeconds(15));
        bench.receive(StunMessage.success(bench.take(StunMethod.BINDING))
                .add(new XorMappedAddress(ELSEWHERE))
                .build());
        bench.grant(bench.take(StunMethod.REFRESH), SECOND);
        assertThat(bench.event(TurnEvent.AllocationMoved.class).allocation().mapped())
                .isEqualTo(ELSEWHERE);
    }

    @Test
    void lostConnectionLosesNoAllocation() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).mobile().build());
        bench.allocated(FIRST);
        bench.connects.clear();
        bench.session.disconnected(new TurnException("closed by the server"), bench.now);
        bench.drain();
        assertThat(bench.connects).hasSize(1);
        assertThat(bench.events).isEmpty();
        bench.connected();
        bench.grant(bench.take(StunMethod.REFRESH));

        bench.event(TurnEvent.AllocationMoved.class);
    }

    @Test
    void connectionThatCannotBeMadeAnewLosesTheAllocation() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).mobile().build());
        bench.allocated(FIRST);
        bench.session.disconnected(new TurnException("closed by the server"), bench.now);
        bench.session.disconnected(new TurnException("refused"), bench.now);
        bench.drain();

        assertThat(bench.event(TurnEvent.AllocationLost.class).cause()).hasMessage("refused");
    }
}
