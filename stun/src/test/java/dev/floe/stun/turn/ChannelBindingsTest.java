package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute.ChannelNumber;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 8656, sections 12 and 13. */
class ChannelBindingsTest {
    private static final InetSocketAddress OTHER = new InetSocketAddress("203.0.113.2", 4000);

    private final SessionBench bench = new SessionBench().allocated();

    @Test
    void firstDataBindsAChannelAndTheNextGoesOnIt() {
        assertThat(bench.channel(PEER)).isZero();
        StunMessage request = bench.take(StunMethod.CHANNEL_BIND);
        assertThat(request.find(ChannelNumber.class)).contains(new ChannelNumber(0x4000));
        assertThat(request.find(XorPeerAddress.class)).contains(new XorPeerAddress(PEER));
        assertThat(bench.channel(PEER)).isZero();
        assertThat(bench.sent).isEmpty();
        bench.grant(request);

        assertThat(bench.channel(PEER)).isEqualTo(0x4000);
        assertThat(bench.session.channelFor(PEER, false, bench.now)).isEqualTo(0x4000);
    }

    @Test
    void whatIsNotWorthAChannelBindsNone() {
        assertThat(bench.session.channelFor(PEER, false, bench.now)).isZero();
        bench.drain();
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void eachPeerHasAChannelOfItsOwnByAddressAndPort() {
        bind(PEER);
        bind(OTHER);
        InetSocketAddress samePeer = new InetSocketAddress(PEER.getAddress(), 4001);
        bind(samePeer);

        assertThat(bench.channel(PEER)).isEqualTo(0x4000);
        assertThat(bench.channel(OTHER)).isEqualTo(0x4001);
        assertThat(bench.channel(samePeer)).isEqualTo(0x4002);
        assertThat(bench.session.peerOf(0x4001)).isEqualTo(OTHER);
        assertThat(bench.session.peerOf(0x4003)).isNull();
        assertThat(bench.session.peerOf(0)).isNull();
    }

    @Test
    void dataMayOvertakeTheAnswer() {
        bench.channel(PEER);
        assertThat(bench.session.peerOf(0x4000)).isEqualTo(PEER);
    }

    @Test
    void channelInUseIsBoundAgainBeforeItsTenMinutesAreOver() {
        bind(PEER);
        for (int i = 0; i < 3; i++) {
            bench.channel(PEER);
            pass(Duration.ofSeconds(539));
            assertThat(bench.sentMethods()).doesNotContain(StunMethod.CHANNEL_BIND);
            bench.pass(Duration.ofSeconds(1));
            StunMessage request = bench.take(StunMethod.CHANNEL_BIND);
            assertThat(request.find(ChannelNumber.class)).contains(new ChannelNumber(0x4000));
            assertThat(bench.channel(PEER)).isEqualTo(0x4000);
            bench.grant(request);
        }
    }

    @Test
    void channelThatOnlyReceivesIsInUseToo() {
        bind(PEER);
        assertThat(bench.session.peerOf(0x4000)).isEqualTo(PEER);
        pass(Duration.ofMinutes(9));

        bench.take(StunMethod.CHANNEL_BIND);
    }

    @Test
    void unusedChannelExpiresAndItsNumberRestsForFiveMinutes() {
        bind(PEER);
        pass(Duration.ofSeconds(599));
        assertThat(bench.session.channelFor(PEER, false, bench.now)).isEqualTo(0x4000);
        pass(Duration.ofSeconds(1));
        assertThat(bench.session.channelFor(PEER, false, bench.now)).isZero();

        bind(OTHER);
        assertThat(bench.channel(OTHER)).isEqualTo(0x4001);
        assertThat(bench.channel(PEER)).isZero();
        assertThat(bench.take(StunMethod.CHANNEL_BIND).find(ChannelNumber.class))
                .contains(new ChannelNumber(0x4000));
    }

    @Test
    void allNumbersServeInTurnAndNoneTooSoon() {
        for (int round = 0; round < 5000; round++) {
            InetSocketAddress peer = new InetSocketAddress("203.0.113.3", 1 + round);
            bench.channel(peer);
            StunMessage request = bench.take(StunMethod.CHANNEL_BIND);
            int number = request.find(ChannelNumber.class).orElseThrow().number();
            assertThat(number).isEqualTo(0x4000 + round % 0x1000);
            bench.grant(request);
            if (round % 200 == 199) {
                pass(Duration.ofMinutes(15));
            }
        }
    }

    @Test
    void peersBeyondTheBoundAreServedWithoutAChannel() {
        for (int i = 0; i < 300; i++) {
            bench.channel(new InetSocketAddress("203.0.113.3", 1 + i));
        }

        assertThat(bench.sentMethods().stream().filter(StunMethod.CHANNEL_BIND::equals))
                .hasSize(256);
    }

    @Test
    void whatTheServerStillSendsOnAChannelIsTakenWhileItsNumberRests() {
        bind(PEER);
        bench.channel(PEER);
        pass(Duration.ofMinutes(9));
        bench.refuse(bench.take(StunMethod.CHANNEL_BIND), 500);
        assertThat(bench.channel(PEER)).isZero();
        assertThat(bench.session.peerOf(0x4000)).isEqualTo(PEER);
        pass(Duration.ofMinutes(5));

        assertThat(bench.session.peerOf(0x4000)).isNull();
    }

    @Test
    void refusedChannelIsNotAskedForAgainForFiveMinutes() {
        bench.channel(PEER);
        bench.refuse(bench.take(StunMethod.CHANNEL_BIND), 403);
        pass(Duration.ofSeconds(299));
        assertThat(bench.channel(PEER)).isZero();
        assertThat(bench.sentMethods()).doesNotContain(StunMethod.CHANNEL_BIND);
        pass(Duration.ofSeconds(1));
        bench.channel(PEER);

        assertThat(bench.take(StunMethod.CHANNEL_BIND).find(ChannelNumber.class))
                .contains(new ChannelNumber(0x4001));
    }

    @Test
    void unansweredChannelMakesTheAllocationLookedAfter() {
        bench.channel(PEER);
        pass(Duration.ofSeconds(39));
        bench.sent.clear();
        bench.pass(Duration.ofSeconds(1));

        bench.take(StunMethod.REFRESH);
    }

    @Test
    void allocationThatIsGoneShowsInAChannel() {
        bench.channel(PEER);
        bench.refuse(bench.take(StunMethod.CHANNEL_BIND), 437);

        bench.event(TurnEvent.AllocationLost.class);
    }

    private void bind(InetSocketAddress peer) {
        bench.channel(peer);
        bench.grant(bench.take(StunMethod.CHANNEL_BIND));
    }

    /** Lets time pass, with the allocation refreshed. */
    private void pass(Duration time) {
        for (long left = time.toSeconds(); left > 0; left--) {
            bench.pass(Duration.ofSeconds(1));
            bench.sent.stream()
                    .filter(message -> message.method().equals(StunMethod.REFRESH))
                    .toList()
                    .forEach(bench::grant);
            bench.sent.removeIf(message -> !message.method().equals(StunMethod.CHANNEL_BIND));
        }
    }
}
