package dev.floe.demo.lab;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * Keeps what has come to a channel until it has been under way for long enough. It is the receiver's side that waits, so
 * that what was sent arrives even if its sender has closed its socket meanwhile.
 */
final class SimulatedLink extends ChannelInboundHandlerAdapter {

    /** As a router does: what would be one more is lost. */
    private static final int MAX_UNDER_WAY = 1 << 14;

    private final SimulatedInternet internet;
    private final double loss;
    private final SplittableRandom random;
    private final Queue<UnderWay> underWay = new ArrayDeque<>();
    private Future<?> delivery;

    private record UnderWay(Object datagram, long dueNanos) {}

    SimulatedLink(SimulatedInternet internet, double loss, SplittableRandom random) {
        this.internet = internet;
        this.loss = loss;
        this.random = random;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object datagram) {
        boolean isLost = loss > 0 && random.nextDouble() < loss;
        if (isLost || underWay.size() == MAX_UNDER_WAY) {
            ReferenceCountUtil.release(datagram);
        } else if (internet.delayNanos() == 0) {
            ctx.fireChannelRead(datagram);
        } else {
            underWay.add(new UnderWay(datagram, System.nanoTime() + internet.delayNanos()));
            if (delivery == null) {
                schedule(ctx);
            }
        }
    }

    /** What is under way is read when it arrives. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (internet.delayNanos() == 0) {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (delivery != null) {
            delivery.cancel(false);
        }
        loseAll();
    }

    private void schedule(ChannelHandlerContext ctx) {
        if (internet.isClosed()) {
            loseAll();
            return;
        }
        long nanos = underWay.element().dueNanos - System.nanoTime();
        delivery = internet.schedule(() -> deliver(ctx), ctx.channel().eventLoop(), nanos);
    }

    private void deliver(ChannelHandlerContext ctx) {
        delivery = null;
        while (!underWay.isEmpty() && underWay.element().dueNanos - System.nanoTime() <= 0) {
            ctx.fireChannelRead(underWay.remove().datagram);
        }
        ctx.fireChannelReadComplete();
        if (!underWay.isEmpty() && delivery == null) {
            schedule(ctx);
        }
    }

    private void loseAll() {
        underWay.forEach(each -> ReferenceCountUtil.release(each.datagram));
        underWay.clear();
    }
}
