package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunCodec;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnClientHandler;
import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnEvent;
import dev.floe.stun.turn.TurnException;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import dev.floe.testing.NioLoops;
import dev.floe.testing.SelfSigned;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.Future;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two peers with a real coturn between them. */
@Timeout(60)
class RelayLoopbackTest {

    private static Coturn coturn;

    private final EventLoopGroup group = NioLoops.create(1);
    private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<IceEvent> events = new LinkedBlockingQueue<>();

    @TempDir
    static Path folder;

    private static SelfSigned certificate;

    @BeforeAll
    static void start() throws Exception {
        certificate = SelfSigned.create(folder, "localhost");
        coturn = Coturn.start("--cert=" + certificate.certificate(), "--pkey=" + certificate.key());
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
    @EnumSource
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
        get(answerer.connected());
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
            String reason = "";
            while (!reason.contains("401")) {
                IceEvent event = events.poll(20, TimeUnit.SECONDS);
                assertThat(event)
                        .as("the event that tells of the wrong password")
                        .isNotNull();
                reason = event instanceof IceEvent.ServerFailed failure ? failure.reason() : "";
            }
        }
    }

    @Test
    void relayThatIsLostIsWithdrawn() throws Exception {
        IceHandler handler =
                bind(withRelay(IceRole.CONTROLLING, TurnTransport.UDP).build());
        IceDescription before = get(handler.gather());
        Channel channel = channels.remove();
        TurnAllocation allocation =
                get(channel.pipeline().get(TurnClientHandler.class).allocate());
        TurnEvent lost = new TurnEvent.AllocationLost(allocation, refusal());
        channel.eventLoop()
                .submit(() ->
                        channel.pipeline().context(TurnClientHandler.class).fireUserEventTriggered(lost))
                .sync();

        assertThat(before.candidates()).extracting(Candidate::type).contains(CandidateType.RELAYED);
        assertThat(get(channel.eventLoop().submit(handler::localDescription)).candidates())
                .extracting(Candidate::type)
                .doesNotContain(CandidateType.RELAYED);
        assertThat(events).anyMatch(event -> event instanceof IceEvent.ServerFailed);
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
        channels.add(bind(new StunCodec(), handler, new Recorder()));
        return handler;
    }

    private Channel bind(ChannelHandler... handlers) {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
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
        InetSocketAddress address = transport == TurnTransport.TLS ? coturn.tlsAddress() : coturn.address();
        return IceConfig.builder(role)
                .turnServers(List.of(new TurnServer(address, transport, Coturn.USERNAME, Coturn.PASSWORD)))
                .turnConfig(
                        server -> TurnConfig.builder(server).sslContext(trust()).build());
    }

    private static SslContext trust() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(certificate.certificate().toFile())
                    .build();
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    private TurnException refusal() throws Exception {
        TurnClientHandler refused =
                new TurnClientHandler(new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, "wrong"));
        bind(refused);
        return (TurnException) refused.allocate().await().cause();
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
