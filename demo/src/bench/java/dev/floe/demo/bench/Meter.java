package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How fast a stream brings data, once the connection has got under way. For one stream. */
@ChannelHandler.Sharable
final class Meter extends SimpleChannelInboundHandler<ByteBuf> {

    private static final long RAMP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1_200);

    private final CompletableFuture<Double> mbitPerSecond = new CompletableFuture<>();
    private long firstNanos;
    private long startNanos;
    private long bytes;

    /** The rate in Mbit/s, when it is known. */
    CompletableFuture<Double> mbitPerSecond() {
        return mbitPerSecond;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
        long now = System.nanoTime();
        if (firstNanos == 0) {
            firstNanos = now;
        } else if (startNanos != 0) {
            bytes += content.readableBytes();
            if (now - startNanos >= WINDOW_NANOS) {
                mbitPerSecond.complete(bytes * 8 * 1e3 / (now - startNanos));
            }
        } else if (now - firstNanos >= RAMP_NANOS) {
            startNanos = now;
        }
    }
}
