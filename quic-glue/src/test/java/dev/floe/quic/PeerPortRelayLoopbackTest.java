package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ALICE;
import static dev.floe.quic.LoopbackPeers.BOB;
import static dev.floe.quic.LoopbackPeers.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.TrickleExchange;
import dev.floe.stun.turn.TurnClientHandler;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import dev.floe.testing.NioLoops;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers at one port that only a relay leads to, a real coturn. */
@Timeout(60)
class PeerPortRelayLoopbackTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Coturn coturn = Coturn.start();
    private final EventLoopGroup loops = NioLoops.create(2);

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        coturn.close();
    }

    @Test
    void allPeersShareOneAllocationWheneverTheyCome() throws Exception {
        PeerConfig config = PeerConfig.builder(loops, ALICE)
                .streamHandler(Echo::new)
                .turnServers(
                        List.of(new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD)))
                .ice(ice -> ice.addressPolicy(AddressPolicy.RELAY_ONLY))
                .build();
        PeerPort port = PeerPort.bind(config).get(20, TimeUnit.SECONDS);

        List<QuicChannel> servers = new ArrayList<>();
        for (int peer = 0; peer < 3; peer++) {
            InMemoryExchange signaling = new InMemoryExchange();
            Future<QuicChannel> offered = port.offer(signaling::offer);
            QuicChannel client = PeerConnection.answer(
                            PeerConfig.builder(loops, BOB).bindAddress(LOOPBACK).build(), signaling::answer)
                    .get(20, TimeUnit.SECONDS);
            assertThat(ask(client, "Hello " + peer)).isEqualTo("Hello " + peer);
            servers.add(offered.get(20, TimeUnit.SECONDS));
        }

        for (QuicChannel server : servers) {
            assertThat(PeerConnection.of(server).stats().get(10, TimeUnit.SECONDS))
                    .isNotEmpty()
                    .extracting(CandidatePairStats::pair)
                    .allMatch(CandidatePair::isRelayed);
        }
        ChannelPipeline pipeline = servers.get(0).parent().pipeline();
        assertThat(pipeline.toMap().values())
                .filteredOn(TurnClientHandler.class::isInstance)
                .hasSize(1);
        assertThat(port.close().await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void peerAwaitsThePortsRelaysWhateverItsConfigurationNames() throws Exception {
        TurnServer server = new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD);
        PeerConfig config =
                PeerConfig.builder(loops, ALICE).turnServers(List.of(server)).build();
        PeerConfig peer = PeerConfig.builder(loops, ALICE)
                .streamHandler(Echo::new)
                .turnServers(List.of(server, server))
                .ice(ice -> ice.addressPolicy(AddressPolicy.RELAY_ONLY).gatherTimeout(Duration.ofMinutes(1)))
                .build();
        PeerPort port = PeerPort.bind(config).get(20, TimeUnit.SECONDS);
        InMemoryExchange signaling = new InMemoryExchange();

        port.offer(peer, TrickleExchange.half(signaling::offer));
        QuicChannel client = PeerConnection.answer(
                        PeerConfig.builder(loops, BOB).bindAddress(LOOPBACK).build(), signaling::answer)
                .get(20, TimeUnit.SECONDS);

        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(port.close().await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
