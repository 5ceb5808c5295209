package dev.floe.demo.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers on epoll's channels, whose packets the kernel cuts into datagrams. */
class EpollLoopbackTest {

    private static final int BYTES = 4 << 20;
    private static final PeerIdentity IDENTITY = PeerIdentity.generate();

    private final CompletableFuture<Integer> received = new CompletableFuture<>();
    private EventLoopGroup group;

    @BeforeEach
    void start() {
        assumeTrue(
                Epoll.isAvailable() && EpollDatagramChannel.isSegmentedDatagramPacketSupported(), "epoll, UDP_SEGMENT");
        group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    }

    @AfterEach
    void stop() {
        if (group != null) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void segmentsGoOverAPathOfTheChannelsOwn() throws Exception {
        Segments segments = transfer(config -> config);

        assertThat(segments.count).isPositive();
    }

    /** TURN over TCP, whose connection has to be one of epoll's as well. */
    @Test
    void relayGetsDatagrams() throws Exception {
        try (Coturn coturn = Coturn.start()) {
            TurnServer relay = new TurnServer(coturn.address(), TurnTransport.TCP, Coturn.USERNAME, Coturn.PASSWORD);

            Segments segments = transfer(config -> config.turnServers(List.of(relay))
                    .ice(settings -> settings.addressPolicy(AddressPolicy.RELAY_ONLY)));

            assertThat(segments.count).isZero();
        }
    }

    private Segments transfer(UnaryOperator<PeerConfig.Builder> settings) throws Exception {
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        Future<QuicChannel> server = PeerConnection.offer(config(settings), local -> exchange(local, offer, answer));
        Future<QuicChannel> client = PeerConnection.answer(config(settings), local -> exchange(local, answer, offer));
        QuicChannel sender = client.get(15, TimeUnit.SECONDS);
        Segments segments = new Segments();
        sender.parent().pipeline().addFirst(segments);

        sender.createStream(QuicStreamType.UNIDIRECTIONAL, new Counter(new CompletableFuture<>()))
                .get(5, TimeUnit.SECONDS)
                .writeAndFlush(Unpooled.directBuffer(BYTES).writeZero(BYTES));

        assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(BYTES);
        sender.close().sync();
        server.getNow().close().sync();
        return segments;
    }

    private PeerConfig config(UnaryOperator<PeerConfig.Builder> settings) {
        return settings.apply(PeerConfig.builder(group, IDENTITY)
                        .channel(EpollDatagramChannel.class)
                        .streamHandler(() -> new Counter(received)))
                .build();
    }

    private static Future<IceDescription> exchange(
            IceDescription local, Promise<IceDescription> ours, Promise<IceDescription> theirs) {
        ours.setSuccess(local);
        return theirs;
    }

    /** Counts what leaves by the socket and is to be cut. */
    private static final class Segments extends ChannelOutboundHandlerAdapter {
        private volatile int count;

        @SuppressWarnings("NonAtomicVolatileUpdate")
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof SegmentedDatagramPacket) {
                count++;
            }
            ctx.write(message, promise);
        }
    }

    private static final class Counter extends SimpleChannelInboundHandler<ByteBuf> {
        private final CompletableFuture<Integer> all;
        private int bytes;

        Counter(CompletableFuture<Integer> all) {
            this.all = all;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
            bytes += content.readableBytes();
            if (bytes >= BYTES) {
                all.complete(bytes);
            }
        }
    }
}
