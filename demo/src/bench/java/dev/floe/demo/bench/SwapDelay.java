package dev.floe.demo.bench;

import dev.floe.ice.IceEvent;
import dev.floe.quic.SwapEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Tells the handlers behind it late what ICE has found, so that the swap comes late too, while datagrams pass at once;
 * and notes when the swap came and what had been held until then.
 */
final class SwapDelay extends ChannelInboundHandlerAdapter {

    private final int delayMillis;
    private volatile long swappedNanos;
    private volatile int replayed;

    SwapDelay(int delayMillis) {
        this.delayMillis = delayMillis;
    }

    /** When the swap came, by {@link System#nanoTime}. */
    long swappedNanos() {
        return swappedNanos;
    }

    /** How many datagrams had come before the swap. */
    int replayed() {
        return replayed;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SwapEvent swap) {
            swappedNanos = System.nanoTime();
            replayed = swap.replayed();
        }
        if (event instanceof IceEvent && delayMillis > 0) {
            ctx.executor().schedule(() -> ctx.fireUserEventTriggered(event), delayMillis, TimeUnit.MILLISECONDS);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }
}
