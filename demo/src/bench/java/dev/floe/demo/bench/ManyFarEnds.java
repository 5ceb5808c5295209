package dev.floe.demo.bench;

import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers whatever {@link ManyPort} offers, each answer from a socket of its own, and times echoes when it is told to. */
final class ManyFarEnds {

    private static final int BYTES = 100;
    private static final int MAX_SAMPLES = 1 << 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final PeerConfig config = PeerConfig.builder(group, PeerIdentity.generate())
            .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build();
    private final Queue<QuicChannel> connections = new ConcurrentLinkedQueue<>();
    private final long[] latencies = new long[MAX_SAMPLES];
    private final AtomicInteger samples = new AtomicInteger();
    private volatile boolean isCounting;

    private ManyFarEnds() {}

    public static void main(String[] args) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))) {
            new ManyFarEnds().obey(socket);
        }
        System.exit(0);
    }

    private void obey(Socket socket) throws Exception {
        socket.setTcpNoDelay(true);
        PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
        BufferedReader in = TextSignaling.reader(socket);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line) {
                case "talk" -> connections.forEach(this::talk);
                case "count" -> isCounting = true;
                case "stop" -> tell(out);
                default -> answer(line.split(" ", 2), out);
            }
        }
    }

    private void answer(String[] numberAndOffer, PrintWriter out) {
        Future<IceDescription> offer =
                ImmediateEventExecutor.INSTANCE.newSucceededFuture(TextSignaling.fromText(numberAndOffer[1]));
        PeerConnection.answer(config, local -> {
                    out.println(numberAndOffer[0] + " " + TextSignaling.toText(local));
                    return offer;
                })
                .addListener((Future<QuicChannel> answered) -> {
                    if (answered.isSuccess()) {
                        connections.add(answered.getNow());
                        answered.getNow().closeFuture().addListener(closed -> connections.remove(answered.getNow()));
                    } else {
                        answered.cause().printStackTrace();
                    }
                });
    }

    /** Every second, from a moment on that is its own. */
    private void talk(QuicChannel connection) {
        connection.createStream(QuicStreamType.BIDIRECTIONAL, new Echoes()).addListener(created -> {
            QuicStreamChannel stream = (QuicStreamChannel) created.getNow();
            connection
                    .eventLoop()
                    .scheduleAtFixedRate(
                            () -> say(stream),
                            ThreadLocalRandom.current().nextInt(1_000_000),
                            1_000_000,
                            TimeUnit.MICROSECONDS);
        });
    }

    private static void say(QuicStreamChannel stream) {
        stream.writeAndFlush(stream.alloc()
                .directBuffer(BYTES)
                .writeLong(System.nanoTime())
                .writeZero(BYTES - Long.BYTES));
    }

    private void tell(PrintWriter out) {
        isCounting = false;
        long[] sorted = Arrays.copyOf(latencies, Math.min(samples.get(), MAX_SAMPLES));
        Arrays.sort(sorted);
        out.println("echoes=" + sorted.length);
        if (sorted.length > 0) {
            out.println("p50=" + sorted[sorted.length / 2] / 1e6);
            out.println("p99=" + sorted[(int) (sorted.length * 0.99)] / 1e6);
        }
        out.println();
    }

    private final class Echoes extends SimpleChannelInboundHandler<ByteBuf> {
        private int bytes;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
            if (bytes == 0 && content.readableBytes() >= Long.BYTES && isCounting) {
                int sample = samples.getAndIncrement();
                if (sample < MAX_SAMPLES) {
                    latencies[sample] = System.nanoTime() - content.getLong(content.readerIndex());
                }
            }
            bytes = (bytes + content.readableBytes()) % BYTES;
        }
    }
}
