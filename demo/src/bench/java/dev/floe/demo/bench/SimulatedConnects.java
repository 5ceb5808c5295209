package dev.floe.demo.bench;

import dev.floe.demo.bench.Moments.Step;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.SimulatedHost;
import dev.floe.demo.lab.SimulatedInternet;
import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerSessions;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Connects two peers, each behind a NAT of its own, over a simulated internet. Signaling takes half a round trip each way
 * and carries a description with all its candidates, so both sides are signaled at about the same time.
 */
final class SimulatedConnects implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 10;

    private final Duration roundTrip;
    private final Peers peers = Peers.create();
    private final SimulatedInternet internet;
    private final InetSocketAddress stun;

    /**
     * How the client goes about it.
     *
     * @param isEarlyStart whether it starts on the first authenticated pair
     * @param isEarlyData whether it speaks before the handshake is complete
     * @param client its sessions, or null
     * @param server those of the server, or null
     */
    record Way(boolean isEarlyStart, boolean isEarlyData, PeerSessions client, PeerSessions server) {
        static Way full(boolean isEarlyStart) {
            return new Way(isEarlyStart, false, null, null);
        }
    }

    /**
     * One connection.
     *
     * @param cpuNanos what both event loops have taken for it
     */
    record Outcome(Moments client, Moments server, long cpuNanos) {

        /** How long after the later side's {@link Step#SIGNALED} a side took a step, in milliseconds. */
        double millis(Moments side, Step step) {
            double signaled = Math.max(client.at(Step.SIGNALED), server.at(Step.SIGNALED));
            return (side.at(step) - signaled) / 1e6;
        }
    }

    SimulatedConnects(Duration roundTrip) {
        this.roundTrip = roundTrip;
        internet = new SimulatedInternet(roundTrip);
        stun = internet.stunServer(peers.serverLoop());
    }

    /** What one datagram takes there and back, in milliseconds. */
    double bareRoundTripMillis() throws InterruptedException {
        return BareEcho.millis(internet, peers);
    }

    Outcome connect(NatKind kind, Way way) throws Exception {
        Moments atServer = new Moments();
        Moments atClient = new Moments();
        PeerConfig.Builder offering = PeerConfig.builder(peers.serverLoop(), peers.serverIdentity())
                .streamHandler(() -> hearing(atServer));
        PeerConfig.Builder answering = PeerConfig.builder(peers.clientLoop(), peers.clientIdentity())
                .earlyStart(way.isEarlyStart);
        if (way.server != null) {
            offering.sessions(way.server).earlyStreamHandler(() -> hearing(atServer));
            answering.sessions(way.client);
        }
        if (way.isEarlyData) {
            answering.earlyData(SimulatedConnects::speak);
        }
        Promise<IceDescription> offer = GlobalEventExecutor.INSTANCE.newPromise();
        Promise<IceDescription> answer = GlobalEventExecutor.INSTANCE.newPromise();
        long cpuBefore = peers.cpuNanos();
        Future<QuicChannel> server =
                PeerConnection.offer(at(internet.host(kind), offering, atServer), local -> exchange(local, offer, answer));
        Future<QuicChannel> client = PeerConnection.answer(
                at(internet.host(kind), answering, atClient), local -> exchange(local, answer, offer));
        server.addListener(done -> atServer.note(Step.CONNECTED));
        client.addListener((Future<QuicChannel> done) -> {
            atClient.note(Step.CONNECTED);
            if (done.isSuccess() && !way.isEarlyData) {
                speak(done.getNow());
            }
        });
        QuicChannel clients = client.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        QuicChannel servers = server.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        long cpuNanos = peers.cpuNanos() - cpuBefore;
        close(clients, servers);
        return new Outcome(atClient, atServer, cpuNanos);
    }

    @Override
    public void close() {
        peers.close();
        internet.close();
    }

    private PeerConfig at(SimulatedHost host, PeerConfig.Builder config, ChannelHandler observer) {
        return config.bindAddress(host.bindAddress())
                .stunServers(List.of(stun))
                .ice(settings -> settings.socketInitializer(host::attach))
                .observer(observer)
                .build();
    }

    private Future<IceDescription> exchange(
            IceDescription local, Promise<IceDescription> ours, Promise<IceDescription> theirs) {
        GlobalEventExecutor.INSTANCE.schedule(
                () -> ours.setSuccess(local), roundTrip.toNanos() / 2, TimeUnit.NANOSECONDS);
        return theirs;
    }

    private static void speak(QuicChannel connection) {
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .addListener((Future<QuicStreamChannel> opened) ->
                        opened.getNow().writeAndFlush(Unpooled.wrappedBuffer(new byte[1])));
    }

    private static ChannelHandler hearing(Moments moments) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                moments.note(Step.HEARD);
                ctx.writeAndFlush(message);
            }
        };
    }

    /** The server has heard the client by then, and the client has what the server leaves for the next connection. */
    private static void close(QuicChannel client, QuicChannel server) throws Exception {
        CompletableFuture<Void> echoed = new CompletableFuture<>();
        client.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
                    }

                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ctx.fireChannelRead(message);
                        echoed.complete(null);
                    }
                });
        echoed.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        client.close();
        if (!server.closeFuture().await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a connection took more than " + TIMEOUT_SECONDS + " s to close");
        }
    }
}
