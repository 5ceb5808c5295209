package dev.floe.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the path layer sees that gives reason to doubt the path: QUIC hears nothing any more, or nothing can be sent. ICE is
 * told, and judges. Costs one timer and no more, however many datagrams pass.
 */
final class PathDoubts {

    private static final double LOOKS_PER_SECOND = 4;

    private final IcePaths ice;
    private final LongSupplier nanoTime;
    private final SilenceWatch silence;
    private final Allowance looks;
    private final GenericFutureListener<Future<? super Void>> writeListener = this::written;
    private ChannelHandlerContext ctx;
    private Runnable onLook;
    private Future<?> timer;
    private boolean isConfirmed;
    private boolean isWriteWatched;
    private long suspicions;
    private long failedWrites;

    PathDoubts(IcePaths ice, LongSupplier nanoTime) {
        this.ice = ice;
        this.nanoTime = nanoTime;
        silence = new SilenceWatch(nanoTime.getAsLong());
        looks = new Allowance(1, LOOKS_PER_SECOND, nanoTime);
    }

    /** @param onLook runs a moment after each datagram that nothing of the kind has come shortly before */
    void start(ChannelHandlerContext ctx, Runnable onLook) {
        this.ctx = ctx;
        this.onLook = onLook;
    }

    /** Nothing is doubted any more, and no timer left. */
    void stop() {
        ctx = null;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** From now on whoever is spoken to answers: during the handshake a side may take its time. */
    void confirmed() {
        isConfirmed = true;
    }

    void roundTrip(Duration rtt) {
        silence.roundTrip(rtt);
    }

    /** The path is another one. */
    void moved() {
        silence.moved();
    }

    /** QUIC hears something. */
    void heard(long nowNanos) {
        silence.heard(nowNanos);
        watch();
    }

    /**
     * QUIC sends something.
     *
     * @return the promise to write it with
     */
    ChannelPromise sent(int bytes, ChannelPromise promise) {
        if (!silence.isAwaiting()) {
            silence.sent(bytes, nanoTime.getAsLong());
            watch();
        }
        if (isWriteWatched) {
            return promise;
        }
        // One write at a time is enough to learn that nothing can be sent.
        isWriteWatched = true;
        return (promise.isVoid() ? ctx.newPromise() : promise).addListener(writeListener);
    }

    long suspicions() {
        return suspicions;
    }

    long failedWrites() {
        return failedWrites;
    }

    private void written(Future<? super Void> write) {
        isWriteWatched = false;
        boolean isNetwork = write.cause() instanceof IOException && !(write.cause() instanceof ClosedChannelException);
        if (isNetwork && ctx != null && looks.takes(1)) {
            failedWrites++;
            ice.networkChanged();
            ice.suspect();
        }
    }

    private void watch() {
        if (timer == null && ctx != null) {
            timer = ctx.executor().schedule(this::look, silence.delayNanos(nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        timer = null;
        onLook.run();
        if (silence.isSuspicious(nanoTime.getAsLong()) && isConfirmed) {
            suspicions++;
            ice.suspect();
        }
        if (!silence.isIdle()) {
            watch();
        }
    }
}
