package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunCodec;
import dev.floe.stun.turn.TurnClientHandler;
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
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two peers with a real coturn between them. */
@Timeout(60)
class RelayLoopbackTest {

    private static Coturn coturn;

    private final EventLoopGroup group = NioLoops.create(1);
    private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();
    private final Queue<IceEvent> events = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() {
        coturn = Coturn.start();
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

    @ParameterizedTest
    @EnumSource(
            value = TurnTransport.class,
            names = {"UDP", "TCP"})
    void peersWithRelaysAloneConnectThroughThem(TurnTransport transport) throws Exception {
        IceHandler offerer = bind(relayOnly(IceRole.CONTROLLING, transport));
        IceHandler answerer = bind(relayOnly(IceRole.CONTROLLED, transport));
        IceDescription offer = get(offerer.gather());
        IceDescription answer = get(answerer.gather());
        answerer.setRemoteDescription(offer);
        offerer.setRemoteDescription(answer);

        for (IceHandler peer : List.of(offerer, answerer)) {
            CandidatePair pair = get(peer.connected());
            assertThat(pair.local().type()).isEqualTo(CandidateType.RELAYED);
            assertThat(pair.remote().type()).isEqualTo(CandidateType.RELAYED);
        }
        assertThat(offer.candidates()).extracting(Candidate::type).containsOnly(CandidateType.RELAYED);
        assertThat(offer.candidates())
                .allMatch(candidate -> candidate.relatedAddress().getPort() == 9);
    }

    @Test
    void peersThatSeeEachOtherLeaveTheRelay() throws Exception {
        IceHandler offerer =
                bind(withRelay(IceRole.CONTROLLING, TurnTransport.UDP).build());
        IceHandler answerer =
                bind(withRelay(IceRole.CONTROLLED, TurnTransport.UDP).build());
        IceDescription offer = get(offerer.gather());
        IceDescription answer = get(answerer.gather());
        answerer.setRemoteDescription(offer);
        offerer.setRemoteDescription(answer);

        get(offerer.connected());
        assertThat(offer.candidates()).extracting(Candidate::type).contains(CandidateType.HOST, CandidateType.RELAYED);
        awaitDirect(offerer);
        awaitDirect(answerer);
    }

    @Test
    void turnServerThatIsNotThereIsAnEventAndNoHang() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), silent.getLocalPort());
            IceHandler handler = bind(IceConfig.builder(IceRole.CONTROLLING)
                    .gatherTimeout(Duration.ofMillis(300))
                    .turnServers(List.of(
                            new TurnServer(nobody, TurnTransport.UDP, "a", "b"),
                            new TurnServer(nobody, TurnTransport.TCP, "a", "b"),
                            new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, "wrong")))
                    .build());

            assertThat(get(handler.gather()).candidates())
                    .extracting(Candidate::type)
                    .doesNotContain(CandidateType.RELAYED);
            assertThat(events)
                    .filteredOn(event -> event instanceof IceEvent.ServerFailed)
                    .anySatisfy(event ->
                            assertThat(((IceEvent.ServerFailed) event).reason()).contains("401"));
        }
    }

    @Test
    void handlerThatLeavesTakesItsTurnClientsWithIt() throws Exception {
        IceHandler handler =
                bind(withRelay(IceRole.CONTROLLING, TurnTransport.UDP).build());
        get(handler.gather());
        Channel channel = channels.remove();
        assertThat(channel.pipeline().get(TurnClientHandler.class)).isNotNull();

        channel.eventLoop().submit(() -> channel.pipeline().remove(handler)).sync();

        assertThat(channel.pipeline().get(TurnClientHandler.class)).isNull();
        assertThat(channel.isOpen()).isTrue();
    }

    private IceHandler bind(IceConfig config) {
        IceHandler handler = new IceHandler(config);
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), handler, new Recorder());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        channels.add(channel);
        return handler;
    }

    private void awaitDirect(IceHandler handler) throws Exception {
        while (group.submit(() -> handler.selectedPair().orElseThrow().isRelayed())
                .get(10, TimeUnit.SECONDS)) {
            Thread.onSpinWait();
        }
    }

    private static IceConfig relayOnly(IceRole role, TurnTransport transport) {
        return withRelay(role, transport)
                .addressPolicy(AddressPolicy.RELAY_ONLY)
                .build();
    }

    private static IceConfig.Builder withRelay(IceRole role, TurnTransport transport) {
        return IceConfig.builder(role)
                .turnServers(List.of(new TurnServer(coturn.address(), transport, Coturn.USERNAME, Coturn.PASSWORD)));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent iceEvent) {
                events.add(iceEvent);
            }
        }
    }
}
