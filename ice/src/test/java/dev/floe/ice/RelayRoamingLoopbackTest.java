package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunCodec;
import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnEvent;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions on a real coturn that has mobility, whose clients move, and that is killed and started anew. */
@Timeout(90)
class RelayRoamingLoopbackTest {

    private static Coturn coturn;

    private final EventLoopGroup group = NioLoops.create(1);
    private final FakeNetwork network = FakeNetwork.of("127.0.0.1");
    private final NetworkWatch watch = new NetworkWatch(network);

    @BeforeAll
    static void start() {
        coturn = Coturn.start("--mobility");
    }

    @AfterAll
    static void kill() {
        if (coturn != null) {
            coturn.close();
        }
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Over UDP: over TCP coturn answers what follows with bytes that are no STUN, and the relay is replaced. */
    @Test
    void relayStaysWhenItsClientMoves() throws Exception {
        Peer peer = new Peer(config(IceRole.CONTROLLING, TurnTransport.UDP).build());
        IceDescription before = peer.gather();

        network.become("127.0.2.1");
        peer.await(event -> event instanceof IceEvent.NetworkChanged);
        peer.await(event -> event instanceof TurnEvent.AllocationMoved);

        assertThat(peer.relayed(get(group.submit(peer.handler::localDescription))))
                .isEqualTo(peer.relayed(before))
                .isNotEmpty();
        assertThat(peer.events).noneMatch(event -> event instanceof TurnEvent.AllocationLost);
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "TCP"})
    void relayThatCannotFollowIsReplacedAtOnceAndTold(TurnTransport transport) throws Exception {
        Peer peer = new Peer(config(IceRole.CONTROLLING, transport)
                .turnConfig(TurnConfig::of)
                .build());
        IceDescription before = peer.gather();

        for (String address : List.of("127.0.2.1", "127.0.3.1", "127.0.4.1")) {
            network.become(address);
            peer.await(event -> event instanceof TurnEvent.AllocationLost);
            peer.await(event -> event instanceof IceEvent.LocalCandidateAdded added
                    && added.candidate().type() == CandidateType.RELAYED);
        }

        assertThat(peer.relayed(get(group.submit(peer.handler::localDescription))))
                .isNotEmpty()
                .doesNotContainAnyElementsOf(peer.relayed(before));
    }

    @Test
    void moveOfTheOtherFamilyLeavesTheRelayAlone() throws Exception {
        Peer peer = new Peer(config(IceRole.CONTROLLING, TurnTransport.TCP)
                .turnConfig(TurnConfig::of)
                .build());
        network.become("127.0.0.1", "fd00::1");
        peer.gather();
        network.become("127.0.0.1", "fd00::2");

        peer.await(event -> event instanceof IceEvent.NetworkChanged);
        network.become("127.0.0.1", "fd00::3");
        peer.await(event -> event instanceof IceEvent.NetworkChanged);
        assertThat(peer.events).noneMatch(event -> event instanceof TurnEvent.AllocationLost);
    }

    @Test
    void serverThatRefusedIsAskedOnceMoreAfterAMove() throws Exception {
        coturn.kill();
        Peer peer = new Peer(config(IceRole.CONTROLLING, TurnTransport.TCP).build());
        peer.handler.gather();
        peer.await(event -> event instanceof TurnEvent.AllocationFailed);
        coturn.restart();

        network.become("127.0.2.1");
        peer.await(event -> event instanceof IceEvent.LocalCandidateAdded added
                && added.candidate().type() == CandidateType.RELAYED);
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "TCP"})
    void serverThatIsKilledAndStartedAnewGivesANewRelayUnderALiveConnection(TurnTransport transport) throws Exception {
        Peer offerer = new Peer(config(IceRole.CONTROLLING, transport).build());
        Peer answerer = new Peer(config(IceRole.CONTROLLED, transport).build());
        offerer.other = answerer.handler;
        answerer.other = offerer.handler;
        IceDescription offer = offerer.gather();
        IceDescription answer = answerer.gather();
        answerer.handler.setRemoteDescription(offer);
        offerer.handler.setRemoteDescription(answer);
        get(offerer.handler.connected());
        get(answerer.handler.connected());
        coturn.kill();
        offerer.handler.suspect();
        answerer.handler.suspect();
        offerer.await(event -> event instanceof IceEvent.PathLost);
        coturn.restart();

        for (Peer peer : List.of(offerer, answerer)) {
            List<Candidate> old = peer.relayed(peer == offerer ? offer : answer);
            peer.await(event -> event instanceof IceEvent.PairNominated nominated
                    && !old.contains(nominated.pair().local()));
            assertThat(peer.events).noneMatch(event -> event instanceof IceEvent.SessionFailed);
        }
    }

    private IceConfig.Builder config(IceRole role, TurnTransport transport) {
        return IceConfig.builder(role)
                .addressPolicy(AddressPolicy.RELAY_ONLY)
                .turnServers(List.of(new TurnServer(coturn.address(), transport, Coturn.USERNAME, Coturn.PASSWORD)));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private final class Peer extends ChannelInboundHandlerAdapter {

        private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        private final IceHandler handler;
        private volatile IceHandler other;

        Peer(IceConfig config) {
            handler = new IceHandler(config, watch);
            Peer recorder = this;
            new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new StunCodec(), handler, recorder);
                        }
                    })
                    .bind(0)
                    .syncUninterruptibly();
        }

        IceDescription gather() throws Exception {
            return get(handler.gather());
        }

        List<Candidate> relayed(IceDescription description) {
            return description.candidates().stream()
                    .filter(candidate -> candidate.type() == CandidateType.RELAYED)
                    .toList();
        }

        void await(Predicate<Object> wanted) throws InterruptedException {
            Object event;
            do {
                event = events.poll(60, TimeUnit.SECONDS);
                assertThat(event).as("the event that is waited for").isNotNull();
            } while (!wanted.test(event));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.LocalCandidateAdded added && other != null) {
                other.addRemoteCandidate(added.candidate());
            }
            events.add(event);
        }
    }
}
