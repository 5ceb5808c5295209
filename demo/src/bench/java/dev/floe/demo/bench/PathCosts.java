package dev.floe.demo.bench;

import dev.floe.quic.IcePathHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One datagram's way between QUIC and the socket, through the pipeline of a real connection and through plain Netty's. It
 * ends short of the socket outbound and short of QUIC inbound, so what the two have in common is little.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PathCosts {

    private static final int BATCH = 1_000;
    private static final int FLUSHED_AT_ONCE = 20;
    private static final int BYTES = 1_201;
    private static final int SHORT_HEADER = 0x40;

    private Peers peers;
    private SwappedLink swapped;
    private PlainLink plain;
    private InetSocketAddress base;
    private InetSocketAddress remote;

    @Setup
    public void connect() throws Exception {
        peers = Peers.create();
        swapped = SwappedLink.connect(peers);
        plain = PlainLink.connect(peers, swapped.serverAddress());
        base = swapped.clientPair().base();
        remote = swapped.clientPair().remoteAddress();
        endWays(swapped.client().parent().pipeline(), true);
        endWays(plain.client().parent().pipeline(), false);
    }

    @TearDown
    public void close() {
        swapped.close();
        plain.close();
        peers.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void out() throws InterruptedException {
        write(swapped.client().parent());
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void outPlain() throws InterruptedException {
        write(plain.client().parent());
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void in() throws InterruptedException {
        read(swapped.client().parent());
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void inPlain() throws InterruptedException {
        read(plain.client().parent());
    }

    /** As QUIC does. */
    private static void write(Channel channel) throws InterruptedException {
        channel.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < BATCH; i++) {
                        channel.write(new DatagramPacket(datagram(channel), IcePathHandler.REMOTE_ADDRESS));
                        if ((i + 1) % FLUSHED_AT_ONCE == 0) {
                            channel.flush();
                        }
                    }
                })
                .sync();
    }

    /** As the socket does. */
    private void read(Channel channel) throws InterruptedException {
        channel.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < BATCH; i++) {
                        channel.pipeline().fireChannelRead(new DatagramPacket(datagram(channel), base, remote));
                    }
                })
                .sync();
    }

    private static ByteBuf datagram(Channel channel) {
        return channel.alloc().directBuffer(BYTES).setByte(0, SHORT_HEADER).writerIndex(BYTES);
    }

    private static void endWays(ChannelPipeline pipeline, boolean isSwapped) throws InterruptedException {
        pipeline.channel()
                .eventLoop()
                .submit(() -> {
                    if (isSwapped) {
                        pipeline.addAfter(pipeline.context(IcePathHandler.class).name(), null, new QuicEnd());
                    } else {
                        pipeline.addFirst(new QuicEnd());
                    }
                    pipeline.addFirst(new SocketEnd());
                })
                .sync();
    }

    private static boolean isOurs(Object message) {
        return message instanceof DatagramPacket packet && packet.content().readableBytes() == BYTES;
    }

    /** Takes what would go to QUIC. */
    private static final class QuicEnd extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (isOurs(message)) {
                ((DatagramPacket) message).release();
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }

    /** Takes what would go to the socket. */
    private static final class SocketEnd extends ChannelOutboundHandlerAdapter {

        private final Queue<ChannelPromise> written = new ArrayDeque<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (isOurs(message)) {
                ((DatagramPacket) message).release();
                written.add(promise);
            } else {
                ctx.write(message, promise);
            }
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            for (ChannelPromise next = written.poll(); next != null; next = written.poll()) {
                next.setSuccess();
            }
            ctx.flush();
        }
    }
}
